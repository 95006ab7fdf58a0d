"""The whole stack, as `make run` starts it: a market is crawled, killed, started again."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from stack import leftovers, sockets

ROOT = Path(__file__).parent.parent.parent
EVERYTHING = {"postgres", "valkey", "search", "market", "api", "indexer", "worker"}
pytestmark = [pytest.mark.prove, pytest.mark.timeout(300)]


class Whole:
    def __init__(self, home):
        self.home = home
        self.port = sockets.free_port()
        self.environment = os.environ | {
            "SHOWROOM_HOME": str(home),
            "SHOWROOM_PORT": str(self.port),
            "SHOWROOM_WORKERS": "1",
        }

    def showroom(self, *arguments, status=0):
        done = subprocess.run(
            [sys.executable, "-m", "stack.cli", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=250,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout

    def status(self):
        return json.loads(self.showroom("status", "--json"))

    def stock(self):
        return self.status()["stock"][0]

    def total(self):
        url = f"http://127.0.0.1:{self.port}/api/v1/listings?per_page=1"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["meta"]["total"]

    def processes(self):
        found = []
        for path in leftovers.folder(self.home).glob("*.json"):
            record = leftovers.read(path)
            for which in ("guard", "child"):
                process = leftovers.alive(record, which) if record else None
                if process is not None:
                    found += [process, *process.children(recursive=True)]
        return found


@pytest.fixture
def whole(tmp_path):
    whole = Whole(tmp_path / "home")
    yield whole
    subprocess.run(
        [sys.executable, "-m", "stack.cli", "down"], cwd=ROOT, env=whole.environment, check=True
    )
    leftovers.end_all(whole.home)


def until(true, seconds):
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    return found


def test_a_crawled_market_survives_kill_9_of_the_parent(whole):
    whole.showroom("up", "--detach")
    seen = whole.status()
    assert {part["name"] for part in seen["parts"] if part["state"] == "running"} == EVERYTHING
    until(lambda: (whole.stock()["documents"] or 0) >= 100, 120)
    assert whole.total() >= 100

    before, everything = whole.stock(), whole.processes()
    os.kill(seen["pid"], signal.SIGKILL)
    _, left = psutil.wait_procs(everything, timeout=10)
    assert left == []

    whole.showroom("up", "--detach")
    assert whole.stock()["rows"] >= before["rows"]
    until(lambda: whole.stock()["rows"] > before["rows"] and whole.total() > before["rows"], 120)

    everything = whole.processes()
    whole.showroom("down")
    _, left = psutil.wait_procs(everything, timeout=1)
    assert left == []
    assert whole.showroom("status", status=1)
