import fcntl
import json
import os
import stat
import subprocess
import sys
import threading
import time

import pytest

from config.settings import load
from stack import running
from stack.guard import birth
from stack.process import StartError

HOLD = """
import sys, time
from pathlib import Path
from stack import running
with running.alone(Path(sys.argv[1])):
    print("holds", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "holds\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_second_stack_is_refused_and_told_who_runs(tmp_path, holder):
    who = rf"is running already .*\(pid {holder.pid}\)"
    with pytest.raises(StartError, match=who), running.alone(tmp_path):
        pass
    assert running.process(tmp_path).pid == holder.pid


def test_a_killed_stack_is_not_running(tmp_path, holder):
    holder.kill()
    holder.wait()
    assert running.process(tmp_path) is None
    with running.alone(tmp_path):
        assert running.process(tmp_path).pid == os.getpid()
    assert (tmp_path / "run" / "up.pid").read_text() == ""


def test_looks_do_not_keep_a_stack_from_starting(tmp_path):
    with running.alone(tmp_path):
        pass
    with (tmp_path / "run" / "up.pid").open() as looked:
        fcntl.flock(looked, fcntl.LOCK_SH)
        assert running.process(tmp_path) is None
        threading.Timer(0.3, fcntl.flock, (looked.fileno(), fcntl.LOCK_UN)).start()
        with running.alone(tmp_path):
            assert running.process(tmp_path).pid == os.getpid()


def test_a_stranger_with_an_old_number_is_not_ended(tmp_path, holder):
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        path = tmp_path / "run" / "up.pid"
        path.write_text(json.dumps({"pid": stranger.pid, "pid_born": birth(holder.pid)}))
        assert not running.stop(tmp_path, 0.5)
        with pytest.raises(subprocess.TimeoutExpired):
            stranger.wait(0.2)
    finally:
        stranger.kill()
        stranger.wait()


def test_a_stack_is_seen_and_ended_after_the_clock_was_set(tmp_path, holder, set_the_clock):
    set_the_clock(3600)
    assert running.process(tmp_path).pid == holder.pid
    assert running.stop(tmp_path, 5)
    assert holder.wait(5) == -15


def test_a_stack_of_an_older_showroom_is_seen(tmp_path, holder):
    (tmp_path / "run" / "up.pid").write_text(json.dumps({"pid": holder.pid, "at": time.time()}))
    assert running.process(tmp_path).pid == holder.pid


def test_a_home_is_its_owners_only(tmp_path):
    with running.alone(tmp_path / "home"):
        assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700


def test_stop_ends_the_stack_that_runs(tmp_path, holder):
    assert running.stop(tmp_path, 5)
    assert holder.wait(5) == -15
    assert not running.stop(tmp_path, 5)


def test_a_home_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    what_to_do = pytest.raises(StartError, match="set SHOWROOM_HOME to another")
    with what_to_do, running.alone(tmp_path / "file"):
        pass


def test_addresses_are_for_their_owner_only_and_are_settings(tmp_path):
    with running.alone(tmp_path):
        published = {"redis_url": "redis://127.0.0.1:1/0", "port": "81"}
        running.write_addresses(tmp_path, published, ["valkey"])
        path = running.addresses_file(tmp_path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert json.loads(path.read_text())["port"] == "81"
        assert load(home=tmp_path).redis_url == "redis://127.0.0.1:1/0"
        assert running.programs(tmp_path) == {"valkey"}
        running.forget(tmp_path)
        assert load(home=tmp_path).redis_url is None
        assert running.programs(tmp_path) == set()
