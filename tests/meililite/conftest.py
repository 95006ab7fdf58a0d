from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.meililite.meililite_server import Server


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for tests that leave nothing behind that others would see."""
    server = Server(tmp_path_factory.mktemp("meililite")).start()
    yield server
    server.stop()


@pytest.fixture
def server(shared_server: Server) -> Server:
    """An empty server: no index and no task that still runs."""
    _, page = shared_server.call("GET", "/indexes?limit=1000")
    for index in page["results"]:
        shared_server.task("DELETE", f"/indexes/{index['uid']}")
    return shared_server


@pytest.fixture
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that may be killed."""
    server = Server(tmp_path_factory.mktemp("own"))
    server.start()
    yield server
    if server.process is not None and server.process.poll() is None:
        server.stop()
