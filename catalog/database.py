"""Where the truth is kept: connections to Postgres and the migrations that shape it."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from contextvars import Context
from pathlib import Path
from typing import Any

import asyncpg
import orjson
from aerich import Command
from tortoise.exceptions import OperationalError

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
MODELS = (
    "catalog.cars",
    "catalog.crawling",
    "catalog.searching",
    "catalog.sync",
    "catalog.understanding",
    "aerich.models",
)

CLOSE_SECONDS = 2.0  # a process that was asked to end has five in all
MIGRATION_LOCK = 0x5110_0001

DATABASE_AWAY = (
    ConnectionError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that is used at the moment when it breaks
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # it starts, it stops, it crashed
)
"""What a Postgres raises that is not there, or goes away between two questions."""

DATABASE_ERRORS = (*DATABASE_AWAY, OSError, asyncpg.PostgresError)
"""All that a question to Postgres may raise, its refusals too."""

# A document must not depend on who asks for it.
SESSION = {
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "iso_8601",
    "extra_float_digits": "1",
    "application_name": "showroom",
}


async def _speak_json(connection: asyncpg.Connection) -> None:
    """Let json and jsonb values travel as Python objects."""
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(
            kind,
            encoder=lambda value: orjson.dumps(value).decode(),
            decoder=orjson.loads,
            schema="pg_catalog",
        )


async def open_connection(database_url: str, **options: Any) -> asyncpg.Connection:
    """One connection of its own, with the session settings that every connection here has."""
    connection = await asyncpg.connect(database_url, server_settings=SESSION, timeout=10, **options)
    await _speak_json(connection)
    return connection


@asynccontextmanager
async def connect(
    database_url: str, *, min_size: int = 1, max_size: int = 8
) -> AsyncIterator[asyncpg.Pool]:
    """A pool of connections, closed at the end; waits at most 10 s for the server."""
    pool = await asyncpg.create_pool(
        database_url,
        min_size=min_size,
        max_size=max_size,
        server_settings=SESSION,
        init=_speak_json,
        timeout=10,
        command_timeout=60,
    )
    try:
        yield pool
    finally:
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await pool.close()
        except TimeoutError:
            pool.terminate()


def tortoise_config(database_url: str) -> dict[str, Any]:
    """Tortoise's configuration for a libpq URL.

    asyncpg reads the URL itself, with all its parameters and libpq's defaults (PGHOST, the user's
    name …): Tortoise's pool is given a function that opens its connections. Tortoise leaves
    everything but the port to it.
    """

    async def open_one(_: None, **options: Any) -> asyncpg.Connection:
        return await asyncpg.connect(database_url, **{**options, "port": None})

    credentials = {"connect": open_one, "minsize": 1, "maxsize": 4}
    return {
        "connections": {
            "default": {"engine": "tortoise.backends.asyncpg", "credentials": credentials}
        },
        "apps": {"models": {"models": list(MODELS), "default_connection": "default"}},
        "use_tz": True,
        "timezone": "UTC",
    }


class LaterSchemaError(Exception):
    """A later version changed the tables; the message is a sentence that says what to do."""


@asynccontextmanager
async def _migrations(database_url: str) -> AsyncIterator[Command]:
    """Aerich, alone: a second one waits here until the first has finished."""
    connection = await open_connection(database_url)
    command = Command(tortoise_config(database_url), location=str(MIGRATIONS))
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK, timeout=120)
        await command.init()
        yield command
    finally:
        await command.aclose()
        await connection.close()


async def _alone(work: Coroutine[Any, Any, list[str]]) -> list[str]:
    """Run in a context of its own: Tortoise leaves its connections in the caller's otherwise."""
    return await asyncio.create_task(work, context=Context())


async def migrate(database_url: str) -> list[str]:
    """Bring the schema up to date; the names of the migrations that were run.

    Raises LaterSchemaError, and changes nothing, where one was run that is not known here.
    """

    async def upgrade() -> list[str]:
        async with _migrations(database_url) as command:
            await _refuse_later(command)
            return await command.upgrade(run_in_transaction=True)

    return await _alone(upgrade())


async def _refuse_later(command: Command) -> None:
    """Raise LaterSchemaError where a migration was run that is not among today's."""
    try:
        applied = await command.get_applied_migrations()
    except OperationalError:
        return  # a new database: nothing is noted yet
    known = set(await command.history())
    for name in applied:  # newest first
        if name not in known:
            raise LaterSchemaError(
                "A later version of Showroom changed this database, and this one does not know "
                f"what it has become ({name.removesuffix('.py')}): start the later version again, "
                "or put a backup back that was made before."
            )


async def unmigrate(database_url: str) -> list[str]:
    """Take every migration back, newest first, down to nothing; what was stored is gone."""

    async def downgrade() -> list[str]:
        async with _migrations(database_url) as command:
            undone: list[str] = []
            for _ in await command.get_applied_migrations():
                undone += await command.downgrade(version=-1, delete=False)
            return undone

    return await _alone(downgrade())
