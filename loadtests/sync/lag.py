"""How far the index is behind: one change on an idle engine, and as many as can be written."""

import asyncio
import time

from jobs.sync_reports import behind
from loadtests.sync.loading import last_task, moment, tasks_since
from loadtests.sync.rows import Row, quantile
from loadtests.sync.stage import Stage

CHANGES = 40
BEYOND_MILLISECONDS = 200.0
POLL_SECONDS = 0.005

WRITERS = 4
ROWS_AT_ONCE = 250
MANY = 40_000
SETTLED_SECONDS = 600.0


async def single(stage: Stage) -> list[Row]:
    """From a change's commit to its success being known; what of it was the engine's."""
    lags, queued, worked, beyond = [], [], [], []
    keys = await stage.db.fetch("SELECT key FROM listings ORDER BY key LIMIT $1", CHANGES)
    for number, row in enumerate(keys):
        await asyncio.sleep(0.3 + 0.013 * number)  # at no fixed phase of the indexer's looks
        before = await last_task(stage)
        version = await _version(stage)
        await stage.db.execute("UPDATE listings SET price = price + 1 WHERE key = $1", row["key"])
        began = time.perf_counter()
        while await _version(stage) == version:  # noqa: ASYNC110
            await asyncio.sleep(POLL_SECONDS)
        lags.append((time.perf_counter() - began) * 1e3)
        task = (await tasks_since(stage, before, "documentAdditionOrUpdate"))[-1]
        put, began_at, ended = (moment(task[f"{name}At"]) for name in _MOMENTS)
        queued.append((began_at - put).total_seconds() * 1e3)
        worked.append((ended - began_at).total_seconds() * 1e3)
        beyond.append(lags[-1] - queued[-1] - worked[-1])
    return [
        *_quantiles("lag of a single change", lags),
        *_quantiles("  queued in the engine", queued),
        *_quantiles("  the engine's own work", worked),
        *_quantiles("  beyond the engine's", beyond, BEYOND_MILLISECONDS),
    ]


_MOMENTS = ("enqueued", "started", "finished")


def _quantiles(name: str, values: list[float], limit: float | None = None) -> list[Row]:
    return [
        Row(f"{name}, p50", quantile(values, 0.5), "ms"),
        Row(f"{name}, p95", quantile(values, 0.95), "ms", at_most=limit),
    ]


async def _version(stage: Stage) -> int:
    return int(await stage.db.fetchval("SELECT version FROM writers WHERE vertical = 'cars'"))


async def sustained(stage: Stage, cars: int) -> list[Row]:
    """As many changes as can be written, until the last of them is in the index."""
    keys = [
        row["key"]
        for row in await stage.db.fetch("SELECT key FROM listings LIMIT $1", min(cars, MANY))
    ]
    chunks = iter([keys[n : n + ROWS_AT_ONCE] for n in range(0, len(keys), ROWS_AT_ONCE)])
    began = time.perf_counter()

    async def write() -> None:
        for chunk in chunks:
            await stage.db.execute(
                "UPDATE listings SET mileage = mileage + 1 WHERE key = ANY ($1::text[])", chunk
            )

    await asyncio.gather(*(write() for _ in range(WRITERS)))
    written = time.perf_counter() - began
    await settled(stage, SETTLED_SECONDS)
    whole = time.perf_counter() - began
    return [
        Row("changes written", len(keys) / written, "changes/s", f"{len(keys):,} by 4 writers"),
        Row("changes in the index, sustained", len(keys) / whole, "changes/s", f"{whole:.1f} s"),
    ]


async def settled(stage: Stage, seconds: float) -> None:
    """Return when nothing waits for the live index any more; TimeoutError."""
    async with asyncio.timeout(seconds):
        while await _waiting(stage):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def _waiting(stage: Stage) -> int:
    """Changes and documents that the live index does not show yet."""
    rows = [row for row in await behind(stage.db) if row["state"] == "live"]
    return sum(row["pending"] + row["unclaimed"] for row in rows)
