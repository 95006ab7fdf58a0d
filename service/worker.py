"""One worker process: the application on the listening socket that all workers share."""

import asyncio
import gc
import multiprocessing
import os
import signal
import socket
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING

from config import log
from config.settings import Settings

if TYPE_CHECKING:
    from service.app import App

MOST_YOUNG = 20_000
"""Objects made since the last garbage collection: by Python's own 700, several would go on in each
answer, for nothing, since all of its objects go when it was sent.
"""


def start(
    settings: Settings, listener: socket.socket, folder: Path | None, place: int
) -> BaseProcess:
    """A new worker in a fresh interpreter, so that nothing of this one's state is in it.

    It tells its numbers in `folder`, as the one in this place among the workers; None keeps them.
    """
    context = multiprocessing.get_context("spawn")
    told = (settings, listener, folder, place)
    process = context.Process(target=serve, args=told, name="service-worker")
    process.start()
    return process


def serve(settings: Settings, listener: socket.socket, folder: Path | None, place: int) -> None:
    """Answer requests on the listening socket until SIGTERM or the parent's end."""
    # Only here: the process that starts the workers is to start them at once.
    from sanic import Sanic  # noqa: PLC0415

    from service.app import create_app  # noqa: PLC0415
    from service.http.connections import Connection  # noqa: PLC0415
    from service.metrics.ledger import Ledger  # noqa: PLC0415

    log.configure(settings.log_level)
    app = create_app(settings, Ledger(folder, place))

    @app.before_server_start
    async def watch_parent(_: "App") -> None:
        end_with_parent()

    @app.after_server_start
    async def keep_tables(_: "App") -> None:
        # What was read for good is not looked through again at every garbage collection, which
        # took a third of the time of an answer.
        gc.collect()
        gc.freeze()
        gc.set_threshold(MOST_YOUNG)

    app.prepare(
        sock=listener, single_process=True, access_log=False, motd=False, protocol=Connection
    )
    Sanic.serve_single(app)


def end_with_parent() -> None:
    """Ask this worker to stop as soon as the process that started it is gone, even by kill -9.

    Call it in the worker's running event loop.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    loop = asyncio.get_running_loop()

    def stop() -> None:
        loop.remove_reader(parent.sentinel)
        os.kill(os.getpid(), signal.SIGTERM)

    loop.add_reader(parent.sentinel, stop)
