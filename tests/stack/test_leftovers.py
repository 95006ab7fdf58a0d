import json
import subprocess
import sys
import time

import psutil
import pytest

from stack import leftovers


@pytest.fixture
def sleeper():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


def record_of(folder, process, at=None):
    path = folder / "run" / "processes" / "it.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    found = {
        "guard": process.pid,
        "child": process.pid,
        "at": time.time() if at is None else at,
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


def test_a_process_that_only_has_the_same_number_is_left_alone(tmp_path, sleeper):
    record = record_of(tmp_path, sleeper, at=time.time() - 3600)
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
