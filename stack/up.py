"""`showroom up`: start what is not there, keep it running, stop what was started."""

import asyncio
import contextlib
import logging
import shutil
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

from tortoise.exceptions import BaseORMException

from catalog.database import DATABASE_ERRORS, LaterSchemaError, connect, migrate
from config import log
from config.settings import Settings, load
from jobs import rows
from scrapers.sources.entries import read
from scrapers.sources.rows import load_into
from stack import leftovers, plan, running, sockets
from stack.process import StartError, trim
from stack.screen import Screen
from stack.supervisor import Supervisor

logger = logging.getLogger(__name__)

LEAST_FREE_BYTES = 300_000_000
MARKET_VARIABLE = "${SHOWROOM_MARKET_URL}"

ANSWER_SECONDS = 15.0
"""How long a configured server may take until it answers."""


def up(home: Path, screen: Screen) -> None:
    """Run a stack on `home` until SIGINT, SIGTERM or SIGHUP. Raises StartError, SettingsError."""
    with running.alone(home):
        running.forget(home)
        settings = load().model_copy(update={"home": home})
        _check(settings)
        own_log = running.private_folder(home, "logs") / "showroom.log"
        trim(own_log)
        log.configure(settings.log_level, own_log)
        for name in leftovers.end_all(home):
            screen.tell(f"{name} was left over from an earlier run and has been ended.")
        asyncio.run(_until_signal(lambda: _run(settings, screen)))


def _check(settings: Settings) -> None:
    """What can be known before anything is started."""
    free = shutil.disk_usage(settings.home).free
    if free < LEAST_FREE_BYTES:
        raise StartError(
            f"The disk of {settings.home} is full ({free // 1_000_000} MB free); "
            "make room, or set SHOWROOM_HOME to a folder on another disk."
        )
    sockets.check_free(settings.host, settings.port)


async def _until_signal(work: Callable[[], Awaitable[None]]) -> None:
    """Run `work` until it ends or a signal asks to; further signals do not disturb its end."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    working = asyncio.ensure_future(work())
    asked = asyncio.create_task(stop.wait())
    await asyncio.wait({working, asked}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working


async def _run(settings: Settings, screen: Screen) -> None:
    supervisor = Supervisor(settings.home, screen.tell)
    try:
        settings = await start(settings, supervisor, screen)
        running.write_addresses(settings.home, plan.published(settings), supervisor.names)
        await asyncio.gather(supervisor.watch(), _show(settings, screen))
    finally:
        try:
            screen.doing("stopping")
        finally:  # also where nobody reads the screen any more: a closed pipe or terminal
            await supervisor.stop()
            running.forget(settings.home)


async def _show(settings: Settings, screen: Screen) -> None:
    """Show the table; what goes wrong with that is no reason to stop serving."""
    try:
        await screen.show(settings)
    except Exception as error:
        logger.exception("the table cannot be shown")
        screen.tell(f"The table cannot be shown ({error}); `showroom status` looks again.")


async def start(settings: Settings, supervisor: Supervisor, screen: Screen) -> Settings:
    """Start everything; the settings with every address. Raises StartError, SettingsError, OSError.

    Servers, then what needs them to be ready. The market, which needs none of them, fills its lot
    beside all that: nobody waits for it to search, and who visits it early waits there.
    """
    market = _market(settings)
    supervisor.begin(market.programs)
    settings = market.settings
    screen.doing("starting the servers")
    await _wait_for(plan.elsewhere(settings))
    servers = await asyncio.to_thread(plan.servers, settings)
    await supervisor.start(servers.programs)
    embedded = settings.database_url is None
    settings = await asyncio.to_thread(plan.with_search_key, servers.settings)
    screen.doing("bringing the database up to date")
    await _prepare_database(settings, embedded=embedded)
    screen.doing("starting the services")
    first, *others = plan.services(settings)
    await supervisor.start([first])  # the API, which is waited for, has the machine to itself
    await supervisor.start(others)
    return settings


def _market(settings: Settings) -> plan.Servers:
    """The demo market, unless no source visits it. Raises SettingsError."""
    is_visited = any(
        entry.enabled and MARKET_VARIABLE in entry.address for entry in read(settings.sources)
    )
    return plan.market(settings) if is_visited else plan.Servers([], settings)


async def _wait_for(servers: list[plan.Elsewhere]) -> None:
    """Return when the configured servers answer; StartError when one does not in time."""
    deadline = time.monotonic() + ANSWER_SECONDS
    for server in servers:
        while not await asyncio.to_thread(server.probe):
            if time.monotonic() > deadline:
                raise StartError(
                    f"The server at {urlsplit(server.url).hostname or 'this machine'} does not "
                    f"answer; check {server.variable}, or leave it empty to have one started."
                )
            await asyncio.sleep(0.25)


async def _prepare_database(settings: Settings, *, embedded: bool) -> None:
    """Migrate and write the sources; StartError when the database cannot be used.

    An `embedded` database was not running, so what says that it runs there was killed.
    """
    url = settings.database_url or ""
    try:
        await migrate(url)
        async with connect(url, max_size=2) as pool:
            await load_into(pool, settings)
            if embedded:
                await rows.release(pool)
    except LaterSchemaError as error:
        raise StartError(str(error)) from error
    except (*DATABASE_ERRORS, BaseORMException) as error:
        where = urlsplit(url).hostname or "this machine"
        raise StartError(
            f"The database on {where} cannot be used ({error}); "
            "check DATABASE_URL, and that its user may create tables."
        ) from error
