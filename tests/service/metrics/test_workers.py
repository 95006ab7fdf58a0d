"""The numbers of real worker processes that share a port, across their ends."""

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from service.metrics.ledger import Ledger, opened
from stack.sockets import free_port
from tests.service.metrics.conftest import UNUSED, Samples, scrape
from tests.service.test_process import AWAY, answers, end, eventually, gone, start, workers

ASKED = 30
DOCS = 'showroom_http_requests_total{method="GET",route="/docs",status="200"}'
WORKERS = "showroom_api_workers"
LIMITED = "showroom_rate_limited_total"


class Service(NamedTuple):
    process: subprocess.Popen[str]
    url: str
    folder: Path

    def scrapes(self) -> list[Samples]:
        """Several, each by a connection of its own: it is chance which worker answers."""
        return [scrape(self.url) for _ in range(6)]


@contextlib.contextmanager
def serving(home: Path, **environment: str) -> Iterator[Service]:
    port = free_port()
    process = start(
        MEILI_URL=AWAY,
        SHOWROOM_HOME=str(home),
        SHOWROOM_PORT=str(port),
        SHOWROOM_RATE="0",
        **environment,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        assert eventually(lambda: answers(url))
        folder = next(home.glob(f"metrics/{port}-*"), home / "none")
        yield Service(process, url, folder)
    finally:
        end(process, 20)


@pytest.fixture
def service(tmp_path) -> Iterator[Service]:
    """A service that starts where another keeps its numbers."""
    with opened(tmp_path, 8000) as other:
        Ledger(other, 0).publish({(LIMITED,): [99]})
        with serving(tmp_path, SHOWROOM_ADMIN_KEY="s3cret") as service:
            yield service


def test_numbers_are_those_of_all_workers_and_outlive_them(service):
    assert eventually(lambda: scrape(service.url)[WORKERS] == 2)
    for _ in range(ASKED):
        httpx.get(f"{service.url}/docs", verify=UNUSED)
    assert eventually(lambda: scrape(service.url)[DOCS] == ASKED)
    assert {told[DOCS] for told in service.scrapes()} == {ASKED}
    assert scrape(service.url)[LIMITED] == 0

    killed = workers(service.process)[-1]
    killed.kill()
    assert eventually(lambda: gone([killed]))
    ended, fell = time.time(), []

    def replaced() -> bool:
        """Whether each place has told its numbers since."""
        fell.extend(told for told in service.scrapes() if told[DOCS] < ASKED)
        return all(path.stat().st_mtime > ended for path in service.folder.glob("*.json"))

    assert eventually(replaced)
    assert {told[DOCS] for told in service.scrapes()} == {ASKED}
    httpx.get(f"{service.url}/docs", verify=UNUSED)
    assert eventually(lambda: scrape(service.url)[DOCS] == ASKED + 1)
    assert fell == []

    shutil.rmtree(service.folder)
    assert eventually(lambda: {told[WORKERS] for told in service.scrapes()} == {1})


def test_the_folder_goes_with_the_service(service):
    assert service.folder.is_dir()
    service.process.terminate()
    assert service.process.wait(timeout=30) == 0
    assert not service.folder.exists()


def test_where_nothing_can_be_written_it_serves_all_the_same(tmp_path):
    (tmp_path / "metrics").touch()
    with serving(tmp_path, SHOWROOM_ADMIN_KEY="s3cret") as service:
        assert scrape(service.url)[WORKERS] == 1
        service.process.terminate()
        said, _ = service.process.communicate(timeout=30)
    assert said.count("/metrics tells the numbers of one worker") == 1


def test_without_a_key_nothing_is_written(tmp_path):
    home = tmp_path / "home"
    with serving(home, SHOWROOM_ADMIN_KEY="") as service:
        service.process.terminate()
        said, _ = service.process.communicate(timeout=30)
    assert not home.exists()
    assert "/metrics" not in said
