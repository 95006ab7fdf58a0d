"""Verifying as a job, beside the steps: on request, repairing on request, and every night."""

import logging
import time
from typing import Any

import asyncpg

from catalog.database import DATABASE_ERRORS
from catalog.vertical import Vertical
from engine.client import Engine, EngineAway, EngineError
from indexer import documents, emptied, indexes, verify
from indexer.beside import Beside
from indexer.documents import ViewIsWrong
from indexer.generations import Generation
from indexer.lease import Lease
from indexer.requests import Requests
from indexer.verify import Comparison
from jobs import rows
from jobs.sync_reports import REPAIR, VERIFY

log = logging.getLogger(__name__)

EXAMPLES = 10
BEAT_SECONDS = 1.0
NIGHT_HOUR = 3  # UTC
LOOK_SECONDS = 60.0


class IndexReplaced(Exception):  # noqa: N818 - what happened, as a sentence says it
    """What was compared is not the live index any more."""


class Verification:
    """Compares one vertical's live index with the truth, one comparison at a time."""

    def __init__(
        self, lease: Lease, engine: Engine, vertical: Vertical, requests: Requests
    ) -> None:
        self._lease = lease
        self._engine = engine
        self._vertical = vertical
        self._requests = requests
        self._work: Beside[dict[str, Any]] = Beside()
        self._job: rows.Job | None = None
        self._progress: dict[str, Any] = {}
        self._beat_after = 0.0
        self._look_after = 0.0

    async def step(self, followed: list[Generation]) -> None:
        """Begin what is asked for, keep it in hand, tell how it ended."""
        live = next((each for each in followed if each.state == "live"), None)
        if self._job is not None:
            await self._finish_or_beat(self._job)
            return
        jobs = await self._requests.take(self._vertical.name)
        job = jobs.get(REPAIR) or jobs.get(VERIFY)
        if job is None:
            await self._ask_at_night(live)
        elif live is None:
            none = f"There is no live index of {self._vertical.name} yet."
            await self._requests.refuse(job, none)
        else:
            self._job, self._progress = job, {"state": "comparing"}
            self._work.start(self._verify(live, repair=job.kind == REPAIR))

    async def stop(self) -> None:
        """End what runs beside the steps; its request stays in hand."""
        await self._work.stop()
        self._job = None

    async def _finish_or_beat(self, job: rows.Job) -> None:
        if not self._work.done:
            if time.monotonic() >= self._beat_after:
                self._beat_after = time.monotonic() + BEAT_SECONDS
                await self._requests.report(job, self._progress)
            return
        self._job = None
        try:
            await self._requests.finish(job, self._work.take())
        except (EngineAway, EngineError, ViewIsWrong, IndexReplaced, *DATABASE_ERRORS) as error:
            await self._requests.fail(job, str(error) or type(error).__name__)

    async def _verify(self, live: Generation, *, repair: bool) -> dict[str, Any]:
        """Compare, look again at what differs, repair; the job's result."""
        began = time.monotonic()
        pool, uid = self._lease.pool, live.index_uid
        self._progress["total"] = await indexes.documents(self._engine, uid)
        async with verify.compared(pool, self._engine, self._vertical, uid, self._read) as (
            found,
            db,
        ):
            self._progress["waits_for"] = "a second look at what differs"
            found.settle(
                await verify.wait_until_equal(
                    pool, self._engine, self._vertical, uid, live.id, found.differing
                )
            )
            if await indexes.created_at(self._engine, uid) != live.engine_created_at:
                raise IndexReplaced("Another index went live during the comparison.")
            result = _told(live, found)
            if repair:
                result |= await self._repair(db, found)
        if found.count:
            log.warning("%s differs from the truth: %s.", uid, words(result))
        return result | {"seconds": round(time.monotonic() - began, 1)}

    def _read(self, documents: int) -> None:
        self._progress["documents"] = documents

    async def _repair(self, db: asyncpg.Connection, found: Comparison) -> dict[str, Any]:
        """Have all that differs sent again, by way of the outbox; {repaired, refused}."""
        await documents.check_view(self._lease.pool, self._vertical)
        ghosts = min(found.counts["ghost"], await emptied.lost(db, self._vertical))
        kinds = list(found.counts)
        refused = None
        if emptied.looks_emptied(ghosts, found.indexed):
            kinds.remove("ghost")
            refused = (
                f"{ghosts:,} of {found.indexed:,} documents of the index are not in"
                f" {self._vertical.table}: they are not deleted, for the table looks emptied."
                f" {emptied.if_meant(self._vertical)}"
            )
            log.error(refused)
        listed = list(found.differing) if found.count == len(found.differing) else None
        status = await db.execute(
            "INSERT INTO outbox (kind, key) SELECT $1, id FROM"
            " (SELECT DISTINCT id FROM pg_temp.differing WHERE kind = ANY ($2::text[])"
            "  AND ($3::text[] IS NULL OR id = ANY ($3::text[]))) differing",
            self._vertical.document_kind,
            kinds,
            listed,
        )
        return {"repaired": int(status.rsplit(" ", 1)[1]), "refused": refused}

    async def _ask_at_night(self, live: Generation | None) -> None:
        """Ask once for each night, for an index that was live already when it began."""
        if live is None or time.monotonic() < self._look_after:
            return
        self._look_after = time.monotonic() + LOOK_SECONDS
        due = await self._lease.pool.fetchval(
            """
            WITH night AS (SELECT date_trunc('day', now() - $2 * interval '1 h')
                                  + $2 * interval '1 h' AS began)
            SELECT g.live_at < night.began AND NOT EXISTS (
                SELECT FROM jobs WHERE kind = ANY ($3::text[]) AND key = g.vertical
                AND (created_at >= night.began OR state IN ('queued', 'running')))
            FROM generations g, night WHERE g.id = $1
            """,
            live.id,
            NIGHT_HOUR,
            [VERIFY, REPAIR],
        )
        if due:
            await rows.enqueue(self._lease.pool, VERIFY, self._vertical.name)


def words(result: dict[str, Any]) -> str:
    """`3 missing (A, B, C), 9 stale (…)`: the counts with examples."""
    return ", ".join(
        f"{result[kind]:,} {kind} ({', '.join(result['examples'][kind])})"
        for kind in verify.KINDS
        if result[kind]
    )


def _told(live: Generation, found: Comparison) -> dict[str, Any]:
    examples = {
        kind: [key for key, each in found.differing.items() if each == kind][:EXAMPLES]
        for kind in verify.KINDS
    }
    told: dict[str, Any] = {"generation": live.id}
    told |= {"documents": found.documents, "indexed": found.indexed, "differing": found.count}
    return told | found.counts | {"on_their_way": found.on_their_way, "examples": examples}
