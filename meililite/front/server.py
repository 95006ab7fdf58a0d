"""The HTTP server: one handler for every request, and what it stands on."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import shutil
import signal
from functools import partial
from pathlib import Path
from typing import IO, Any

from aiohttp import web
from aiohttp.http import HttpProcessingError

from meililite.errors import ApiError
from meililite.front.access import authenticate
from meililite.front.compression import compressed
from meililite.front.connection import Connection
from meililite.front.documents import DocumentRoutes
from meililite.front.fields import FieldRoutes
from meililite.front.http import Answer, Call, readable, refusal
from meililite.front.indexes import IndexRoutes
from meililite.front.keys import KeyRoutes
from meililite.front.multi_search import MultiSearchRoutes
from meililite.front.router import Route, Router
from meililite.front.search import SearchRoutes
from meililite.front.settings import SettingsRoutes
from meililite.front.state import State
from meililite.front.system import SystemRoutes
from meililite.front.tasks import TaskRoutes
from meililite.front.unbuilt import UnbuiltRoutes
from meililite.options import Options
from meililite.processes.fleet import Fleet
from meililite.processes.nursery import Nursery
from meililite.registry.database import Database
from meililite.registry.indexes import Indexes
from meililite.registry.keys import Keys
from meililite.scheduler.run import Scheduler

log = logging.getLogger("meililite")
wire = logging.getLogger("meililite.wire")

_TOO_BUSY = 503
_CLOSING = 1.5  # seconds that open requests have to end
_KEEP_ALIVE = 75.0  # seconds that a connection is kept without a whole head of a request
_WIRE: dict[str, Any] = {
    "auto_decompress": False, "access_log": None, "keepalive_timeout": _KEEP_ALIVE, "logger": wire,
}  # fmt: skip
_PARTS = (IndexRoutes, DocumentRoutes, SettingsRoutes, SearchRoutes, MultiSearchRoutes, TaskRoutes,
          KeyRoutes, SystemRoutes, FieldRoutes, UnbuiltRoutes)  # fmt: skip


class Front:
    """Turns requests into answers."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._router = Router()
        for part in _PARTS:
            part(state).register(self._router)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            return web.Response(status=200, headers=_cross_origin(request))
        try:
            found = await self._answer(request)
        except ApiError as error:
            found = refusal(error)
        except (asyncio.CancelledError, ConnectionError):
            raise
        except Exception:
            log.exception("%s %s", request.method, request.rel_url.raw_path)
            found = refusal(ApiError("internal", "An internal error has occurred; see the log."))
        return await self._response(request, found)

    async def _response(self, request: web.BaseRequest, found: Answer) -> web.Response:
        body, coding = await compressed(found.body, request.headers.get("Accept-Encoding"))
        headers = {"Server": "meililite"}
        if body:
            headers["Content-Type"] = "application/json"
        if coding is not None:
            headers["Content-Encoding"], headers["Vary"] = coding, "accept-encoding"
        if found.status == _TOO_BUSY:
            headers["Retry-After"] = "10"
        if "Origin" in request.headers:
            headers["Access-Control-Allow-Origin"] = "*"
        response = web.Response(status=found.status, body=body or None, headers=headers)
        if request.content.exception() is not None:
            response.force_close()  # nobody knows where the next request would start
        return response

    async def _answer(self, request: web.BaseRequest) -> Answer:
        route, names = self._router.find(request.method, readable(request.rel_url.raw_path))
        if not isinstance(route, Route):
            return Answer(route)
        call = Call(request, self._state.options.payload_limit, names)
        if route.action is not None:
            call.permission = authenticate(
                request.headers.get("Authorization"),
                route.action,
                names.get("index_uid"),
                self._state.keys,
                self._state.options.master_key,
            )
        return await route.handler(call)


def _is_ours(record: logging.LogRecord) -> bool:
    """Whether a log record says more than that a client went away or sent what is no HTTP."""
    fault = record.exc_info[1] if record.exc_info else None
    theirs = isinstance(fault, HttpProcessingError | ConnectionError)
    return not theirs or log.isEnabledFor(logging.DEBUG)


def _cross_origin(request: web.BaseRequest) -> dict[str, str]:
    """Browsers may search from any page, as with Meilisearch."""
    asked = readable(request.headers.get("Access-Control-Request-Headers", "*"))
    return {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
        "Access-Control-Allow-Headers": asked,
        "Access-Control-Max-Age": "86400",
    }


def _sweep(directory: Path, keep: set[str]) -> None:
    """Delete what a kill left behind: entries that no task and no index names."""
    for entry in directory.iterdir():
        if entry.name not in keep:
            log.info("Deleting %s, which nothing refers to.", entry)
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def _open_state(options: Options, nursery: Nursery) -> State:
    contents, payloads = options.db_path / "indexes", options.db_path / "payloads"
    for folder in (contents, payloads):
        folder.mkdir(parents=True, exist_ok=True)
    database = Database(options.db_path / "registry.sqlite")
    indexes = Indexes(database)
    waiting = database.read("SELECT payload_file FROM tasks WHERE payload_file IS NOT NULL")
    _sweep(contents, {index.uuid for index in indexes.values()})
    _sweep(payloads, {Path(row[0]).name for row in waiting})
    fleet = Fleet(nursery, str(contents), options.readers)
    return State(
        options=options,
        database=database,
        indexes=indexes,
        keys=Keys(database, options.master_key),
        fleet=fleet,
        scheduler=Scheduler(database, indexes, fleet, contents),
        payloads=payloads,
        features={name: bool(on) for name, on in database.read("SELECT * FROM features")},
    )


def _lock(directory: Path) -> IO[str]:
    """Keep other servers off the folder for as long as the file is open."""
    directory.mkdir(parents=True, exist_ok=True)
    file = (directory / "lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise OSError(
            f"another server is using {directory}; stop it, or choose another --db-path"
        ) from None
    return file


async def serve(options: Options, nursery: Nursery) -> None:
    """Listen until SIGTERM or SIGINT.

    Raises OSError when the address or the folder is taken, DamagedError for files that cannot be
    trusted.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    nursery_gone = asyncio.Event()

    def give_up() -> None:
        loop.remove_reader(nursery)
        nursery_gone.set()
        stop.set()

    loop.add_reader(nursery, give_up)
    with _lock(options.db_path):
        if options.master_key is None:
            log.warning("There is no master key: who reaches this server may do everything.")
        state = _open_state(options, nursery)
        wire.addFilter(_is_ours)
        server = web.Server(Front(state).handle)
        try:
            await state.fleet.start()
            await state.scheduler.recover()
            await _listen(server, state, stop)
            if nursery_gone.is_set():
                raise OSError("a process of the server was ended from outside; start it again")
        finally:
            loop.remove_reader(nursery)
            await server.shutdown(_CLOSING)
            state.fleet.close()
            state.database.close()


async def _listen(server: web.Server, state: State, stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    connect = partial(Connection, server, loop=loop, **_WIRE)
    listening = await loop.create_server(
        connect, state.options.host, state.options.port, backlog=1024, reuse_address=True
    )
    running = asyncio.create_task(state.scheduler.run())
    await stop.wait()
    listening.close()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
