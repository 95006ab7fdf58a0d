"""kill -STOP of the search server under load: bounded waits, honest errors, full recovery."""

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import psutil
import pytest
import redis

from engine import version
from stack.engine import master_key, meililite
from stack.process import Process
from stack.sockets import free_port
from tests.service.conftest import fill

LISTINGS = "/api/v1/listings"
STOPPED_SECONDS = 10.0
CLIENTS = 48
LONGEST_WAIT = 9.0
"""A search may take 5 s; the rest is for a machine that is busy."""

KNOWN_SECONDS = 2.0
"""By then every worker knows the version, however busy the machine is."""

KNOWN = [f"price_max={price}" for price in range(10_000, 30_000, 1000)]

pytestmark = [pytest.mark.prove, pytest.mark.timeout(180)]


@dataclass
class Answers:
    """What the requests of one phase got."""

    began: list[float] = field(default_factory=list)  # seconds from the start of the phase
    seconds: list[float] = field(default_factory=list)
    seen: list[httpx.Response] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def statuses(self) -> set[int]:
        return {answer.status_code for answer in self.seen}

    def told(self) -> str:
        ordered = sorted(self.seconds)
        stale = sum(is_stale(answer) for answer in self.seen)
        refused = sum(answer.status_code == 503 for answer in self.seen)
        return (
            f"{len(ordered)} answers, {stale} outdated, {refused} refused;"
            f" p50 {ordered[len(ordered) // 2]:.2f} s, longest {ordered[-1]:.2f} s"
        )


def is_stale(answer: httpx.Response) -> bool:
    return answer.headers.get("cache-status", "").startswith("showroom; hit; ttl=-")


@pytest.fixture
def engine(run_server, tmp_path: Path, documents) -> tuple[str, str, list[psutil.Process]]:
    """URL, key and processes of a search server with the documents."""
    key = master_key(tmp_path / "key")
    process: Process = run_server(replace(meililite(tmp_path / "data", key), name="stopped"))
    url = process.program.address
    asyncio.run(fill(url, key, documents))
    guard = psutil.Process(process._guard.pid)
    family = guard.children(recursive=True)
    assert family
    return url, key, family


@pytest.fixture
def api(engine, valkey_url) -> Iterator[str]:
    """The API with two workers, as a process."""
    port = free_port()
    settings = {
        "MEILI_URL": engine[0],
        "MEILI_SEARCH_KEY": engine[1],
        "REDIS_URL": valkey_url,
        "SHOWROOM_PORT": str(port),
        "SHOWROOM_WORKERS": "2",
        "SHOWROOM_RATE": "0",
    }
    process = subprocess.Popen([sys.executable, "-m", "service"], env=os.environ | settings)
    url = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + 60
        while not answers(url):
            assert time.monotonic() < end, "the API does not start"
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/ready", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def publish(valkey_url: str, number: int) -> None:
    with redis.Redis.from_url(valkey_url) as valkey:
        valkey.set(version.key("cars"), number)


async def load(url: str, seconds: float) -> Answers:
    """Searches that are known and searches that are new, from many clients at once."""
    found, dice = Answers(), random.Random(1)
    end = time.monotonic() + seconds

    async def client(session: httpx.AsyncClient) -> None:
        while (began := time.monotonic()) < end:
            new = f"mileage_max={dice.randrange(200_000)}"
            try:
                answer = await session.get(f"{LISTINGS}?{dice.choice((new, dice.choice(KNOWN)))}")
            except httpx.HTTPError as error:
                found.lost.append(repr(error))
                continue
            found.began.append(began - end + seconds)
            found.seconds.append(time.monotonic() - began)
            found.seen.append(answer)
            await asyncio.sleep(0.05)

    limits = httpx.Limits(max_connections=CLIENTS)
    async with httpx.AsyncClient(base_url=url, timeout=30, limits=limits) as session:
        await asyncio.gather(*(client(session) for _ in range(CLIENTS)))
    return found


@contextlib.contextmanager
def stopped(family: list[psutil.Process]) -> Iterator[None]:
    for process in family:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in family:
            process.send_signal(signal.SIGCONT)


async def recovered(url: str) -> float:
    """Seconds until every kind of search is answered anew, and nothing outdated any more."""
    began = time.monotonic()
    async with httpx.AsyncClient(base_url=url, timeout=30) as session:
        in_a_row = 0
        while in_a_row < 3 * len(KNOWN):
            assert time.monotonic() < began + 60, "not recovered"
            for query in (*KNOWN, f"mileage_max={in_a_row}"):
                answer = await session.get(f"{LISTINGS}?{query}")
                good = answer.status_code == 200 and not is_stale(answer)
                in_a_row = in_a_row + 1 if good else 0
    return time.monotonic() - began


def test_a_stopped_search_server_is_outlived(engine, api: str, valkey_url):
    _, _, family = engine
    publish(valkey_url, 1)
    before = asyncio.run(load(api, 3))
    assert (before.statuses(), before.lost) == ({200}, [])
    with stopped(family):
        publish(valkey_url, 2)  # what is kept is outdated
        during = asyncio.run(load(api, STOPPED_SECONDS))
    seconds = asyncio.run(recovered(api))
    after = asyncio.run(load(api, 3))
    print(f"before: {before.told()}\nstopped: {during.told()}\nafter: {after.told()}")
    print(f"recovered {seconds:.1f} s after it went on")

    assert during.lost == []
    assert during.statuses() == {200, 503}
    assert max(during.seconds) < LONGEST_WAIT
    for began, answer in zip(during.began, during.seen, strict=True):
        if answer.status_code == 200 and began > KNOWN_SECONDS:
            assert is_stale(answer)
    refused = [answer for answer in during.seen if answer.status_code == 503]
    assert all(int(answer.headers["retry-after"]) > 0 for answer in refused)
    assert {answer.json()["type"] for answer in refused} <= {
        "urn:showroom:problem:busy",
        "urn:showroom:problem:unavailable",
    }
    assert (after.statuses(), after.lost) == ({200}, [])
    assert not any(is_stale(answer) for answer in after.seen)
