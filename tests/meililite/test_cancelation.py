"""Tasks are cancelled while they wait and while they are at work; a cancelled one did nothing."""

import json
import time
from typing import Any

import pytest

from tests.meililite.meililite_server import Server, eventually

_TEXT = " ".join(f"word{n}" for n in range(30))
# Work for many seconds, which no test waits for: it is cancelled.
_LONG = json.dumps([{"id": n, "text": f"{_TEXT} {n}"} for n in range(60_000)]).encode()


def _post(server: Server, path: str, body: Any) -> int:
    status, summary = server.call("POST", path, body)
    assert status in (200, 202), summary
    return int(summary["taskUid"])


def _at_work(server: Server) -> int:
    """A long task that the writer is at."""
    uid = _post(server, "/indexes/long/documents", _LONG)
    eventually(lambda: _status(server, uid) == "processing", limit=30)
    return uid


def _status(server: Server, uid: int) -> str:
    return str(server.call("GET", f"/tasks/{uid}")[1]["status"])


def _cancel(server: Server, query: str) -> dict[str, Any]:
    return server.finished(_post(server, f"/tasks/cancel?{query}", None))


def test_a_task_that_waits_is_cancelled(server: Server):
    long = _at_work(server)
    waiting = _post(server, "/indexes/other/documents", [{"id": 1}])
    _, summary = server.call("POST", f"/tasks/cancel?uids={waiting}")
    assert _cancel(server, f"uids={long}")["details"]["canceledTasks"] == 1
    canceled = server.finished(waiting)
    assert (canceled["status"], canceled["canceledBy"]) == ("canceled", summary["taskUid"])
    assert server.call("GET", "/indexes/other")[0] == 404


def test_a_task_at_work_is_cancelled_and_leaves_nothing(server: Server):
    server.task("POST", "/indexes/long/documents", [{"id": 1, "text": "before"}])
    long = _at_work(server)
    cancelation = _cancel(server, "statuses=processing")
    assert cancelation["details"] == {
        "matchedTasks": 1, "canceledTasks": 1, "originalFilter": "?statuses=processing",
    }  # fmt: skip
    task = server.finished(long)
    assert (task["status"], task["error"]) == ("canceled", None)
    assert task["canceledBy"] == cancelation["uid"]
    assert task["details"] == {"receivedDocuments": 60_000, "indexedDocuments": 0}
    assert (task["batchUid"], task["startedAt"]) == (
        cancelation["batchUid"], cancelation["startedAt"],
    )  # fmt: skip
    assert _texts(server) == ["before"]
    server.task("POST", "/indexes/long/documents", [{"id": 1, "text": "after"}])
    assert _texts(server) == ["after"]


def _texts(server: Server) -> list[str]:
    _, page = server.call("GET", "/indexes/long/documents")
    return [document["text"] for document in page["results"]]


def test_the_other_tasks_of_a_stopped_batch_are_done(server: Server):
    first = _at_work(server)
    long = _post(server, "/indexes/both/documents", _LONG)
    short = _post(server, "/indexes/both/documents", [{"id": -1}])
    _cancel(server, f"uids={first}")
    eventually(lambda: _status(server, short) == "processing", limit=30)
    _cancel(server, f"uids={long}")
    assert server.finished(short)["status"] == "succeeded"
    assert server.finished(long)["status"] == "canceled"
    _, page = server.call("GET", "/indexes/both/documents")
    assert page["results"] == [{"id": -1}]


def test_new_settings_of_a_large_index_can_be_cancelled(server: Server):
    texts = [{"id": n, "text": f"{_TEXT} {n}"} for n in range(15_000)]
    server.task("POST", "/indexes/long/documents", texts)
    path = "/indexes/long/settings/searchable-attributes"
    status, summary = server.call("PUT", path, ["text"])
    assert status == 202
    _cancel(server, f"uids={summary['taskUid']}")
    if server.finished(summary["taskUid"])["status"] == "canceled":  # it may have been faster
        assert server.call("GET", path)[1] == ["*"]
    else:
        assert server.call("GET", path)[1] == ["text"]
    assert server.call("GET", "/indexes/long/stats")[1]["numberOfDocuments"] == 15_000


@pytest.mark.parametrize("status", ["succeeded", "failed", "canceled"])
def test_finished_tasks_stay_as_they_are(server: Server, status: str):
    made = [server.task("POST", "/indexes", {"uid": "a"})["uid"] for _ in range(2)]
    canceled = _cancel(server, f"statuses={status}&uids={made[0]},{made[1]}")
    assert canceled["details"]["canceledTasks"] == 0
    assert [_status(server, uid) for uid in made] == ["succeeded", "failed"]


@pytest.mark.prove
def test_a_cancelation_at_any_moment_leaves_all_or_nothing(server: Server):
    texts = json.dumps([{"id": n, "text": f"{_TEXT} {n}"} for n in range(2000)]).encode()
    server.task("POST", "/indexes", {"uid": "long"})
    ends = []
    for attempt in range(60):
        server.task("DELETE", "/indexes/long/documents")
        uid = _post(server, "/indexes/long/documents", texts)
        time.sleep(attempt * 0.01)  # from the first instant to beyond the end
        _cancel(server, f"uids={uid}")
        ends.append(server.finished(uid)["status"])
        _, stats = server.call("GET", "/indexes/long/stats")
        assert stats["numberOfDocuments"] == (2000 if ends[-1] == "succeeded" else 0)
    assert set(ends) == {"succeeded", "canceled"}
