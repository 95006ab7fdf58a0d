"""A crawl: result pages → details → rows, through bounded queues; nothing holds a whole crawl.

What a run has seen stands in `offers.run_id`, so a killed crawl goes on where it stopped.
"""

import asyncio
from typing import Any

import asyncpg

from scrapers.normalise import Refused, normalise
from scrapers.parsers.pages import Card, Detail, to_draft
from scrapers.runs.departures import Unseen, unseen
from scrapers.runs.drift import Watch
from scrapers.runs.errors import SiteError
from scrapers.runs.rows import Run
from scrapers.sites.route import Route
from scrapers.sites.site import Site
from scrapers.sites.writer import Departure, Failure, Finding, Reading, Sighting, Writer
from scrapers.storing.upsert import Known, known
from scrapers.vins.decoder import Decoder

READERS = 8  # pages under way at once
WAITING = 100  # cards that wait for a reader
NAMELESS = "car/unnamed"  # what is said of a card that only links; its page may say more


class Crawl:
    """One run over one site.

    `stop` ends it early, with everything that was read written; `broken` then or later says what
    kept it from reading the list of offers to its end.
    """

    least = 0.5  # of what was live: the pages of the others are asked for
    tolerated = 0.0  # of the cards: what reads them is ours to mend

    def __init__(
        self,
        pool: asyncpg.Pool,
        run: Run,
        site: Site,
        stop: asyncio.Event,
        progress: dict[str, Any],
        decoder: Decoder,
        watch: Watch,
    ) -> None:
        self.pool, self.run, self.site, self.stop = pool, run, site, stop
        self.watch = watch
        self.broken: SiteError | None = None
        self.cards = 0
        self.unreadable = 0  # those of which not even the id could be read
        self._under_way: set[str] = set()  # read but not yet written: as many as the queues hold
        self._cards: asyncio.Queue[Card | None] = asyncio.Queue(maxsize=WAITING)
        self._writer = Writer(
            pool,
            run,
            site.tally,
            decoder,
            watch,
            site.archive,
            self._under_way.difference_update,
            progress.update,
        )

    async def read(self) -> None:
        """Read the list from its first page on, and the details that are new or changed."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._writer.work())
                readers = [group.create_task(self._read_details()) for _ in range(READERS)]
                await self._read_list(self.site.start_url)
                for _ in readers:
                    await self._cards.put(None)
                await asyncio.wait(readers)
                await self._writer.close()
        except BaseExceptionGroup as group_of_one:
            raise group_of_one.exceptions[0] from None

    async def check_unseen(self) -> None:
        """Ask the page of each offer that the list no longer had, and retire those that are gone.

        A list that is read while cars are sold moves under the reader, who misses some: those
        are still there. An offer whose page cannot be had now keeps its place until the next run;
        one whose address is not the site's any more (the site has moved) is not asked for: gone.
        One without a page is gone when the healthy run before this one had not seen it either.
        """
        async for batch in unseen(self.pool, self.run):
            limit = asyncio.Semaphore(READERS)
            found = await asyncio.gather(*(self._look_for(offer, limit) for offer in batch))
            await self._writer.write([finding for finding in found if finding])
            if self._ending:
                return

    @property
    def _ending(self) -> bool:
        return self.stop.is_set() or self.broken is not None

    async def _read_list(self, url: str) -> None:
        """Follow each page to the next; `broken` when that does not lead to an end."""
        route = Route(url, self.site.has)
        try:
            while (following := route.next()) and not self._ending:
                page = await self.site.results(following)
                self.unreadable += len(page.problems)
                self.cards += len(page.items) + len(page.problems)
                await self._sort(page.items)
                route.extend(following, page)
        except SiteError as error:
            self.broken = self.broken or error

    async def _sort(self, cards: list[Card]) -> None:
        """What the cards of a page need: nothing when this run has them, else a look or a read."""
        fresh = {c.external_id: c for c in cards if c.external_id not in self._under_way}
        stored = await known(self.pool, self.run.source, fresh)
        for external_id, card in fresh.items():
            offer = stored.get(external_id)
            if offer and offer.run_id == self.run.id:
                continue
            self._under_way.add(external_id)
            finding = self._at_once(card, offer)
            if finding is None:
                await self._cards.put(card)
            else:
                await self._writer.put(finding)

    def _at_once(self, card: Card, offer: Known | None) -> Finding | None:
        """What becomes of an offer whose own page need not be read; None where it must be."""
        if card.url is not None and not self.site.has(card.url):
            return Failure(card.external_id, ["link/other_site"])
        if offer and _is_current(offer, card):
            return Sighting(card.external_id)
        finding = self._understand(card, None)
        if isinstance(finding, Failure) and finding.problems != [NAMELESS]:
            return finding
        return None

    async def _read_details(self) -> None:
        while card := await self._cards.get():
            if self._ending:
                continue  # what waits is read when the crawl is taken up again
            try:
                detail = await self._detail(card)
            except SiteError as error:
                self.broken = self.broken or error
            else:
                await self._writer.put(self._understand(card, detail))

    async def _detail(self, card: Card) -> Detail:
        """The offer's own page; or the card, where it is all that there is to say."""
        if card.url is None or card.complete:
            return Detail(values=card.values)
        return await self.site.detail(card.url, card)

    def _understand(self, card: Card, detail: Detail | None) -> Finding:
        """What becomes of an offer; without a readable detail page the card must do."""
        if detail and detail.gone:
            return Departure(card.external_id)
        readable = detail if detail and detail.values else None
        try:
            row = normalise(to_draft(self.run.source, card, readable))
        except Refused as refusal:
            return Failure(card.external_id, [refusal.code])
        return Reading(row, failed=readable is None)

    async def _look_for(self, offer: Unseen, limit: asyncio.Semaphore) -> Finding | None:
        """Whether an offer is still there; None when that cannot be known now."""
        async with limit:
            if self._ending:
                return None
            try:
                there = await self._is_there(offer)
            except SiteError as error:
                self.broken = error
                return None
        if there is None:
            return None
        return Sighting(offer.external_id) if there else Departure(offer.external_id)

    async def _is_there(self, offer: Unseen) -> bool | None:
        if offer.url and not self.site.has(offer.url):
            return False
        if offer.url and self.site.has_offer_pages:
            return await self.site.is_there(offer.url, offer.vin)
        return False if offer.missed_before else None


def _is_current(offer: Known, card: Card) -> bool:
    known_by = card.digest is not None and offer.card_digest == card.digest
    return known_by and offer.detail_at is not None
