"""Loading: a table's rows into the truth, a thousand to a transaction."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import monotonic

import asyncpg

from catalog.cars import OfferRow
from scrapers.feeds.columns import widen
from scrapers.feeds.drafts import Reader
from scrapers.feeds.keys import Keys
from scrapers.feeds.opening import Feed, FeedError
from scrapers.feeds.refusals import Refusals
from scrapers.feeds.tables import Broken, Record, Table
from scrapers.normalise import Refused, normalise
from scrapers.runs import Run, Tally, add
from scrapers.upsert import transact, upsert

BATCH = 1_000


class Stopped(Exception):  # noqa: N818 - what people asked for, not a fault
    """The import was asked to stop; what was committed stays."""


@dataclass
class Progress:
    """What became of the rows whose batches are committed; `line` is the last of them."""

    line: int = 0
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    position: int = 0  # bytes of the file


@dataclass
class _Batch:
    """Rows that were read and wait to be written."""

    offers: list[OfferRow] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    line: int = 0
    position: int = 0
    is_last: bool = False
    failure: FeedError | None = None  # why nothing follows


@dataclass
class Load:
    """One import under way: reads a batch ahead while Postgres writes the one before."""

    pool: asyncpg.Pool
    run: Run
    feed: Feed
    table: Table
    reader: Reader
    keys: Keys
    refusals: Refusals
    should_stop: Callable[[], bool]
    on_progress: Callable[[Progress], None]
    progress: Progress = field(default_factory=Progress)
    _clock: float = field(default_factory=monotonic)
    _width: int = 0

    def __post_init__(self) -> None:
        self._width = len(self.table.columns)

    async def work(self) -> None:
        """Load every row; raises Stopped, or FeedError where the file cannot be read further.

        Either way what was read before is committed.
        """
        records = self.table.records()
        reading = asyncio.create_task(asyncio.to_thread(self._read, records))
        try:
            while True:
                batch = await reading
                if not batch.is_last:
                    reading = asyncio.create_task(asyncio.to_thread(self._read, records))
                await self._write(batch)
                if batch.failure is not None:
                    raise batch.failure
                if batch.is_last:
                    return
                if self.should_stop():
                    raise Stopped
        finally:
            # The thread uses the file and the keys, which the caller is about to close.
            await asyncio.wait([reading])

    def _read(self, records: Iterator[Record]) -> _Batch:
        batch = _Batch()
        try:
            while batch.rows < BATCH:
                record = next(records, None)
                if record is None:
                    batch.is_last = True
                    break
                batch.rows += 1
                batch.line = record.line
                self._take(record, batch)
        except FeedError as error:
            batch.failure, batch.is_last = error, True
        batch.position = self.feed.position
        return batch

    def _take(self, record: Record, batch: _Batch) -> None:
        """Read a record as an offer, or keep it with the reason why it is none."""
        if isinstance(record, Broken):
            batch.refused[record.code] += 1
            self.refusals.add(record, record.code, record.reason)
            return
        if len(record.cells) > self._width:
            widen(self.reader.layout, self.table.columns, self._width)
            self._width = len(record.cells)
        try:
            draft, said = self.reader.read(record.cells)
            draft.external_id = self.keys.key(said)
            batch.offers.append(normalise(draft))
        except Refused as refused:
            batch.refused[refused.code] += 1
            self.refusals.add(record, refused.code, refused.reason)

    async def _write(self, batch: _Batch) -> None:
        """Commit a batch together with its numbers."""
        problems = Counter(code for offer in batch.offers for code in offer.problems)
        now = monotonic()
        tally = Tally(
            items=batch.rows,
            failed=batch.refused.total(),
            bytes=batch.position - self.progress.position,
            seconds=now - self._clock,
            problems=problems + batch.refused,
        )

        async def work(connection: asyncpg.Connection) -> None:
            written = await upsert(connection, self.run.id, batch.offers)
            tally.new, tally.changed = written.new, written.changed
            tally.unchanged = written.unchanged
            await add(connection, self.run, tally)

        await transact(self.pool, work)
        self._clock = now
        self._count(batch, tally)
        self.on_progress(self.progress)

    def _count(self, batch: _Batch, tally: Tally) -> None:
        progress = self.progress
        progress.line = batch.line or progress.line
        progress.position = batch.position
        progress.rows += batch.rows
        progress.new += tally.new
        progress.changed += tally.changed
        progress.unchanged += tally.unchanged
        progress.refused += batch.refused
        progress.problems += tally.problems - batch.refused
