"""Loading: a table's rows into the truth, a thousand to a transaction."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Self

import asyncpg

from catalog.cars import OfferRow
from scrapers.feeds.columns import Layout, widen
from scrapers.feeds.drafts import Reader, is_offered
from scrapers.feeds.keys import Keys
from scrapers.feeds.opening import Feed
from scrapers.feeds.refusals import Refusals
from scrapers.feeds.tables import Broken, Record, Table
from scrapers.normalise import Refused, normalise
from scrapers.normalise.offer import external_id
from scrapers.runs.departures import retire
from scrapers.runs.drift import Shares, Watch
from scrapers.runs.rows import Run, Tally, add
from scrapers.storing.spellings import note
from scrapers.storing.upsert import touch, transact, upsert
from scrapers.vins.decoder import Decoder

BATCH = 1_000
PAUSE = 1.0  # seconds that a row waits at most for others


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
    nameless: int = 0  # of the refused: those without a key
    unavailable: int = 0  # rows that say that their car cannot be had
    gone: int = 0  # offers that were live until such a row came
    problems: Counter[str] = field(default_factory=Counter)
    position: int = 0  # bytes of the file


@dataclass
class _Batch:
    """Rows that were read and wait to be written."""

    offers: list[OfferRow] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    unread: list[str] = field(default_factory=list)  # keys of rows that were refused
    unavailable: list[str] = field(default_factory=list)  # keys of cars that cannot be had
    rows: int = 0
    line: int = 0
    position: int = 0


@dataclass(kw_only=True)
class Load:
    """One import under way: reads a batch ahead while Postgres writes the one before.

    Use as `with`. Refused rows go to a file in `folder`. With `retires` a car that cannot be had is
    taken out of search at once; else its row is as if it were not there, for who looks afterwards
    which offers were not seen.
    """

    pool: asyncpg.Pool
    run: Run
    feed: Feed
    table: Table
    layout: Layout
    folder: Path
    should_stop: Callable[[], bool]
    on_progress: Callable[[Progress], None]
    decoder: Decoder
    watch: Watch | None = None
    retires: bool = False
    progress: Progress = field(default_factory=Progress)
    _open: ExitStack = field(default_factory=ExitStack)
    _clock: float = field(default_factory=monotonic)
    _width: int = 0
    _batch: _Batch = field(default_factory=_Batch)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._width = len(self.table.columns)
        self._reader = Reader(self.run.source, self.layout)

    def __enter__(self) -> Self:
        self._keys = self._open.enter_context(Keys())
        refusals = Refusals(self.folder, self.run.source, datetime.now(UTC), self.table)
        self.refusals = self._open.enter_context(refusals)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    async def work(self) -> None:
        """Load every row; raises Stopped, or FeedError where the file cannot be read further.

        Either way what was written before is committed.
        """
        records = self.table.records()
        reading = self._start(records)
        try:
            while True:
                # A slow pipe's rows do not wait until there are a thousand.
                await asyncio.wait([reading], timeout=PAUSE)
                if self.should_stop():
                    raise Stopped
                is_over = reading.done() and (reading.exception() is not None or reading.result())
                is_full = reading.done() and not is_over
                batch = self._handover()
                if is_full:
                    reading = self._start(records)
                if batch.rows or is_over:
                    await self._write(batch, last=is_over)
                if is_over:
                    reading.result()  # raises what ended it
                    return
        finally:
            # The thread uses the file and the keys, which the caller is about to close.
            self.feed.end()
            await asyncio.wait([reading])
            reading.exception()  # of a file that was cut short on purpose it says nothing

    def _start(self, records: Iterator[Record]) -> "asyncio.Future[bool]":
        """Fill the next batch in a thread: a future, which no cancelled task takes along."""
        return asyncio.get_running_loop().run_in_executor(None, self._read, records)

    def _read(self, records: Iterator[Record]) -> bool:
        """Take records until the batch is full; whether none is left.

        Raises FeedError where the file cannot be read further.
        """
        while self._batch.rows < BATCH:
            record = next(records, None)
            # Asked to stop, a line may be the first half of one.
            if record is None or self.feed.is_ended:
                return True
            with self._lock:
                self._batch.rows += 1
                self._batch.line = record.line
                self._take(record, self._batch)
        return False

    def _handover(self) -> _Batch:
        """What was read so far; the thread goes on with an empty batch."""
        with self._lock:
            batch, self._batch = self._batch, _Batch()
        batch.position = self.feed.position
        return batch

    def _take(self, record: Record, batch: _Batch) -> None:
        """Read a record as an offer, or keep it with the reason why it is none."""
        if isinstance(record, Broken):
            batch.refused[record.code] += 1
            self.refusals.add(record, record.code, record.reason)
            return
        if len(record.cells) > self._width:
            widen(self.layout, self.table.columns, self._width)
            self._width = len(record.cells)
        key = None
        try:
            draft, said = self._reader.read(record.cells)
            draft.external_id = key = external_id(self._keys.key(said))
            if not is_offered(said):
                batch.unavailable.append(key)
                return
            batch.offers.append(normalise(draft))
        except Refused as refused:
            batch.refused[refused.code] += 1
            batch.unread += [key] if key else []
            self.refusals.add(record, refused.code, refused.reason)

    async def _write(self, batch: _Batch, *, last: bool) -> None:
        """Commit a batch together with its numbers; a few of the first rows may wait, see Watch."""
        offers, counted = batch.offers, Shares()
        if self.watch:
            offers, counted = await self.watch.look(self.pool, batch.offers, last=last)
        await self.decoder.complete(offers)
        problems = Counter(code for offer in offers for code in offer.problems)
        now = monotonic()
        tally = Tally(
            items=batch.rows,
            read=counted.read,
            filled=counted.filled,
            failed=batch.refused.total(),
            bytes=batch.position - self.progress.position,
            seconds=now - self._clock,
            problems=problems + batch.refused,
        )

        async def work(connection: asyncpg.Connection) -> None:
            # A run that was interrupted writes again what it wrote, and counts it once.
            written = await upsert(connection, self.run.id, offers, self.run.started_at)
            tally.new, tally.changed = written.new, written.changed
            tally.unchanged = written.unchanged
            await note(connection, offers)
            await add(connection, self.run, tally)

        await transact(self.pool, work)
        await self._touch(batch.unread)
        await self._retire(batch.unavailable)
        self._clock = now
        self._count(batch, tally)
        self.on_progress(self.progress)

    async def _touch(self, keys: list[str]) -> None:
        """What cannot be read is there all the same: what was stored of it before stays."""

        async def work(connection: asyncpg.Connection) -> None:
            await touch(connection, self.run.id, self.run.source, keys)

        if keys:
            await transact(self.pool, work)

    async def _retire(self, keys: list[str]) -> None:
        """Take out of search what cannot be had."""

        async def work(connection: asyncpg.Connection) -> int:
            gone = await retire(connection, self.run, keys)
            await add(connection, self.run, Tally(gone=gone))
            return gone

        if keys and self.retires:
            self.progress.gone += await transact(self.pool, work)

    def _count(self, batch: _Batch, tally: Tally) -> None:
        progress = self.progress
        progress.line = batch.line or progress.line
        progress.position = batch.position
        progress.rows += batch.rows
        progress.new += tally.new
        progress.changed += tally.changed
        progress.unchanged += tally.unchanged
        progress.refused += batch.refused
        progress.unavailable += len(batch.unavailable)
        progress.nameless += batch.refused.total() - len(batch.unread)
        progress.problems += tally.problems - batch.refused
