"""Tasks on disk, and which of them run together."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meililite.registry import tasks
from meililite.registry.database import DamagedError, Database
from meililite.registry.indexes import Index
from meililite.registry.tasks import NewTask, Task
from meililite.scheduler import batching
from meililite.scheduler.batching import together

_KIND = "documentDeletion"


@pytest.fixture
def database(tmp_path: Path):
    database = Database(tmp_path / "registry.sqlite")
    yield database
    database.close()


def _add(
    database: Database, count: int = 1, index: str | None = "a", kind: str = _KIND, **more
) -> list[int]:
    new = NewTask(kind, index, {"deletedDocuments": None}, {"all": True}, **more)
    return [
        database.change(lambda connection: tasks.enqueue(connection, new))["taskUid"]
        for _ in range(count)
    ]


def _finish(database: Database, uids: list[int]) -> None:
    batch, _ = database.change(lambda connection: tasks.start(connection, uids, "why"))
    ends = [tasks.Outcome(uid, "succeeded", {"deletedDocuments": 1}) for uid in uids]
    database.change(lambda connection: tasks.finish(connection, batch, ends))


def test_numbers_start_at_zero_and_are_never_given_twice(database: Database):
    uids = _add(database, 3)
    _finish(database, uids)
    database.change(lambda connection: connection.execute("DELETE FROM tasks"))
    assert uids + _add(database) == [0, 1, 2, 3]


def test_what_was_running_waits_again_after_a_start(database: Database):
    first, second = _add(database, 2)
    database.change(lambda connection: tasks.start(connection, [first], "why"))
    assert [task.uid for task in tasks.waiting(database, 9)] == [second]
    assert database.change(tasks.recover) == ["a"]
    assert [task.uid for task in tasks.waiting(database, 9)] == [first, second]


def test_a_payload_goes_when_its_task_is_finished(database: Database):
    (uid,) = _add(database, payload=b"[{}]")
    assert tasks.payload(database, uid) == b"[{}]"
    _finish(database, [uid])
    assert database.read("SELECT payload FROM tasks")[0][0] is None


def test_old_tasks_are_forgotten(database: Database, monkeypatch):
    monkeypatch.setattr(tasks, "_KEPT_TASKS", 3)
    monkeypatch.setattr(tasks, "_SWEEP_EVERY", 1)
    old = _add(database, 5)
    for uid in old[1:]:
        _finish(database, [uid])
    assert [row[0] for row in database.read("SELECT uid FROM tasks")] == [0, 2, 3, 4]


def test_what_is_to_run_is_found_among_many_that_wait_or_have_ended(database: Database):
    ended = _add(database, 3000)
    _finish(database, ended)
    _add(database, 3000, index="b")
    last = _add(database, index="c")
    cancel = _add(database, index=None, kind="taskCancelation")
    steps: list[int] = []
    database._reader.set_progress_handler(lambda: steps.append(100), 100)
    assert tasks.waiting(database, 1000, "a") == []
    assert [task.uid for task in tasks.waiting(database, 1000, "c")] == last
    assert tasks.waiting_of_type(database, "taskDeletion") is None
    assert tasks.waiting_of_type(database, "taskCancelation").uid == cancel[0]
    assert sum(steps) < 1000  # of SQLite's machine


def test_a_change_that_fails_leaves_nothing(database: Database):
    def work(connection) -> None:
        connection.execute("INSERT INTO features VALUES ('x', 1)")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.change(work)
    assert not database.read("SELECT * FROM features")


def test_a_file_of_another_version_is_refused(tmp_path: Path):
    path = tmp_path / "registry.sqlite"
    database = Database(path)
    database.change(lambda connection: connection.execute("PRAGMA user_version = 99"))
    database.close()
    with pytest.raises(DamagedError, match="another version"):
        Database(path)


_ADD = ("documentAdditionOrUpdate", {"createIndex": True, "primaryKey": None})
_DROP = ("documentDeletion", {"ids": []})
_FILTER = ("documentDeletion", {"filter": "a = 1"})
_SET = ("settingsUpdate", {"createIndex": True})
_SWAP = ("indexSwap", {})


def _task(uid: int, kind: str, arguments: dict, size: int = 1) -> Task:
    return Task(uid, kind, "a", None, arguments, None, size, 0)


def _together(*kinds: tuple[str, dict], index: Index | None = None) -> int:
    listed = [_task(uid, *kind) for uid, kind in enumerate(kinds)]
    return len(together(listed, index).tasks)


_INDEX = Index("a", "u", "id", 0, 0, 1)


@pytest.mark.parametrize(
    ("kinds", "size"),
    [
        ((_ADD, _ADD, _DROP, _ADD, _SET), 4),
        ((_SET, _SET, _ADD), 2),
        ((_FILTER, _FILTER, _DROP), 2),
        ((_SWAP, _SWAP), 1),
        ((_ADD, ("documentAdditionOrUpdate", {"createIndex": True, "primaryKey": "id"})), 2),
        ((_ADD, ("documentAdditionOrUpdate", {"createIndex": True, "primaryKey": "no"})), 1),
    ],
)
def test_neighbours_of_a_kind_run_together(kinds, size: int):
    assert _together(*kinds, index=_INDEX) == size


def test_a_task_that_makes_the_index_does_not_join_one_that_needs_it():
    assert _together(_DROP, _ADD) == 1
    assert _together(_ADD, _DROP) == 2
    assert _together(_DROP, _ADD, index=_INDEX) == 2


@given(st.lists(st.integers(0, 3 * 2**20), min_size=1, max_size=20))
def test_a_batch_is_bounded_and_never_empty(sizes: list[int]):
    listed = [_task(uid, *_ADD, size=size) for uid, size in enumerate(sizes)]
    batch = together(listed, _INDEX).tasks
    assert batch == listed[: len(batch)]
    taken = sum(task.size for task in batch)
    assert len(batch) == 1 or taken <= batching._SMALL_LIMIT
    if len(batch) < len(listed):
        assert taken + sizes[len(batch)] > batching._SMALL_LIMIT
