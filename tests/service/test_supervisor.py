import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from multiprocessing.process import BaseProcess

import pytest

from service import supervisor
from service.supervisor import WorkersError, supervise

CONTEXT = multiprocessing.get_context("spawn")


@pytest.fixture(autouse=True)
def _signals_of_this_process() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def started(work, *args: object) -> BaseProcess:
    process = CONTEXT.Process(target=work, args=args)
    process.start()
    return process


def test_workers_that_do_not_stay_end_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(supervisor, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(supervisor, "MOST_ENDS", 3)
    with pytest.raises(WorkersError, match="end as soon as they start"):
        supervise(lambda _: started(sys.exit, 1), 2)


def test_a_worker_that_does_not_listen_to_sigterm_is_killed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 0.2)
    workers: list[BaseProcess] = []

    def start(_: int) -> BaseProcess:
        # SIGTERM is held back by the parent at the start of the child, which inherits that.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        workers.append(started(time.sleep, 60))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGTERM)).start()
        return workers[-1]

    supervise(start, 1)
    assert workers[0].exitcode == -signal.SIGKILL
