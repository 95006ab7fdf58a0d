"""One source's site as its parser sees it: pages of results and details, and their troubles."""

from collections import Counter

from scrapers.fetching.address import site
from scrapers.fetching.answers import (
    NOT_MODIFIED,
    REFUSED,
    Answer,
    BlockedError,
    FetchError,
    SiteAwayError,
    SitePausedError,
)
from scrapers.fetching.fetcher import Fetcher
from scrapers.parsers.pages import OTHER_CAR, Card, Detail, Page, Parser, about
from scrapers.runs.errors import SiteBlockedError, SiteError
from scrapers.runs.rows import Tally
from scrapers.sites.archive import Archive, Copy, detail_way, list_way

READABLE = frozenset({200, NOT_MODIFIED})
GONE = frozenset({404, 410})
NO_OFFER = (["parse/not_our_page"], ["fetch/other_site"], [OTHER_CAR])
PATIENCE = {"unreadable": 20, "refused": 5, "away": 5}
"""Pages in a row that could not be had, and why, after which the site is left alone."""


class Site:
    """Reads pages and counts what it reads, and every trouble, in `tally`.

    `start_url`, the first page of results, says which site it is: no other is to be asked.
    `archive` keeps the pages, and knows those that did not change. `has_offer_pages` says whether
    offers have pages of their own that can be read.
    """

    def __init__(
        self, fetcher: Fetcher, parser: Parser, archive: Archive, tally: Tally, start_url: str
    ) -> None:
        self.fetcher, self.archive, self.tally = fetcher, archive, tally
        self._list, self._offer = list_way(parser), detail_way(parser)
        self.has_offer_pages = getattr(parser, "has_offer_pages", True)
        self.start_url = start_url
        self._strikes: Counter[str] = Counter()

    def has(self, url: str) -> bool:
        """Whether an address has the scheme, host and port of the first page."""
        return site(url) == site(self.start_url)

    async def results(self, url: str) -> Page:
        """A page of results; raises SiteError where there is none."""
        try:
            copy, answer = await self._get(url)
        except FetchError as error:
            self._note(error.code)
            raise SiteError(str(error), passing=isinstance(error, SiteAwayError)) from error
        if answer.status in REFUSED:
            self._note(f"fetch/{answer.status}")
            raise SiteBlockedError(f"{url} answered {answer.status}: the site does not want us.")
        if answer.status not in READABLE:
            self._note(f"fetch/{answer.status}")
            raise SiteError(f"{url} answered {answer.status} where a page of results should be.")
        page = await self.archive.read(self._list, url, answer, copy)
        self._note(*page.problems)
        if not page.is_ours:
            self._check_block(url, answer)
            raise SiteError(
                f"{url} is no page of results ({', '.join(page.problems)}):"
                " it has no car and does not say that there is none."
            )
        return page

    async def detail(self, url: str, card: Card | None = None) -> Detail:
        """An offer's own page; one that cannot be read has problems and no values.

        It is kept with its card. Raises SiteError after 20 such pages in a row, or 5 that the site
        refused or failed, and where it asks for a long pause or blocks us.
        """
        vin = card.values.get("vin") if card else None
        detail, trouble = await self._detail(url, vin, card)
        self._judge(url, detail, None if detail.is_ours else trouble)
        return detail

    async def is_there(self, url: str, vin: str | None = None) -> bool | None:
        """Whether the offer of this page is still there; None when the site does not let us know.

        A page that is no offer's (a sold car's address often leads to a list, to another car or to
        another site) is an answer too. Raises SiteError as `detail` does.
        """
        detail, trouble = await self._detail(url, vin)
        answered = detail.is_ours or detail.problems in NO_OFFER
        self._judge(url, detail, None if answered else trouble)
        return detail.is_ours and not detail.gone if answered else None

    def _judge(self, url: str, detail: Detail, trouble: str | None) -> None:
        """Count pages in a row that could not be had."""
        if trouble is None:
            self._strikes.clear()
            return
        self._note(*detail.problems)
        self._strikes[trouble] += 1
        if self._strikes[trouble] < PATIENCE[trouble]:
            return
        told = (
            f"{PATIENCE[trouble]} pages in a row could not be read, the last was {url}"
            f" ({', '.join(detail.problems)})."
        )
        if trouble == "refused":
            raise SiteBlockedError(f"{told} The site does not want us.")
        raise SiteError(told, passing=True)

    async def _detail(
        self, url: str, vin: str | None, card: Card | None = None
    ) -> tuple[Detail, str]:
        """What an offer's page says of the car with this VIN, and the kind of trouble it is if it
        is not what we want.
        """
        try:
            copy, answer = await self._get(url)
        except FetchError as error:
            away = isinstance(error, SiteAwayError)
            return Detail(problems=[error.code]), "away" if away else "unreadable"
        if answer.status in GONE:
            return Detail(gone=True), "unreadable"
        if answer.status not in READABLE:
            refused = answer.status in REFUSED
            problem = Detail(problems=[f"fetch/{answer.status}"])
            return problem, "refused" if refused else "unreadable"
        detail = about(vin, await self.archive.read(self._offer, url, answer, copy, card))
        if not detail.is_ours:
            self._check_block(url, answer)
        return detail, "unreadable"

    def _check_block(self, url: str, answer: Answer) -> None:
        """Raise SiteBlockedError where what is not our page is a block page."""
        if answer.blocker:
            self._note("fetch/blocked")
            raise SiteBlockedError(str(BlockedError(url, answer.blocker)))

    async def _get(self, url: str) -> tuple[Copy | None, Answer]:
        """The last copy of a page, and what the site answers who has that one."""
        copy = await self.archive.last(url)
        try:
            answer = await self.fetcher.get(url, copy.validators if copy else None)
        except BlockedError as block:
            self._note(block.code)
            raise SiteBlockedError(str(block)) from block
        except SitePausedError as pause:
            self._note(pause.code)
            raise SiteError(str(pause), passing=True, wait=pause.seconds) from pause
        self.tally.pages += 1
        self.tally.bytes += len(answer.body)
        return copy, answer

    def _note(self, *codes: str) -> None:
        self.tally.problems.update(codes)
