"""The load phase of a reindex beside a bare load of the same documents into the same engine."""

import asyncio
import statistics
import time
from datetime import UTC, datetime
from typing import Any

from catalog.cars import CARS
from indexer import documents, indexes, settings, verify
from jobs import rows as jobs
from loadtests.sync.rows import Row
from loadtests.sync.stage import Stage, peak_memory

BATCH = 10_000
TASK_SECONDS = 1_800.0
REINDEX_SECONDS = 3_600.0
OF_BARE = 0.95
DOCUMENT_TASKS = "documentAdditionOrUpdate"


async def paired(stage: Stage, cars: int, rounds: int) -> tuple[list[Row], float]:
    """Both in turns, by the engine's own clock: from settings applied to the last document.

    The rows, and the indexer's peak memory in MB.
    """
    bare, loads, rests, peaks = [], [], [], []
    for _ in range(rounds):
        bare.append(await bare_load(stage))
        load, rest, peak = await reindex(stage)
        loads.append(load)
        rests.append(rest)
        peaks.append(peak)
    ratios = sorted(one / other for one, other in zip(bare, loads, strict=True))
    ratio = statistics.median(ratios)
    said = ", ".join(f"{each:.2f}" for each in ratios)
    name = f"{cars:,} cars"
    found = [
        Row(f"bare load, {name}", cars / min(bare), "documents/s", f"best {min(bare):.1f} s"),
        Row(
            f"reindex's load, {name}", cars / min(loads), "documents/s", f"best {min(loads):.1f} s"
        ),
        Row("  of the bare load", ratio, "", f"median of {said}", at_least=OF_BARE),
        Row("  then compare and swap", min(rests), "s"),
    ]
    return found, max(peaks)


async def bare_load(stage: Stage) -> float:
    """Seconds for an index with the same settings; the documents were read before."""
    bodies = await _bodies(stage)
    before = await last_task(stage)
    await indexes.create(stage.engine, "bare", settings.wanted("cars"))
    posted = [
        await stage.engine.call(
            "POST",
            "/indexes/bare/documents",
            data=body,
            content_type="application/x-ndjson",
            timeout=120,
        )
        for body in bodies
    ]
    for task in posted:
        await stage.engine.wait(task["taskUid"], TASK_SECONDS)
    seconds = await _engine_seconds(stage, before)
    await indexes.delete(stage.engine, "bare")
    return seconds


async def _bodies(stage: Stage) -> list[bytes]:
    """All documents, 10,000 to a body."""
    bodies, after = [], ""
    while (read := await documents.read_range(stage.db, CARS, after, BATCH)).bodies:
        bodies.append(read.ndjson())
        after = next(reversed(read.bodies))
    return bodies


async def reindex(stage: Stage) -> tuple[float, float, float]:
    """Seconds of the load, and of the rest until it is live; the indexer's peak memory, MB."""
    before = await last_task(stage)
    began = time.perf_counter()
    peak = await peak_memory(asyncio.create_task(run_reindex(stage)))
    load = await _engine_seconds(stage, before)
    return load, time.perf_counter() - began - load, peak


async def idle(stage: Stage) -> None:
    """Return when an index is live and no other is being made; TimeoutError."""
    async with asyncio.timeout(REINDEX_SECONDS):
        while not await stage.db.fetchval(  # noqa: ASYNC110
            "SELECT EXISTS (SELECT FROM generations WHERE state = 'live')"
            " AND NOT EXISTS (SELECT FROM jobs WHERE state IN ('queued', 'running'))"
        ):
            await asyncio.sleep(0.05)


async def run_reindex(stage: Stage) -> None:
    """Ask for a reindex and return when it is live; RuntimeError when it failed."""
    job = await jobs.enqueue(stage.db, "reindex", "cars")
    async with asyncio.timeout(REINDEX_SECONDS):
        while True:
            row = await stage.db.fetchrow("SELECT state, error FROM jobs WHERE id = $1", job)
            if row["state"] == "done":
                return
            if row["state"] == "failed":
                raise RuntimeError(f"The reindex failed: {row['error']}")
            await asyncio.sleep(0.05)


async def last_task(stage: Stage) -> int:
    """The uid of the engine's newest task, -1 when it has none."""
    answer = await stage.engine.call("GET", "/tasks", params={"limit": 1})
    return int(answer["results"][0]["uid"]) if answer["results"] else -1


async def _engine_seconds(stage: Stage, before: int) -> float:
    """From the first settings applied after the task `before` to the last documents' end."""
    tasks = await tasks_since(stage, before, f"{DOCUMENT_TASKS},settingsUpdate")
    bad = [task for task in tasks if task["status"] != "succeeded"]
    if bad:
        raise RuntimeError(f"A task failed: {bad[0]['error']}")
    ready = min(moment(task["finishedAt"]) for task in tasks if task["type"] == "settingsUpdate")
    end = max(moment(task["finishedAt"]) for task in tasks if task["type"] == DOCUMENT_TASKS)
    return (end - ready).total_seconds()


async def tasks_since(stage: Stage, before: int, types: str) -> list[dict[str, Any]]:
    """The tasks of these types whose uid is greater than `before`, newest first."""
    answer = await stage.engine.call("GET", "/tasks", params={"types": types, "limit": 1_000})
    return [task for task in answer["results"] if task["uid"] > before]


def moment(text: str) -> datetime:
    """RFC 3339 with nanoseconds, of which Python reads six digits."""
    return datetime.strptime(text[:26].rstrip("Z"), "%Y-%m-%dT%H:%M:%S.%f").replace(tzinfo=UTC)


async def verified(stage: Stage) -> Row:
    """How fast the live index is compared with the truth; RuntimeError when they differ."""
    began = time.perf_counter()
    found = await verify.compare(stage.db, stage.engine, CARS, "cars")
    if found.count:
        raise RuntimeError(f"{found.count} documents differ after the reindex.")
    rate = found.documents / (time.perf_counter() - began)
    return Row(f"verify, {found.documents:,} cars", rate, "documents/s")
