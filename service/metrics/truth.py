"""What the rows say of sync, jobs and sources, as numbers; asked seldom and in bounded time."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg

from catalog.database import DATABASE_ERRORS, connect
from catalog.sync import COMING, STATES
from catalog.verticals import VERTICALS
from jobs import reports, sync_reports
from jobs.unmade import unmade
from service.caching.flights import Flights
from service.metrics.declared import Numbers

log = logging.getLogger("service")

SECONDS = 2.0
"""For a connection and all questions; past it the database counts as away."""

REMEMBERED_SECONDS = 5.0

UP = ("showroom_database_up",)


class Truth:
    """Asks once for all who want to know at the same time, and remembers it for some seconds."""

    def __init__(self) -> None:
        self._pool: asyncpg.Pool | None = None
        self._asking: Flights[Numbers] = Flights()
        self._known: Numbers = {UP: [0]}
        self._until = 0.0

    @asynccontextmanager
    async def opened(self, database_url: str | None) -> AsyncIterator[None]:
        """With one connection, made when it is needed; None is a database that is away."""
        if database_url is None:
            yield
            return
        async with connect(database_url, min_size=0, max_size=1) as self._pool:
            yield

    async def numbers(self) -> Numbers:
        """The metrics `OF_DATABASE`; when Postgres is away only that it is."""
        if asyncio.get_running_loop().time() >= self._until:
            flight, _ = self._asking.join("all", self._ask)
            return await flight.result()
        return self._known

    async def _ask(self) -> Numbers:
        self._known = await self._read() if self._pool is not None else {UP: [0]}
        self._until = asyncio.get_running_loop().time() + REMEMBERED_SECONDS
        return self._known

    async def _read(self) -> Numbers:
        assert self._pool is not None
        try:
            async with asyncio.timeout(SECONDS), self._pool.acquire() as db:
                return {UP: [1], **await _sync(db), **await _jobs(db), **await _sources(db)}
        except DATABASE_ERRORS as error:
            log.warning("Metrics lack what Postgres knows: %s", error or type(error).__name__)
            return {UP: [0]}


async def _sync(db: asyncpg.Connection) -> Numbers:
    numbers: Numbers = {
        ("showroom_generations", vertical, state): [0] for vertical in VERTICALS for state in STATES
    }
    for row in await sync_reports.generations(db):
        numbers["showroom_generations", row["vertical"], row["state"]] = [row["generations"]]
    for row in await sync_reports.behind(db):
        numbers |= _generation(row)
    not_made = await unmade(db)
    for vertical in VERTICALS:
        failed = not_made.get(vertical)
        again_at = failed.again_at if failed else None
        numbers["showroom_reindex_refused", vertical] = [failed is not None and failed.refused]
        numbers["showroom_reindex_again_timestamp_seconds", vertical] = [
            again_at.timestamp() if again_at else 0
        ]
    for vertical, documents in (await sync_reports.dead_letters(db)).items():
        numbers["showroom_dead_letters", vertical] = [documents]
    for vertical, at in (await sync_reports.heartbeats(db)).items():
        numbers["showroom_indexer_heartbeat_timestamp_seconds", vertical] = [at.timestamp()]
    for vertical, last in (await sync_reports.verified(db)).items():
        numbers["showroom_verify_timestamp_seconds", vertical] = [last.at.timestamp()]
        numbers["showroom_verify_documents", vertical] = [last.documents]
        numbers["showroom_verify_differing_documents", vertical] = [last.differing]
        numbers["showroom_verify_repaired", vertical] = [last.repaired]
    return numbers


def _generation(row: dict[str, Any]) -> Numbers:
    """A generation that is followed, as `sync_reports.behind` has it."""
    vertical, state = row["vertical"], row["state"]
    numbers: Numbers = {
        ("showroom_sync_outbox_rows",): [row["unclaimed"]],
        ("showroom_sync_pending_documents", vertical, state): [row["pending"]],
        ("showroom_sync_open_batches", vertical, state): [row["open_batches"]],
    }
    if state == "live":
        numbers["showroom_sync_lag_seconds", vertical] = [row["lag_seconds"]]
    if state in COMING:
        numbers["showroom_reindex_documents", vertical] = [row["documents"]]
        numbers["showroom_reindex_expected_documents", vertical] = [row["total"] or 0]
    return numbers


async def _jobs(db: asyncpg.Connection) -> Numbers:
    numbers: Numbers = {}
    for row in await reports.job_counts(db):
        kind, state = row["kind"], row["state"]
        numbers["showroom_jobs", kind, state] = [row["jobs"]]
        if state == "queued":
            numbers["showroom_jobs_waiting_seconds", kind] = [row["due"]]
    return numbers


async def _sources(db: asyncpg.Connection) -> Numbers:
    numbers: Numbers = {}
    for row in await reports.sources(db):
        if row["enabled"]:
            numbers |= _source(row)
    return numbers


def _source(row: dict[str, Any]) -> Numbers:
    """A source as `reports.sources` has it."""
    name = row["name"]
    numbers: Numbers = {
        ("showroom_source_next_run_timestamp_seconds", name): [row["next_run_at"].timestamp()],
        ("showroom_source_breaker_open", name): [row["breaker"] == "open"],
        ("showroom_source_suspicious", name): [row["suspicious_run"] is not None],
        ("showroom_source_drifting_fields", name): [len(row["drift"] or ())],
    }
    if row["run_id"] is not None:
        began: datetime = row["run_started_at"]
        numbers["showroom_source_last_run_state", name, row["run_state"]] = [1]
        numbers["showroom_source_last_run_timestamp_seconds", name] = [began.timestamp()]
        numbers["showroom_source_last_run_offers", name] = [row["run_items"]]
    if row["done_at"] is not None:
        done: datetime = row["done_at"]
        numbers["showroom_source_last_done_timestamp_seconds", name] = [done.timestamp()]
    return numbers
