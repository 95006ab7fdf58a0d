"""What the scheduler does when something it stands on fails."""

import asyncio
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
import pytest

from meililite.index.versions import Manifest, write_manifest
from meililite.registry import tasks
from meililite.registry.database import Database
from meililite.registry.indexes import Indexes
from meililite.registry.tasks import NewTask
from meililite.scheduler import merges, run
from meililite.scheduler.merges import Merges
from meililite.scheduler.run import Scheduler

_ANSWER = {"version": 1, "primaryKey": None, "settings": {}, "stats": {}, "ends": []}


class _Fleet:
    """Stands for the child processes, which here fail as often as they are told to."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.calls = 0
        self.plans: list[bool] = []
        self.together: list[bool] = []
        self.readers = self
        self.writer = self

    async def call(self, operation: str, *arguments: object) -> bytes:
        if operation == "plan":
            self.plans.append(bool(arguments[1]))
        return orjson.dumps([[], False] if operation == "plan" else _ANSWER)

    async def each(self, operation: str, *arguments: object, together: bool = False) -> None:
        if operation == "open":
            self.together.append(together)
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


class _Changing(_Fleet):
    """Tells that so many documents were changed, by two tasks."""

    def __init__(self, changed: int) -> None:
        super().__init__(0)
        self.changed = changed

    async def call(self, operation: str, *arguments: Any) -> bytes:
        if operation != "run":
            return await super().call(operation, *arguments)
        done = [
            {"details": {"indexedDocuments": self.changed}},
            {"details": {"deletedDocuments": 1}},
        ]
        return orjson.dumps({**_ANSWER, "ends": done})


@pytest.mark.parametrize(("changed", "together"), [(255, True), (256, False)])
async def test_readers_open_what_takes_long_one_after_another(
    database: Database, tmp_path: Path, changed: int, together: bool
):
    fleet = _Changing(changed)
    for kind, arguments in (
        ("documentAdditionOrUpdate", {"createIndex": True}),
        ("documentDeletion", {"ids": ["1"]}),
    ):
        new = NewTask(kind, "a", {}, arguments)
        database.change(lambda connection, new=new: tasks.enqueue(connection, new))
    scheduler = Scheduler(database, Indexes(database), fleet, tmp_path)
    running = asyncio.create_task(scheduler.run())
    scheduler.wake()
    async with asyncio.timeout(20):
        while tasks.waiting(database, 1) or "processing" in _statuses(database):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    running.cancel()
    assert fleet.together == [together]


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
        merges.start(uuid, ["1.segment"], oldest=True)
    async with asyncio.timeout(10):
        while len(fleet.merging) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        assert not merges.may_start("kept")
        merges.stop("deleted")
        while len(fleet.merging) > 1:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert fleet.merging == {"kept"}
    assert merges.may_start("kept")
    merges.close()


class _Merging(_Fleet):
    """Has segments that want to be one; making that, or taking it over, fails so often."""

    def __init__(self, folder: Path, failures: int, adoptions: int = 0) -> None:
        super().__init__(0)
        self.folder, self.left, self.adoptions = folder, failures, adoptions
        self.planned = 0
        self.merged: list[float] = []
        self.adopted: list[object] = []

    async def call(self, operation: str, *arguments: Any) -> bytes:
        if operation == "run":
            directory = self.folder / arguments[0]["uuid"]
            directory.mkdir(exist_ok=True)
            write_manifest(directory, Manifest(1, sizes=[10, 10]), [])
        elif operation == "plan":
            self.planned += 1
            return orjson.dumps([[] if any(self.adopted) else ["1.segment", "2.segment"], True])
        elif operation == "adopt":
            self.adopted.append(arguments[2])
            if arguments[2] is not None and self.adoptions:
                self.adoptions -= 1
                self.adopted.clear()
                raise RuntimeError("the manifest cannot be written")
            return b"1" if arguments[2] is None else b"2"
        return await super().call(operation, *arguments)

    async def merge(self, uuid: str, names: list[str], *, oldest: bool) -> str:
        self.merged.append(asyncio.get_running_loop().time())
        if self.left:
            self.left -= 1
            raise RuntimeError("the disk is full")
        return "1-2.merged"


async def _merge(database: Database, folder: Path, fleet: _Merging, until: Callable[[], bool]):
    new = NewTask("indexCreation", "a", {}, {"primaryKey": None, "createIndex": True})
    database.change(lambda connection: tasks.enqueue(connection, new))
    scheduler = Scheduler(database, Indexes(database), fleet, folder)
    running = asyncio.create_task(scheduler.run())
    scheduler.wake()
    async with asyncio.timeout(20):
        while not until():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.01)  # for what it should not do any more
    running.cancel()


@pytest.mark.parametrize(("failures", "adoptions"), [(4, 0), (2, 2)])
async def test_a_merge_that_fails_is_tried_again_after_longer_and_longer_pauses(
    database: Database, tmp_path: Path, monkeypatch, failures: int, adoptions: int
):
    monkeypatch.setattr(merges, "_FIRST_PAUSE", 0.02)
    monkeypatch.setattr(run, "_RETRY_PAUSE", 0.001)
    fleet = _Merging(tmp_path, failures, adoptions)
    await _merge(database, tmp_path, fleet, lambda: any(fleet.adopted))
    assert len(fleet.merged) == 5
    pauses = [later - earlier for earlier, later in pairwise(fleet.merged)]
    assert all(pause >= 0.02 * 2**n for n, pause in enumerate(pauses)), pauses
    assert fleet.adopted[-1] == "1-2.merged"


async def test_a_merge_that_keeps_failing_is_told_once_and_tried_until_it_succeeds(
    database: Database, tmp_path: Path, monkeypatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(merges, "_FIRST_PAUSE", 0.001)
    monkeypatch.setattr(merges, "_LONGEST_PAUSE", 0.005)
    fleet = _Merging(tmp_path, 30)
    await _merge(database, tmp_path, fleet, lambda: any(fleet.adopted))
    assert len(fleet.merged) == 31
    assert fleet.adopted == [None] * 30 + ["1-2.merged"]  # each lets go of its segments
    pauses = [later - earlier for earlier, later in pairwise(fleet.merged)]
    assert all(pause >= 0.005 for pause in pauses[4:]), pauses
    assert caplog.text.count("failed: the disk is full. It is tried again") == 1


async def test_what_failed_is_forgotten_when_nothing_is_left_to_merge(
    caplog: pytest.LogCaptureFixture, monkeypatch
):
    monkeypatch.setattr(merges, "_FIRST_PAUSE", 0.001)
    rested = asyncio.Event()
    made = Merges(_Endless(), rested.set)
    told = []
    for started in (False, False, True):
        made.failed("a", ["1.segment"], RuntimeError("the disk is full"))
        made.settled("a")  # another merge wants nothing; this one has not succeeded
        made.failed("a", ["1.segment"], RuntimeError("the disk is full"))
        told.append(caplog.text.count("the disk is full"))
        async with asyncio.timeout(10):
            while not made.may_start("a"):
                rested.clear()
                await rested.wait()
        if started:
            made.start("a", ["1.segment"], oldest=True)
        made.settled("a")
    made.failed("a", ["1.segment"], RuntimeError("the disk is full"))
    assert [*told, caplog.text.count("the disk is full")] == [1, 2, 3, 3]
    made.close()
