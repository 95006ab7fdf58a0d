"""`python -m service` as a process: its start, its end, and its workers' ends."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import httpx
import psutil
import pytest

from service import __main__ as service_main
from stack.sockets import free_port

AWAY = "http://127.0.0.1:9"


def start(**environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "service"],
        env={**os.environ, "SHOWROOM_WORKERS": "2", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def eventually(holds: Callable[[], bool], seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return False


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def workers(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Those that listen, not the interpreter's own resource tracker."""
    found = []
    for child in psutil.Process(process.pid).children():
        with contextlib.suppress(psutil.NoSuchProcess):  # a zombie is one too
            found += [child] if "spawn_main" in " ".join(child.cmdline()) else []
    return found


def family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """All that the process started, and is still there."""
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def gone(processes: list[psutil.Process]) -> bool:
    return not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in processes)


def end(process: subprocess.Popen[str], seconds: float) -> None:
    """Kill a service with all its workers."""
    left = family(process)
    process.kill()
    for one in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    process.communicate(timeout=seconds)


@pytest.fixture
def service() -> Iterator[tuple[subprocess.Popen[str], str]]:
    port = free_port()
    process = start(MEILI_URL=AWAY, SHOWROOM_PORT=str(port))
    url = f"http://127.0.0.1:{port}"
    try:
        assert eventually(lambda: answers(url))
        assert eventually(lambda: len(workers(process)) == 2)
        yield process, url
    finally:
        end(process, 10)


def test_sigterm_ends_everything_within_five_seconds_and_says_nothing(service):
    process, url = service
    children = workers(process)
    with httpx.Client() as kept_alive:
        kept_alive.get(f"{url}/health")
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=10)
    assert time.monotonic() - started < 5
    assert (process.returncode, said) == (0, "")
    assert gone(children)


def test_no_worker_outlives_a_killed_parent(service):
    process, url = service
    children = family(process)
    process.kill()
    process.wait()
    try:
        assert eventually(lambda: gone(children), 5)
        assert not answers(url)
    finally:
        for child in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()


def test_a_killed_worker_is_replaced(service):
    process, url = service
    killed = workers(process)[0]
    killed.kill()
    assert eventually(lambda: len([w for w in workers(process) if w.pid != killed.pid]) == 2)
    assert eventually(lambda: answers(url))


def test_headers_that_come_byte_by_byte_are_refused_after_ten_seconds(service):
    _, url = service
    address = (httpx.URL(url).host, httpx.URL(url).port)
    began = time.monotonic()
    with socket.create_connection(address, timeout=1) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nX-Slow: ")
        told = b""
        while not told and time.monotonic() - began < 60:
            with contextlib.suppress(TimeoutError):
                told = connection.recv(65_536)
            if not told:
                connection.sendall(b"x")
    assert time.monotonic() - began >= 10
    assert told.startswith(b"HTTP/1.1 408 ")


def test_a_port_that_is_taken_is_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start(MEILI_URL=AWAY, SHOWROOM_PORT=str(port))
        said, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert said == (
        f"The API cannot listen on 127.0.0.1:{port} (Address already in use); set SHOWROOM_PORT.\n"
    )


@pytest.mark.parametrize("told_by", ["environment", "file"])
def test_the_key_that_writes_is_not_taken(told_by, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if told_by == "file":
        (tmp_path / ".env").write_text("MEILI_MASTER_KEY=writes\nMEILI_SEARCH_KEY=reads\n")
    else:
        monkeypatch.setenv("MEILI_MASTER_KEY", "writes")
        monkeypatch.setenv("MEILI_SEARCH_KEY", "reads")
    taken = []
    monkeypatch.setattr(service_main, "run", taken.append)
    assert service_main.main() == 0
    assert (taken[0].meili_master_key, taken[0].meili_search_key) == (None, "reads")


def test_who_starts_the_workers_does_not_load_what_only_they_need():
    line = "import sys, service.__main__; sys.exit('sanic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", line], check=False).returncode == 0


def test_a_search_server_that_is_not_set_is_one_sentence():
    process = start()
    said, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert said == "MEILI_URL is not set: start everything with `showroom up`.\n"
