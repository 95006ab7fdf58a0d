"""Segments are merged beside everything else; nobody notices but by the speed."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.meililite.meililite_server import Server, eventually

MANY = 8_000
ROUNDS = 20


def _nursery(server: Server) -> psutil.Process:
    assert server.process is not None
    return psutil.Process(server.process.pid).children()[0]


def _load(server: Server, number: int) -> None:
    documents = [
        {"id": f"{number}-{n}", "n": n, "text": f"some words {n} " * 10} for n in range(MANY)
    ]
    assert server.task("POST", "/indexes/things/documents", documents)["status"] == "succeeded"


def _count(server: Server) -> int:
    _, answer = server.call("GET", "/indexes/things/stats")
    return int(answer["numberOfDocuments"])


def _found(server: Server, text: str) -> list[str]:
    _, answer = server.call("POST", "/indexes/things/search", {"q": text})
    return [hit["id"] for hit in answer["hits"]]


def _files(server: Server, kind: str) -> list[Path]:
    return list(server.folder.glob(f"indexes/*/*.{kind}"))


class Merging:
    """A server whose merging process is stopped, mostly in the middle of its work."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.loads = 0
        usual = set(_nursery(server).children())
        while self.loads < ROUNDS:
            self.load()
            if self.loads > 1 and self._stop_merger(usual):
                return
        raise AssertionError("no merge was seen")

    @property
    def loaded(self) -> int:
        return self.loads * MANY

    def load(self) -> None:
        _load(self.server, self.loads)
        self.loads += 1

    def until_merged(self, before: list[Path]) -> None:
        """Wait until a merge has taken some of these; loads more, since they may suffice as is."""
        for _ in range(ROUNDS):
            until = time.monotonic() + 3
            while time.monotonic() < until:
                if not set(before) <= set(_files(self.server, "segment")):
                    return
                time.sleep(0.02)
            self.load()
        raise AssertionError("they are not merged")

    def _stop_merger(self, usual: set[psutil.Process]) -> bool:
        for process in set(_nursery(self.server).children()) - usual:
            try:
                process.suspend()
                eventually(lambda: process.status() == psutil.STATUS_STOPPED)  # noqa: B023
            except psutil.NoSuchProcess:
                continue
            self.process = process
            return True
        return False


@pytest.fixture
def merging(own_server: Server) -> Merging:
    eventually(lambda: len(_nursery(own_server).children()) == 4)  # 2 readers, writer, intake
    own_server.task("POST", "/indexes", {"uid": "things", "primaryKey": "id"})
    return Merging(own_server)


def test_a_write_during_a_merge_is_seen_at_once_and_stays(merging: Merging) -> None:
    server = merging.server
    before = _files(server, "segment")
    server.task("POST", "/indexes/things/documents", [{"id": "new", "text": "unheard"}])
    server.task("DELETE", "/indexes/things/documents/0-7")
    assert merging.process.status() == psutil.STATUS_STOPPED
    assert _found(server, "unheard") == ["new"]
    assert _count(server) == merging.loaded
    merging.process.resume()
    merging.until_merged(before)
    assert _found(server, "unheard") == ["new"]
    assert _count(server) == merging.loaded
    assert server.call("GET", "/indexes/things/documents/0-7")[0] == 404


def test_a_killed_merge_is_made_again(merging: Merging) -> None:
    server = merging.server
    merging.process.kill()
    before = _files(server, "segment")
    server.task("POST", "/indexes/things/documents", [{"id": "new", "text": "unheard"}])
    merging.until_merged(before)
    assert _found(server, "unheard") == ["new"]
    assert _count(server) == merging.loaded + 1


@pytest.fixture
def told_server(tmp_path: Path) -> Iterator[Server]:
    """A server whose log can be read."""
    server = Server(tmp_path / "data", log=tmp_path / "log").start()
    yield server
    server.stop()


def test_a_merge_that_cannot_write_is_made_when_it_can(told_server: Server, tmp_path: Path) -> None:
    server, nursery = told_server, _nursery(told_server)
    eventually(lambda: len(nursery.children()) == 4)
    unlimited = nursery.rlimit(psutil.RLIMIT_FSIZE)
    nursery.rlimit(psutil.RLIMIT_FSIZE, (100_000, unlimited[1]))  # holds for new processes
    server.task("POST", "/indexes", {"uid": "things", "primaryKey": "id"})
    _load(server, 0)
    _load(server, 1)
    before = _files(server, "segment")
    eventually(lambda: "It is tried again" in (tmp_path / "log").read_text(), 60)
    eventually(lambda: not _files(server, "merged"))  # between two attempts
    assert set(_files(server, "segment")) == set(before)
    assert (_count(server), len(_found(server, "7"))) == (2 * MANY, 20)
    nursery.rlimit(psutil.RLIMIT_FSIZE, unlimited)
    eventually(lambda: not set(before) & set(_files(server, "segment")), 60)
    assert (_count(server), len(_found(server, "7"))) == (2 * MANY, 20)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_end_of_the_server_during_a_merge_loses_nothing(
    merging: Merging, number: signal.Signals
) -> None:
    server = merging.server
    before = _files(server, "segment")
    merging.process.resume()
    server.stop(number)
    _, alive = psutil.wait_procs([merging.process], timeout=10)
    assert not alive
    server.start()
    assert _count(server) == merging.loaded
    merging.until_merged(before)
    eventually(lambda: not _files(server, "merged"))
    assert _count(server) == merging.loaded
    assert len(_found(server, "7")) == 20


def test_a_deleted_index_leaves_its_merge_behind(merging: Merging) -> None:
    server = merging.server
    server.task("DELETE", "/indexes/things")
    merging.process.resume()
    psutil.wait_procs([merging.process], timeout=60)
    _load(server, 0)
    assert _count(server) == MANY
