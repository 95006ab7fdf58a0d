"""Reading a run's pages again, as they were kept, with today's parser.

Only what the source said is written anew. When an offer was seen, and whether it is still there,
stays as it is: nothing that has gone comes back. A price that is found now has its page's time.
"""

import zlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import asyncpg

from catalog.cars import OfferRow
from scrapers.normalise import Refused, normalise
from scrapers.parsers.pages import Card, Detail, Page, Parser, about, to_draft
from scrapers.runs.rows import Run
from scrapers.sites.archive import reader_of, storable
from scrapers.storing.upsert import SAID, as_given, columns, lock, refresh, save_dealers, transact
from scrapers.vins.decoder import Decoder

BATCH = 100


@dataclass
class Result:
    """How far a reparse is; of `stale` pages something newer is stored."""

    total: int = 0
    pages: int = 0
    changed: int = 0
    unchanged: int = 0
    stale: int = 0
    failed: int = 0
    problems: dict[str, int] = field(default_factory=dict)


@dataclass
class Reparse:
    """Reads the pages of `run` again: the list's first, for what they say of offers."""

    pool: asyncpg.Pool
    run: Run
    parser: Parser
    decoder: Decoder
    result: Result = field(default_factory=Result)

    async def work(self) -> AsyncIterator[Result]:
        """Do it in batches of 100 pages; the result so far after each."""
        self.result.total = await self.pool.fetchval(
            "SELECT count(*) FROM pages WHERE run_id = $1", self.run.id
        )
        for select, read in ((_LISTS, self._read_lists), (_OFFERS, self._read_offers)):
            last = 0
            while batch := await self.pool.fetch(select, self.run.id, last, BATCH):
                await read(batch)
                last = batch[-1]["id"]
                self.result.pages += len(batch)
                yield self.result
        self.result.stale += self.result.total - self.result.pages  # of these a newer copy is kept

    async def _read_lists(self, batch: Sequence[asyncpg.Record]) -> None:
        """Let the kept pages of offers know what today's parser reads of their cards."""
        for row in batch:
            page = self.parser.parse_results(zlib.decompress(row["body"]), row["url"])
            self._note(page.problems)
            await self.pool.execute(
                _CARDS, self.run.id, [storable(card) for card in page.items if card.url]
            )
            await self._remember(row["id"], page)

    async def _read_offers(self, batch: Sequence[asyncpg.Record]) -> None:
        read: list[tuple[OfferRow, datetime]] = []
        for row in batch:
            read_now = self.parser.parse_detail(zlib.decompress(row["body"]), row["url"])
            await self._remember(row["id"], read_now)
            card = Card(**row["card"])
            detail = about(card.values.get("vin"), read_now)
            self._note(detail.problems)
            offer = self._understand(card, detail)
            if offer is None:
                self.result.failed += 1
            else:
                read.append((offer, row["fetched_at"]))
        await self.decoder.complete([offer for offer, _ in read])
        written = await transact(self.pool, lambda connection: self._write(connection, read))
        changed = sum(row["is_changed"] for row in written)
        self.result.changed += changed
        self.result.unchanged += len(written) - changed
        self.result.stale += len(read) - len(written)

    def _understand(self, card: Card, detail: Detail) -> OfferRow | None:
        """The offer; None where its page says nothing of it, or that it is gone."""
        if detail.gone or not detail.values:
            return None
        try:
            return normalise(to_draft(self.run.source, card, detail))
        except Refused as refusal:
            self._note([refusal.code])
            return None

    async def _write(
        self, connection: asyncpg.Connection, read: Sequence[tuple[OfferRow, datetime]]
    ) -> list[asyncpg.Record]:
        await lock(connection, self.run.source)
        dealers = await save_dealers(connection, self.run.source, [offer for offer, _ in read])
        given = [as_given(offer, dealers, at) for offer, at in read]
        written = await connection.fetch(_REWRITE, given, self.run.id)
        keys = [key for row in written if row["is_changed"] for key in (row["old"], row["new"])]
        await refresh(connection, keys)
        at = {row["new"]: row["at"] for row in written if row["is_changed"]}
        await connection.execute(_DATE_PRICES, list(at), list(at.values()))
        return list(written)

    async def _remember(self, number: int, said: Page | Detail) -> None:
        await self.pool.execute(
            "UPDATE pages SET reader = $2, said = $3 WHERE id = $1",
            number,
            reader_of(self.parser),
            storable(said),
        )

    def _note(self, problems: Sequence[str]) -> None:
        for code in problems:
            self.result.problems[code] = self.result.problems.get(code, 0) + 1


_LISTS = """
    SELECT id, url, body FROM pages
    WHERE run_id = $1 AND id > $2 AND external_id IS NULL ORDER BY id LIMIT $3
"""
_OFFERS = """
    SELECT id, url, body, card, fetched_at FROM pages p
    WHERE run_id = $1 AND id > $2 AND external_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM pages newer
        WHERE (newer.source, md5(newer.url)) = (p.source, md5(p.url)) AND newer.id > p.id)
    ORDER BY id LIMIT $3
"""
_CARDS = """
    UPDATE pages p SET card = g.card
    FROM (SELECT card, card ->> 'url' AS url, card ->> 'external_id' AS id
          FROM jsonb_array_elements($2) card) g
    WHERE p.run_id = $1 AND p.source = (SELECT source FROM runs WHERE id = $1)
        AND md5(p.url) = md5(g.url) AND p.external_id = g.id AND p.card <> g.card
"""
# A later run that could only read the card (and left no digest) knows more than the page.
_REWRITE = f"""
    UPDATE offers o SET {columns(f"{name} = g.{name}" for name in SAID)}, problems = g.problems,
        detail_at = coalesce(o.detail_at, g.detail_at), card_digest = g.card_digest,
        changed_at = CASE WHEN ({columns(SAID, "o.")}) IS DISTINCT FROM ({columns(SAID, "g.")})
            THEN now() ELSE o.changed_at END
    FROM jsonb_populate_recordset(NULL::offers, $1) g
    JOIN offers old ON (old.source, old.external_id) = (g.source, g.external_id)
    WHERE o.id = old.id AND (o.run_id = $2 OR o.card_digest IS NOT NULL)
    RETURNING old.listing_key AS old, o.listing_key AS new, g.detail_at AS at,
        ({columns(SAID, "old.")}) IS DISTINCT FROM ({columns(SAID, "o.")}) AS is_changed
"""
# The trigger dates a price with its transaction.
_DATE_PRICES = """
    UPDATE listing_price_history h SET at = g.at
    FROM unnest($1::text[], $2::timestamptz[]) AS g(key, at)
    WHERE h.listing_key = g.key AND h.at = now()
"""
