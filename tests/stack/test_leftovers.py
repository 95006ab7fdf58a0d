import json
import os
import subprocess
import sys

import psutil
import pytest

from stack import leftovers
from stack.guard import birth


@pytest.fixture
def sleeper():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


def record_of(folder, process, born=None):
    path = folder / "run" / "processes" / "it.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    found = {
        "guard": process.pid,
        "guard_born": born or birth(process.pid),
        "child": process.pid,
        "child_born": born or birth(process.pid),
        "stop_signal": 15,
        "grace": 0.5,
        "folder": None,
    }
    path.write_text(json.dumps(found))
    return path


def test_a_recorded_process_is_ended(tmp_path, sleeper):
    record = record_of(tmp_path, sleeper)
    assert leftovers.end_all(tmp_path) == ["it"]
    assert not psutil.pid_exists(sleeper.pid)
    assert not record.exists()


def test_a_recorded_process_is_ended_after_the_clock_was_set(tmp_path, sleeper, set_the_clock):
    record_of(tmp_path, sleeper)
    set_the_clock(-3600)
    assert leftovers.end_all(tmp_path) == ["it"]
    assert not psutil.pid_exists(sleeper.pid)


def test_a_process_that_only_has_the_same_number_is_left_alone(tmp_path, sleeper):
    record = record_of(tmp_path, sleeper, born=birth(os.getpid()))
    assert leftovers.end_all(tmp_path) == []
    assert sleeper.poll() is None
    assert psutil.pid_exists(sleeper.pid)
    assert not record.exists()


@pytest.mark.parametrize("text", ["", "{", "{}", '{"guard": 1}'])
def test_a_record_that_was_cut_short_is_dropped(tmp_path, text):
    path = tmp_path / "run" / "processes" / "it.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert leftovers.end_all(tmp_path) == []
    assert not path.exists()
