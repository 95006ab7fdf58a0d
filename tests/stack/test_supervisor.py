import asyncio
import contextlib
import time

import psutil
import pytest

from stack import supervisor as module
from stack.process import StartError
from stack.supervisor import Supervisor


@pytest.fixture
async def run(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "FIRST_DELAY", 0.02)
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.02)
    told = []
    supervisor = Supervisor(tmp_path, told.append)
    supervisor.told = told
    yield supervisor
    await supervisor.stop()


@contextlib.asynccontextmanager
async def watching(supervisor):
    task = asyncio.create_task(supervisor.watch())
    yield task
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def until(true, seconds=10):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def child_of(process):
    found = psutil.Process(process._guard.pid).children()
    return found[0].pid if found else None


async def test_what_dies_is_started_again(run, python):
    await run.start([python("import time; time.sleep(60)")])
    process = run._stages[0][0]
    await until(lambda: child_of(process))
    first = child_of(process)
    async with watching(run):
        psutil.Process(first).kill()
        await until(lambda: process.alive and child_of(process) not in {None, first})
    assert len(run.told) == 1
    assert "it ended and is started again in 0.02 s" in run.told[0]


async def test_what_is_not_waited_for_is_started_again_too(run, python):
    run.begin([python("import time; time.sleep(60)", probe=lambda: False)])
    process = run._stages[0][0]
    await until(lambda: child_of(process))
    async with watching(run):
        psutil.Process(child_of(process)).kill()
        await until(lambda: run.told)
    assert "it ended and is started again" in run.told[0]


async def test_what_dies_again_and_again_is_given_up(run, python, monkeypatch):
    monkeypatch.setattr(module, "MOST_DEATHS", 3)
    monkeypatch.setattr(module, "LONGEST_DELAY", 0.03)
    run.begin([python("pass"), python("import time; time.sleep(60)", name="other")])
    async with watching(run) as task:
        await until(lambda: "not started again" in "".join(run.told))
        assert not task.done()
    assert sum("started again in" in line for line in run.told) == 3
    assert run._stages[0][1].alive


async def test_one_that_does_not_start_fails_the_start_and_all_can_be_stopped(run, python):
    bad = python("import sys; sys.exit('no')", name="bad", probe=lambda: False)
    with pytest.raises(StartError, match="bad ended while starting: no"):
        await run.start([python("import time; time.sleep(60)"), bad])
    await run.stop()
    assert not any(process.alive for process in run._stages[0])


async def test_later_stages_are_stopped_first(run, python, tmp_path):
    lines = (
        "import signal, sys, time\n"
        "def end(*_):\n"
        f"    open({str(tmp_path / 'order')!r}, 'a').write(NAME); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        f"open({str(tmp_path)!r} + '/up-' + NAME, 'w')\n"
        "time.sleep(60)\n"
    )
    for name in ("server", "writer"):
        program = python(f"NAME = {name!r}\n{lines}", name=name)
        await run.start([program])
        await until((tmp_path / f"up-{name}").exists)
    await run.stop()
    assert (tmp_path / "order").read_text() == "writerserver"
