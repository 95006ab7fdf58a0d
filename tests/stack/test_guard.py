import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stack import guard
from stack.guard import Order

PATIENT = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {PATIENT}"


class Guarded:
    """A Python program under a guard, whose lifeline the test holds."""

    def __init__(self, folder: Path, program: str, grace: float = 5):
        self.record = folder / "it.json"
        order = Order(
            self.record, signal.SIGTERM, grace, None, None, [sys.executable, "-c", program]
        )
        reading, self.lifeline = os.pipe()
        with os.fdopen(reading, "rb") as stdin:
            self.guard = subprocess.Popen(
                [sys.executable, "-I", "-S", guard.__file__, *guard.arguments(order)],
                stdin=stdin,
                stdout=subprocess.PIPE,
                text=True,
            )

    def child(self) -> psutil.Process:
        assert self.guard.stdout is not None
        assert self.guard.stdout.readline() == "up\n"
        return psutil.Process(json.loads(self.record.read_text())["child"])


@pytest.fixture
def guarded(tmp_path):
    started = []

    def start(program: str, grace: float = 5) -> Guarded:
        started.append(Guarded(tmp_path, program, grace))
        return started[-1]

    yield start
    for each in started:
        each.guard.kill()
        each.guard.wait()
        each.guard.stdout.close()


def gone(process: psutil.Process, seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


def test_the_end_of_the_lifeline_stops_the_program(guarded):
    it = guarded(PATIENT)
    child = it.child()
    os.close(it.lifeline)
    assert it.guard.wait(5) == 128 + signal.SIGTERM
    assert gone(child)
    assert not it.record.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_the_program(guarded, number):
    it = guarded(PATIENT)
    child = it.child()
    it.guard.send_signal(number)
    assert it.guard.wait(5) == 128 + signal.SIGTERM
    assert gone(child)


def test_the_record_says_who_was_born_when(guarded):
    it = guarded(PATIENT)
    it.child()
    record = json.loads(it.record.read_text())
    assert record["guard_born"] == guard.birth(it.guard.pid) != ""
    assert record["child_born"] == guard.birth(record["child"]) != ""


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_a_birth_is_one_process_alone(monkeypatch, platform):
    monkeypatch.setattr(sys, "platform", platform)
    spaced = [sys.executable, "-c", "input()"]
    with subprocess.Popen(spaced, stdin=subprocess.PIPE) as one:
        born = guard.birth(one.pid)
        assert born == guard.birth(one.pid) != ""
        assert born != guard.birth(1)
        one.kill()
        one.wait()
        assert guard.birth(one.pid) == ""


def test_a_ps_that_does_not_answer_is_not_waited_for(monkeypatch, tmp_path):
    (tmp_path / "ps").write_text("#!/bin/sh\nexec /bin/sleep 60\n")
    (tmp_path / "ps").chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(guard, "PS_SECONDS", 0.2)
    with pytest.raises(TimeoutError, match="ps did not answer"):
        guard.birth(os.getpid())


def test_a_stubborn_program_is_killed_after_its_grace(guarded):
    it = guarded(STUBBORN, grace=0.3)
    child = it.child()
    begin = time.monotonic()
    os.close(it.lifeline)
    assert it.guard.wait(5) == 128 + signal.SIGKILL
    assert 0.3 <= time.monotonic() - begin < 3
    assert gone(child)


def test_a_killed_guard_takes_its_program_along(guarded):
    it = guarded(PATIENT)
    child = it.child()
    it.guard.kill()
    assert gone(child)
    assert it.record.exists()


def test_the_status_of_the_program_is_the_guards(guarded):
    assert guarded("raise SystemExit(7)").guard.wait(5) == 7


def test_what_a_program_left_in_its_group_ends_with_it(guarded):
    fork = (
        "import os, time\n"
        "pid = os.fork()\n"
        "if pid: print(pid, flush=True)\n"
        "else: os.closerange(0, 3); time.sleep(60)\n"
    )
    it = guarded(fork)
    left = psutil.Process(int(it.guard.stdout.readline()))
    assert it.guard.wait(5) == 0
    assert gone(left)


def run_here(monkeypatch, tmp_path, program, *, lifeline_ends, folder=None):
    """The status of a guard in this process, whose lifeline ends once the program is there."""
    reading, writing = os.pipe()
    order = Order(tmp_path / "it.json", 15, 0.3, folder, None, [sys.executable, "-c", program])
    with os.fdopen(reading) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        if lifeline_ends:
            os.close(writing)
        try:
            return guard.guard(order)
        finally:
            if not lifeline_ends:
                os.close(writing)


@pytest.mark.usefixtures("own_signals")
def test_the_temporary_folder_goes_with_the_program(monkeypatch, tmp_path):
    folder = tmp_path / "sockets"
    folder.mkdir()
    status = run_here(
        monkeypatch, tmp_path, "raise SystemExit(3)", lifeline_ends=False, folder=folder
    )
    assert status == 3
    assert not folder.exists()
    assert not (tmp_path / "it.json").exists()


@pytest.mark.usefixtures("own_signals")
def test_a_lifeline_that_is_closed_from_the_start_is_an_end_too(monkeypatch, tmp_path):
    status = run_here(monkeypatch, tmp_path, PATIENT, lifeline_ends=True)
    assert status == 128 + signal.SIGTERM


@pytest.mark.usefixtures("own_signals")
def test_a_program_that_cannot_be_recorded_is_not_left_running(monkeypatch, tmp_path):
    (tmp_path / "it.json").mkdir()  # which no record can replace
    spawn, spawned = guard._spawn, []
    monkeypatch.setattr(guard, "_spawn", lambda order: spawned.append(spawn(order)) or spawned[0])
    with pytest.raises(OSError, match=r"it\.json"):
        run_here(monkeypatch, tmp_path, PATIENT, lifeline_ends=False)
    assert spawned[0].wait(5) == -signal.SIGKILL


@given(
    st.builds(
        Order,
        st.just(Path("/run/it.json")),
        st.sampled_from([signal.SIGTERM, signal.SIGINT]).map(int),
        st.floats(0, 60),
        st.none() | st.just(Path("/tmp/it")),
        st.none() | st.tuples(st.integers(0, 65535), st.integers(0, 65535)),
        st.lists(st.text(min_size=1), min_size=1),
    )
)
def test_an_order_survives_its_command_line(order):
    assert guard.parse(guard.arguments(order)) == order


@pytest.mark.parametrize(
    "line", [["r", "15", "5", "-", "-", "--"], ["r", "15", "5", "-", "-", "x", "y"]]
)
def test_an_order_without_a_command_is_refused(line):
    with pytest.raises(ValueError, match="needs -- and a command"):
        guard.parse(line)
