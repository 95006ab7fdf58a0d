import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import psutil
import pytest

from stack import leftovers, running, sockets

SMALL = Path(__file__).with_name("small_stack.py")
NO_SERVER = "http://127.0.0.1:9"


class Stack:
    """`showroom` on a home of the test's own, as a shell would run it."""

    def __init__(self, home: Path, meili):
        self.home = home
        self.port = sockets.free_port()
        self.environment = os.environ | {
            "SHOWROOM_HOME": str(home),
            "SHOWROOM_PORT": str(self.port),
            "MEILI_URL": meili.url,
            "MEILI_MASTER_KEY": meili.key,
            "SHOWROOM_MARKET_URL": NO_SERVER,
            "PYTHONPATH": str(SMALL.parent.parent.parent),
        }
        self.environment.pop("MAKELEVEL", None)
        self.running: list[subprocess.Popen[str]] = []

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, str(SMALL), *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.running.append(process)
        return process

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """(exit status, output, errors)."""
        process = self.begin(*arguments)
        output, errors = process.communicate(timeout=60)
        return process.returncode, output, errors

    def up(self) -> subprocess.Popen[str]:
        (self.home / "run" / "stack.json").unlink(missing_ok=True)
        process = self.begin("up")
        deadline = time.monotonic() + 30
        while not (self.home / "run" / "stack.json").exists():
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return process

    def processes(self) -> dict[str, psutil.Process]:
        """What is recorded and lives, by name and part."""
        found = {}
        for path in leftovers.folder(self.home).glob("*.json"):
            record = leftovers.read(path)
            for which in ("guard", "child"):
                process = leftovers.alive(record, which) if record else None
                if process is not None:
                    found[f"{path.stem} {which}"] = process
        return found


@pytest.fixture
def stack(tmp_path, meili):
    stack = Stack(tmp_path / "home", meili)
    yield stack
    for process in stack.running:
        process.terminate()
    for process in stack.running:
        process.communicate(timeout=30)
    leftovers.end_all(stack.home)


def none_left(processes, seconds=6.0):
    """Whether all of these end in time; whoever inherited them may reap them later."""
    _, left = psutil.wait_procs(processes, timeout=seconds)
    return all(_is_zombie(process) for process in left)


def _is_zombie(process):
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


ALL = {
    f"{name} {which}" for name in ("postgres", "valkey", "worker") for which in ("guard", "child")
}


def test_ctrl_c_ends_everything_that_was_started_and_nothing_else(stack):
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        up = stack.up()
        started = stack.processes()
        assert set(started) == ALL
        assert stack.run("up") == (
            1,
            "",
            f"Showroom is running already on {stack.home} (pid {up.pid}); "
            "`showroom down` stops it.\n",
        )
        assert set(stack.processes()) == ALL
        up.send_signal(signal.SIGINT)
        output, errors = up.communicate(timeout=20)
        assert (up.returncode, errors) == (0, "")
        assert none_left(started.values(), 0.5)
        assert f"Open http://127.0.0.1:{stack.port}" in output
        assert list(leftovers.folder(stack.home).iterdir()) == []
        assert not (stack.home / "run" / "stack.json").exists()
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_taken_port_is_one_sentence_and_nothing_is_started(stack):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", stack.port))
        taken.listen()
        status, output, errors = stack.run("up")
    assert (status, output) == (1, "")
    assert errors == (
        f"Port {stack.port} is taken by another program; stop that, or choose another port: "
        f"SHOWROOM_PORT={stack.port + 1}.\n"
    )
    assert stack.processes() == {}


def test_status_and_down_follow_the_stack(stack):
    status, output, _ = stack.run("status", "--json")
    assert (status, json.loads(output)["running"]) == (1, False)
    up = stack.up()
    status, output, _ = stack.run("status", "--json")
    seen = json.loads(output)
    assert (status, seen["running"], seen["pid"]) == (0, True, up.pid)
    assert {part["name"]: part["state"] for part in seen["parts"]} == {
        "postgres": "running",
        "valkey": "running",
        "search": "configured",
        "market": "configured",
        "api": "stopped",
        "indexer": "stopped",
        "worker": "running",
    }
    assert seen["stock"][0]["rows"] == 0
    assert seen["stock"][0]["documents"] is None
    status, output, _ = stack.run("status")
    assert status == 0
    assert "postgres" in output
    started = stack.processes()
    assert stack.run("down") == (0, "", "")
    assert none_left(started.values(), 0.5)
    assert up.wait(1) == 0
    assert stack.run("down") == (0, "Showroom does not run here.\n", "")


def test_detached_below_make_it_outlives_the_command(stack):
    stack.environment["MAKELEVEL"] = "1"
    try:
        assert stack.run("up", "--detach")[0] == 0
        behind = running.process(stack.home)
        with pytest.raises(psutil.TimeoutExpired):
            behind.wait(1)
        assert "stopping" not in (stack.home / "logs" / "up.log").read_text()
    finally:
        running.stop(stack.home, 20)


def test_a_setting_that_cannot_be_used_is_one_sentence(stack):
    stack.environment["SHOWROOM_PORT"] = "all"
    status, _, errors = stack.run("up")
    assert status == 1
    assert errors.startswith("The setting")
    assert errors.count("\n") == 1


def test_a_configured_database_that_refuses_is_one_sentence(stack, postgres_server):
    stack.environment["DATABASE_URL"] = postgres_server.replace("@/showroom", ":hidden@/none")
    status, output, errors = stack.run("up")
    assert status == 1
    assert errors.startswith("The database on this machine cannot be used")
    assert "check DATABASE_URL" in errors
    assert errors.count("\n") == 1
    assert "hidden" not in output + errors


def test_a_database_of_a_later_version_is_one_sentence(stack, postgres_url):
    asyncio.run(
        _execute(
            postgres_url,
            "INSERT INTO aerich (version, app, content) VALUES ('9_x', 'models', '{}')",
        )
    )
    stack.environment["DATABASE_URL"] = postgres_url
    status, _, errors = stack.run("up")
    assert status == 1
    assert errors.startswith("A later version of Showroom changed this database")
    assert errors.count("\n") == 1


async def _execute(url, sql):
    connection = await asyncpg.connect(url)
    await connection.execute(sql)
    await connection.close()


@pytest.mark.prove
def test_kill_9_of_the_parent_leaves_nothing_and_the_data_is_right(stack):
    for attempt in range(3):
        up = stack.up()
        started = stack.processes()
        assert set(started) == ALL
        up.kill()
        up.wait()
        assert none_left(started.values()), f"attempt {attempt}"


@pytest.mark.prove
def test_kill_9_of_everything_at_once_is_cleaned_up_by_the_next_start(stack):
    up = stack.up()
    started = stack.processes()
    up.kill()
    for name, process in started.items():
        if name.endswith("guard"):
            process.kill()
    up.wait()
    again = stack.up()
    assert set(stack.processes()) == ALL
    assert none_left(started.values(), 0.5)
    again.send_signal(signal.SIGTERM)
    again.communicate(timeout=20)
    assert again.returncode == 0


@pytest.mark.prove
def test_a_killed_server_is_started_again_in_one_line(stack):
    up = stack.up()
    first = stack.processes()["postgres child"]
    first.kill()
    deadline = time.monotonic() + 20
    while (now := stack.processes().get("postgres child")) in {None, first}:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert now.is_running()
    time.sleep(1)
    up.send_signal(signal.SIGTERM)
    output, _ = up.communicate(timeout=20)
    assert sum("postgres ended and is started again" in line for line in output.splitlines()) == 1
