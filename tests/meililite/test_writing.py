"""A batch that a kill had done again is done once."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import orjson
import pytest

from meililite.processes.interruption import Interruption
from meililite.processes.writer import Writing
from tests.meililite.index.conftest import Asked


@pytest.fixture
def writing(tmp_path: Path) -> Writing:
    return Writing(tmp_path, Mock(spec=Interruption, allowed=nullcontext))


def _add(uid: int, *documents: dict[str, Any], enqueued: int = 0) -> dict[str, Any]:
    arguments = {
        "format": "json", "delimiter": ",", "primaryKey": None, "merge": False,
        "skipCreation": False,
    }  # fmt: skip
    return {
        "uid": uid, "enqueuedAt": enqueued, "type": "documentAdditionOrUpdate", "payloadFile": None,
        "payload": orjson.dumps(documents).decode(), "arguments": arguments,
    }  # fmt: skip


def _task(uid: int, kind: str, **arguments: Any) -> dict[str, Any]:
    return {
        "uid": uid, "enqueuedAt": 0, "type": kind, "payloadFile": None, "payload": None,
        "arguments": arguments,
    }  # fmt: skip


def _run(writing: Writing, *tasks: dict[str, Any], key: str | None = "id") -> dict[str, Any]:
    job = {"uuid": "x", "uid": "things", "primaryKey": key, "tasks": list(tasks)}
    answer: dict[str, Any] = orjson.loads(writing.run(job))
    return answer


def _hits(folder: Path, answer: dict[str, Any]) -> list[dict[str, Any]]:
    hits: list[dict[str, Any]] = Asked(folder / "x", answer["version"]).search()["hits"]
    return hits


def test_an_edit_is_done_once(writing: Writing, tmp_path: Path) -> None:
    _run(writing, _add(0, {"id": 1, "n": 1}))
    edit = _task(1, "documentEdition", function="doc.n += 1", context="{}", filter=None)
    first = _run(writing, edit)
    again = _run(writing, edit)
    assert again == first
    assert _hits(tmp_path, again) == [{"id": 1, "n": 2}]


def test_a_deletion_that_is_done_again_counts_what_it_deleted(writing: Writing) -> None:
    _run(writing, _add(0, {"id": 1}, {"id": 2}))
    deletion = _task(1, "documentDeletion", ids=["1", "3"])
    _run(writing, deletion)
    again = _run(writing, deletion, _task(2, "documentDeletion", ids=["2"]))
    assert [end["details"]["deletedDocuments"] for end in again["ends"]] == [1, 1]
    assert again["stats"]["numberOfDocuments"] == 0


def test_what_a_batch_found_out_is_known_when_it_is_done_again(writing: Writing) -> None:
    first = _run(writing, _add(0, {"car_id": 1}), key=None)
    assert first["primaryKey"] == "car_id"
    assert _run(writing, _add(0, {"car_id": 1}), key=None) == first


def test_a_task_of_the_same_number_is_another_one(writing: Writing, tmp_path: Path) -> None:
    _run(writing, _add(0, {"id": 1}))
    answer = _run(writing, _add(0, {"id": 2}, enqueued=1))
    assert _hits(tmp_path, answer) == [{"id": 1}, {"id": 2}]
