"""The end of a crawl's pipe: rows into Postgres, a few hundred to a transaction."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, TypeAlias

import asyncpg

from catalog.cars import OfferRow
from scrapers.runs.departures import retire
from scrapers.runs.drift import Watch
from scrapers.runs.rows import Run, Tally, add
from scrapers.sites.archive import Archive
from scrapers.storing.spellings import note
from scrapers.storing.upsert import touch, transact, upsert
from scrapers.vins.decoder import Decoder

logger = logging.getLogger(__name__)

BATCH = 250
LINGER = 1.0  # seconds that a row waits at most for others
QUEUE = 500


@dataclass(frozen=True, slots=True)
class Sighting:
    """An offer that was seen again with the card that is stored."""

    external_id: str


@dataclass(frozen=True, slots=True)
class Departure:
    """An offer whose own page says that it is gone."""

    external_id: str


@dataclass(frozen=True, slots=True)
class Failure:
    """An offer that cannot be stored; what was stored of it before stays."""

    external_id: str
    problems: list[str]


@dataclass(frozen=True, slots=True)
class Reading:
    """An offer to be stored; `failed` when its detail page could not be read."""

    row: OfferRow
    failed: bool = False

    @property
    def external_id(self) -> str:
        return self.row.external_id


Finding: TypeAlias = Sighting | Departure | Failure | Reading


@dataclass
class Writer:
    """Takes findings from a bounded queue and commits them in batches.

    `on_written` is told the external ids of each batch after its commit, `on_progress` the run's
    numbers. `tally` is what others count meanwhile: pages, bytes, problems. `decoder` completes
    offers by their VINs, `watch` keeps fields that are being lost, `archive` has the pages that
    the findings were read from: they are written first.
    """

    pool: asyncpg.Pool
    run: Run
    tally: Tally
    decoder: Decoder
    watch: Watch
    archive: Archive
    on_written: Callable[[Iterable[str]], None]
    on_progress: Callable[[dict[str, Any]], None]
    _queue: asyncio.Queue[Finding | None] = field(
        default_factory=lambda: asyncio.Queue(maxsize=QUEUE)
    )
    _clock: float = field(default_factory=monotonic)

    async def put(self, finding: Finding) -> None:
        """Hand over a finding; waits while the queue is full."""
        await self._queue.put(finding)

    async def close(self) -> None:
        """Nothing more will come: `work` ends when it has written what is there."""
        await self._queue.put(None)

    async def work(self) -> None:
        """Write until closed."""
        more = True
        while more:
            batch, more = await self._gather()
            await self.write(batch, last=not more)

    async def write(self, batch: list[Finding], *, last: bool = True) -> None:
        """Commit these findings: one transaction for each kind, to keep the order of locks.

        A few of the first readings may wait for the others, unless these are the `last`.
        """
        await self.archive.flush()
        await self._sight([f for f in batch if isinstance(f, Sighting)])
        await self._keep([f for f in batch if isinstance(f, Failure)])
        await self._retire([f.external_id for f in batch if isinstance(f, Departure)])
        readings = [f for f in batch if isinstance(f, Reading)]
        written = await self._read(readings, last=last)
        others = [f.external_id for f in batch if not isinstance(f, Reading)]
        self.on_written([*others, *(reading.external_id for reading in written)])
        await self._report()

    async def _report(self) -> None:
        """Add to the run's row what was counted since the last time."""
        now = monotonic()
        tally = self.tally.take()
        tally.seconds, self._clock = now - self._clock, now
        self.on_progress(await add(self.pool, self.run, tally))

    async def _gather(self) -> tuple[list[Finding], bool]:
        """The next batch (full, or as old as may be), and whether another can follow."""
        batch: list[Finding] = []
        deadline = asyncio.get_running_loop().time() + LINGER
        while len(batch) < BATCH:
            try:
                async with asyncio.timeout_at(deadline):
                    finding = await self._queue.get()
            except TimeoutError:
                break
            if finding is None:
                return batch, False
            batch.append(finding)
        return batch, True

    async def _sight(self, sightings: list[Sighting]) -> None:
        async def work(connection: asyncpg.Connection) -> None:
            ids = [sighting.external_id for sighting in sightings]
            seen = await touch(connection, self.run.id, self.run.source, ids)
            tally = Tally(items=len(ids), changed=seen.changed, unchanged=seen.unchanged)
            await add(connection, self.run, tally)

        if sightings:
            await transact(self.pool, work)

    async def _keep(self, failures: list[Failure]) -> None:
        """What cannot be stored is there all the same: what was stored of it before stays."""

        async def work(connection: asyncpg.Connection) -> None:
            ids = [failure.external_id for failure in failures]
            await touch(connection, self.run.id, self.run.source, ids)
            problems = Counter(code for failure in failures for code in failure.problems)
            tally = Tally(items=len(ids), failed=len(ids), problems=problems)
            await add(connection, self.run, tally)

        if failures:
            await transact(self.pool, work)

    async def _retire(self, external_ids: list[str]) -> None:
        async def work(connection: asyncpg.Connection) -> None:
            gone = await retire(connection, self.run, external_ids)
            await add(connection, self.run, Tally(items=len(external_ids), gone=gone))

        if external_ids:
            await transact(self.pool, work)

    async def _read(self, readings: list[Reading], *, last: bool) -> list[Reading]:
        """Write what is not to wait; that."""
        whole = [reading.row for reading in readings if not reading.failed]
        rows, counted = await self.watch.look(self.pool, whole, last=last)
        self.tally.read += counted.read
        self.tally.filled.update(counted.filled)
        written = [*(r for r in readings if r.failed), *map(Reading, rows)]
        await self.decoder.complete([reading.row for reading in written])
        await self._store(written)
        return written

    async def _store(self, readings: list[Reading]) -> None:
        """Upsert; rows that the database refuses are found by halving and kept from the others."""

        async def work(connection: asyncpg.Connection) -> None:
            rows = [reading.row for reading in readings]
            written = await upsert(connection, self.run.id, rows)
            tally = Tally(
                items=len(rows),
                new=written.new,
                changed=written.changed,
                unchanged=written.unchanged,
                failed=sum(reading.failed for reading in readings),
                problems=Counter(code for row in rows for code in row.problems),
            )
            await note(connection, rows)
            await add(connection, self.run, tally)

        if not readings:
            return
        try:
            await transact(self.pool, work)
        except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError) as error:
            if len(readings) == 1:
                logger.warning(
                    "%s %s is refused: %s", self.run.source, readings[0].external_id, error
                )
                await self._keep([Failure(readings[0].external_id, ["write/refused"])])
            else:
                half = len(readings) // 2
                await self._store(readings[:half])
                await self._store(readings[half:])
