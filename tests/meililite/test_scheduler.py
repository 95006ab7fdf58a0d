"""What the scheduler does when something it stands on fails."""

import asyncio
from pathlib import Path

import orjson
import pytest

from meililite.registry import tasks
from meililite.registry.database import Database
from meililite.registry.indexes import Indexes
from meililite.registry.tasks import NewTask
from meililite.scheduler import run
from meililite.scheduler.merges import Merges
from meililite.scheduler.run import Scheduler

_ANSWER = {"version": 1, "primaryKey": None, "settings": {}, "stats": {}, "ends": []}


class _Fleet:
    """Stands for the child processes, which here fail as often as they are told to."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.calls = 0
        self.plans: list[bool] = []
        self.readers = self
        self.writer = self

    async def call(self, operation: str, *arguments: object) -> bytes:
        if operation == "plan":
            self.plans.append(bool(arguments[1]))
        return orjson.dumps([[], False] if operation == "plan" else _ANSWER)

    async def each(self, operation: str, *arguments: object, together: bool = False) -> None:
        if operation == "open":
            self.calls += 1
            if self.calls <= self.failures:
                raise RuntimeError("the version cannot be opened")


@pytest.fixture
def database(tmp_path: Path):
    database = Database(tmp_path / "registry.sqlite")
    yield database
    database.close()


async def _run(database: Database, folder: Path, failures: int, monkeypatch) -> list[str]:
    monkeypatch.setattr(run, "_RETRY_PAUSE", 0.001)
    for uid in ("a", "b"):
        new = NewTask("indexCreation", uid, {}, {"primaryKey": None, "createIndex": True})
        database.change(lambda connection, new=new: tasks.enqueue(connection, new))
    scheduler = Scheduler(database, Indexes(database), _Fleet(failures), folder)
    running = asyncio.create_task(scheduler.run())
    scheduler.wake()
    async with asyncio.timeout(10):
        while tasks.waiting(database, 1) or "processing" in _statuses(database):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    running.cancel()
    return _statuses(database)


def _statuses(database: Database) -> list[str]:
    return [row[0] for row in database.read("SELECT status FROM tasks ORDER BY uid")]


async def test_a_batch_that_fails_for_a_while_is_done_in_the_end(
    database: Database, tmp_path: Path, monkeypatch
):
    assert await _run(database, tmp_path, 3, monkeypatch) == ["succeeded", "succeeded"]
    assert len(Indexes(database)) == 2


async def test_a_batch_that_keeps_failing_makes_way(
    database: Database, tmp_path: Path, monkeypatch
):
    assert await _run(database, tmp_path, 5, monkeypatch) == ["failed", "succeeded"]
    error = orjson.loads(database.read("SELECT error FROM tasks WHERE uid = 0")[0][0])
    assert error["code"] == "internal"
    assert "cannot be opened" in error["message"]
    assert list(Indexes(database)) == ["b"]


async def test_merges_are_planned_again_when_no_task_of_the_index_waits(
    database: Database, tmp_path: Path
):
    fleet = _Fleet(0)
    for _ in range(2):  # of which the second is refused, and changes nothing
        new = NewTask("indexCreation", "a", {}, {"primaryKey": None, "createIndex": True})
        database.change(lambda connection, new=new: tasks.enqueue(connection, new))
    scheduler = Scheduler(database, Indexes(database), fleet, tmp_path)
    running = asyncio.create_task(scheduler.run())
    scheduler.wake()
    async with asyncio.timeout(10):
        while len(fleet.plans) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    running.cancel()
    assert fleet.plans == [True, False]


class _Endless:
    """Merges until it is told to stop."""

    def __init__(self) -> None:
        self.merging: set[str] = set()

    async def merge(self, uuid: str, names: list[str], *, oldest: bool) -> str:
        self.merging.add(uuid)
        try:
            return await asyncio.Future()
        finally:
            self.merging.remove(uuid)


async def test_merges_of_a_deleted_index_end(database: Database, tmp_path: Path):
    fleet = _Endless()
    merges = Merges(fleet, lambda: None)
    for uuid in ("deleted", "kept"):
        merges.start(uuid, [], oldest=True)
    async with asyncio.timeout(10):
        while len(fleet.merging) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        assert not merges.may_start
        merges.stop("deleted")
        while len(fleet.merging) > 1:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert fleet.merging == {"kept"}
    assert merges.may_start
    merges.close()
