"""Keeps the worker processes of one listening socket running, and ends them."""

import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from types import FrameType

log = logging.getLogger("service")

BACKLOG = 1024
STOP_SECONDS = 4.0
"""From SIGTERM to SIGKILL; a worker itself gives its open requests three seconds."""

MOST_ENDS = 10
"""Workers that may end by themselves within `ENDS_SECONDS`; more is a fault that stays."""

ENDS_SECONDS = 60.0
PAUSE_SECONDS = 0.5


class WorkersError(Exception):
    """Workers end as fast as they are started; the message is a sentence for people."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; OSError with a sentence when the address cannot be had."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        message = f"The API cannot listen on {host}:{port} ({reason}); set SHOWROOM_PORT."
        raise OSError(message) from error


def supervise(start: Callable[[int], BaseProcess], count: int) -> None:
    """Keep `count` workers running until SIGTERM or SIGINT, then stop them within 5 s.

    `start` starts the worker of a place, from 0 on. Raises WorkersError when they do not stay.
    """
    stop = _stop_descriptor()
    workers = [start(place) for place in range(count)]
    ends: list[float] = []
    try:
        while stop not in wait([stop, *(worker.sentinel for worker in workers)]):
            ended = [worker for worker in workers if worker.exitcode is not None]
            ends = [at for at in ends if at > time.monotonic() - ENDS_SECONDS]
            ends += [time.monotonic()] * len(ended)
            if len(ends) > MOST_ENDS:
                raise WorkersError("The API's workers end as soon as they start; read their log.")
            for worker in ended:
                log.warning("Worker %d ended (%s); starting another.", worker.pid, worker.exitcode)
            if stop in wait([stop], PAUSE_SECONDS):
                break
            workers = [
                start(place) if worker in ended else worker for place, worker in enumerate(workers)
            ]
    finally:
        _end(workers)


def _stop_descriptor() -> int:
    """A file descriptor that becomes readable when this process is asked to stop."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)

    def note(_number: int, _frame: FrameType | None) -> None:
        os.write(writing, b".")

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, note)
    return reading


def _end(workers: list[BaseProcess]) -> None:
    for worker in workers:
        worker.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for worker in workers:
        worker.join(max(0.0, deadline - time.monotonic()))
        if worker.exitcode is None:
            worker.kill()
            worker.join()
