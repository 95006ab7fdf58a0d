"""What runs where, and how far search is behind: collected for people and for scripts."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

import asyncpg

from catalog.database import DATABASE_AWAY, open_connection
from catalog.vertical import Vertical
from catalog.verticals import VERTICALS
from config.settings import Settings
from engine.client import Engine, EngineAway, EngineError
from jobs import reports, sync_reports
from jobs.unmade import unmade
from stack import leftovers, running, sync_health
from stack.alarms import alarms
from stack.plan import api_url
from stack.sync_health import Health

COUNTED_UP_TO = 200_000
"""Tables longer than this are not counted for a display; the planner's estimate is shown."""

SECONDS = 3.0
MOST_JOBS = 10
MOST_ALARMS = 20

CONFIGURABLE = {"postgres", "valkey", "search", "market"}

NOT_MIGRATED = (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError)

T = TypeVar("T")


@dataclass(frozen=True)
class Part:
    """A process or server: its state is running, configured or stopped."""

    name: str
    state: str
    where: str
    pid: int | None = None


@dataclass(frozen=True)
class Stock:
    """One vertical: active rows, documents in its live index, seconds and rows of lag.

    None is what could not be asked.
    """

    vertical: str
    rows: int | None = None
    documents: int | None = None
    lag_seconds: float | None = None
    pending: int | None = None
    health: Health = field(default_factory=Health)


@dataclass(frozen=True)
class Overview:
    """A stack at one moment."""

    running: bool
    pid: int | None
    address: str
    parts: list[Part] = field(default_factory=list)
    stock: list[Stock] = field(default_factory=list)
    jobs: list[dict[str, Any]] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        stock = [asdict(each) | {"health": each.health.as_json()} for each in self.stock]
        return asdict(self) | {"stock": stock}


async def overview(settings: Settings) -> Overview:
    """Look at the stack of these settings' home; a server that is away leaves gaps, no error."""
    process = running.process(settings.home)
    stock, jobs, told = await asyncio.gather(_stock(settings), _jobs(settings), _alarms(settings))
    return Overview(
        running=process is not None,
        pid=process.pid if process else None,
        address=api_url(settings),
        parts=parts(settings),
        stock=stock,
        jobs=jobs,
        alarms=told,
    )


def parts(settings: Settings) -> list[Part]:
    """The recorded processes of this home and the servers that were configured instead.

    What was started and has ended is stopped, also until it is started again. The demo market is
    one of them only where it was started or is configured: many have no use for it.
    """
    home = settings.home
    started = running.programs(home)
    places = {
        "postgres": _place(settings.database_url),
        "valkey": _place(settings.redis_url),
        "search": _place(settings.meili_url),
        "market": _place(settings.market_url),
        "api": api_url(settings),
        "indexer": "",
        "worker": "",
    }
    found = []
    for name, where in places.items():
        record = leftovers.read(leftovers.folder(home) / f"{name}.json")
        process = leftovers.alive(record, "child") if record else None
        if process is not None:
            found.append(Part(name, "running", where, process.pid))
        elif where and name in CONFIGURABLE and name not in started:
            found.append(Part(name, "configured", where))
        elif where or name != "market":
            found.append(Part(name, "stopped", where))
    return found


def _place(url: str | None) -> str:
    """Where a server is, without user, password and query."""
    if not url:
        return ""
    parts = urlsplit(url)
    if not parts.hostname:
        path = parts.path if parts.scheme == "unix" else parts.query.partition("host=")[2]
        return _short(Path(unquote(path)))
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}"


def _short(path: Path) -> str:
    """A path as seen from here, if it is below."""
    here = Path.cwd()
    return os.fspath(path.relative_to(here) if path.is_relative_to(here) else path)


async def _stock(settings: Settings) -> list[Stock]:
    known = list(VERTICALS.values())
    rows = await _ask(settings, lambda database: _rows_and_lag(database, known)) or {}
    indexes = await asyncio.gather(*(_index(settings, vertical) for vertical in known))
    stock = []
    for vertical, (count, differing) in zip(known, indexes, strict=True):
        found = rows.get(vertical.name, {})
        is_live = "lag_seconds" in found  # an index that is being made has no settings yet
        health = Health(settings=differing if is_live else [], **found.pop("health", {}))
        stock.append(Stock(vertical.name, documents=count, health=health, **found))
    return stock


async def _ask(
    settings: Settings, question: Callable[[asyncpg.Connection], Awaitable[T]]
) -> T | None:
    """What the database answers within SECONDS, or None."""
    if settings.database_url is None:
        return None
    try:
        async with asyncio.timeout(SECONDS):
            database = await open_connection(settings.database_url)
            try:
                return await question(database)
            finally:
                database.terminate()
    except (*DATABASE_AWAY, OSError, *NOT_MIGRATED):
        return None


async def _rows_and_lag(
    database: asyncpg.Connection, known: list[Vertical]
) -> dict[str, dict[str, Any]]:
    lag = {
        row["vertical"]: {
            "lag_seconds": round(row["lag_seconds"], 1),
            "pending": row["pending"] + row["unclaimed"],
        }
        for row in await sync_reports.behind(database)
        if row["state"] == "live"
    }
    dead_letters = await sync_reports.dead_letters(database)
    not_made = await unmade(database)
    verified = await sync_reports.verified(database)
    return {
        vertical.name: {
            "rows": await _rows(database, vertical.table),
            "health": {
                "dead_letters": dead_letters.get(vertical.name, 0),
                "unmade": not_made.get(vertical.name),
                "verified": verified.get(vertical.name),
            },
            **lag.get(vertical.name, {}),
        }
        for vertical in known
    }


async def _rows(database: asyncpg.Connection, table: str) -> int:
    """Active rows: counted, or estimated where counting would take long."""
    counted = await database.fetchval(
        f"SELECT count(*) FROM (SELECT FROM {table} WHERE active LIMIT $1) AS counted",
        COUNTED_UP_TO + 1,
    )
    if counted <= COUNTED_UP_TO:
        return int(counted)
    estimate = "SELECT reltuples::bigint FROM pg_class WHERE oid = $1::regclass"
    return max(int(counted), int(await database.fetchval(estimate, table)))


async def _index(settings: Settings, vertical: Vertical) -> tuple[int | None, list[str]]:
    """How many documents can be searched, and which settings differ from the file."""
    if settings.meili_url is None:
        return None, []
    try:
        async with Engine(settings.meili_url, settings.meili_master_key) as engine:
            path = f"/indexes/{vertical.index}/stats"
            stats = await engine.call("GET", path, timeout=SECONDS)
            differing = await sync_health.differing_settings(engine, vertical, SECONDS)
    except (EngineAway, EngineError):
        return None, []
    return int(stats["numberOfDocuments"]), differing


async def _alarms(settings: Settings) -> list[str]:
    """What people should know of the sources, a few sentences."""
    rows = await _ask(settings, reports.sources)
    return [sentence for row in rows or [] for sentence in alarms(row)][:MOST_ALARMS]


async def _jobs(settings: Settings) -> list[dict[str, Any]]:
    """The jobs that run or wait, oldest first, a few of them."""
    found = await _ask(
        settings,
        lambda database: database.fetch(
            "SELECT kind, key, state, attempts, progress, error FROM jobs"
            " WHERE state IN ('queued', 'running') ORDER BY state DESC, run_at LIMIT $1",
            MOST_JOBS,
        ),
    )
    return [dict(row) for row in found or []]
