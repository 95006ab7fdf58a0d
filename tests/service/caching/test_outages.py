"""Searches while Valkey hangs, and after it: answered, not kept, kept again."""

import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
import redis

from config.settings import Settings
from engine import version
from stack.valkey import valkey

LISTINGS = "/api/v1/listings?facets=none"


def until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def status(client: httpx.Client) -> str:
    answer = client.get(LISTINGS)
    assert answer.status_code == 200
    return answer.headers["cache-status"]


def test_a_valkey_that_hangs_takes_no_search_down(serve, filled, run_server, tmp_path: Path):
    process = run_server(replace(valkey(tmp_path), name="valkey-hangs"))
    url = process.program.address
    with redis.Redis.from_url(url) as client:
        client.set(version.key("cars"), 1)
    family = psutil.Process(process._guard.pid).children(recursive=True)
    assert family
    settings = Settings(meili_url=filled[0], meili_master_key=filled[1], redis_url=url)
    with serve(settings) as api:
        until(lambda: status(api) == "showroom; hit", "never kept")
        for one in family:
            one.send_signal(signal.SIGSTOP)
        try:
            until(lambda: status(api) == "showroom; fwd=bypass", "kept without a version")
            for _ in range(5):
                assert status(api) != "showroom; hit"  # outdated where the machine is busy
        finally:
            for one in family:
                one.send_signal(signal.SIGCONT)
        until(lambda: status(api) == "showroom; hit", "not kept again")
