import sys

import psutil
import pytest

from stack.process import Process, Program, StartError, tail, trim


def test_a_program_that_ends_while_starting_is_told_with_its_last_words(start, python, tmp_path):
    with pytest.raises(StartError) as told:
        start(python("import sys; sys.exit('no disk')", probe=lambda: False))
    log = tmp_path / "home" / "logs" / "it.log"
    assert str(told.value) == f"it ended while starting: no disk (read {log})"


def test_the_last_words_of_an_earlier_run_are_not_repeated(start, python, tmp_path):
    log = tmp_path / "home" / "logs" / "it.log"
    log.parent.mkdir(parents=True)
    log.write_text("the disk was full yesterday\n")
    with pytest.raises(StartError) as told:
        start(python("raise SystemExit(1)", probe=lambda: False))
    assert str(told.value) == f"it ended while starting. (read {log})"


def test_a_program_that_does_not_answer_is_not_waited_for_forever(start, python):
    with pytest.raises(StartError, match="did not answer in 0 s"):
        start(python("import time; time.sleep(60)", probe=lambda: False, ready_within=0.1))


def test_a_command_that_is_not_there_is_told(start):
    with pytest.raises(StartError, match="it ended while starting"):
        start(Program("it", ("/no/such/program",), probe=lambda: False))


def test_the_environment_of_a_program_is_its_own(start, python, tmp_path):
    seen = tmp_path / "seen"
    line = f"import os, time; open({str(seen)!r}, 'w').write(os.environ['SECRET']); time.sleep(1)"
    process = start(python(line, environment={"SECRET": "x1"}))
    assert "x1" not in repr(process.program)
    process._guard.wait(5)
    assert seen.read_text() == "x1"


def test_stop_waits_until_the_program_has_gone(start, python):
    process = start(python("import time; time.sleep(60)"))
    guard = psutil.Process(process._guard.pid)
    process.stop()
    assert not process.alive
    assert not guard.is_running()
    process.stop()


def test_a_start_ends_what_a_lost_guard_left(start, python, tmp_path):
    lines = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)"
    first = start(python(lines, grace=0.2))
    while not first.record.exists():
        pass
    child = psutil.Process(first._guard.pid).children()[0]
    while not child.cmdline()[0].startswith(sys.executable):
        pass
    first._guard.kill()
    again = Process(first.program, tmp_path / "home")
    again.start()
    try:
        assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    finally:
        again.stop()


def test_a_long_log_is_moved_and_its_writer_goes_on(tmp_path):
    log = tmp_path / "it.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"old\n" * 10)
        trim(log, limit=20)
        writer.write(b"new\n")
    assert log.read_bytes() == b"new\n"
    assert (tmp_path / "it.log.1").read_bytes() == b"old\n" * 10
    trim(log, limit=20)
    assert log.read_bytes() == b"new\n"


def test_tail_gives_the_last_lines_that_say_something(tmp_path):
    log = tmp_path / "it.log"
    assert tail(log) == []
    log.write_text("x" * 5000 + "\n\nfirst\n\nlast \n\n")
    assert tail(log)[-2:] == ["first", "last"]
