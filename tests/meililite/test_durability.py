"""What is accepted is done, whatever is killed and whenever."""

import os
import random
import signal
import time

import psutil
import pytest

from tests.meililite.meililite_server import Server, eventually


def _documents(server: Server) -> dict[str, int]:
    _, page = server.call("GET", "/indexes/things/documents?limit=1000")
    return {str(document["id"]): document["n"] for document in page["results"]}


def _children(server: Server) -> list[psutil.Process]:
    return psutil.Process(server.process.pid).children(recursive=True)


def _send(server: Server, number: int) -> int:
    body = [{"id": number % 7, "n": number}, {"id": f"only-{number}", "n": number}]
    status, summary = server.call("POST", "/indexes/things/documents", body)
    assert status == 202
    return summary["taskUid"]


def test_accepted_tasks_run_after_a_kill(own_server: Server):
    own_server.task("POST", "/indexes", {"uid": "things", "primaryKey": "id"})
    uids = [_send(own_server, number) for number in range(20)]
    own_server.stop(signal.SIGKILL)
    own_server.start()
    assert {own_server.finished(uid)["status"] for uid in uids} == {"succeeded"}
    found = _documents(own_server)
    assert len(found) == 27
    assert all(found[str(n % 7)] == n for n in range(13, 20)), "the last write wins"


@pytest.mark.prove
def test_kills_at_random_moments_lose_nothing(own_server: Server):
    own_server.task("POST", "/indexes", {"uid": "things", "primaryKey": "id"})
    uids: list[int] = []
    for _ in range(12):
        for _ in range(random.randint(1, 8)):
            uids.append(_send(own_server, len(uids)))
        time.sleep(random.uniform(0, 0.06))
        own_server.stop(signal.SIGKILL)
        own_server.start()
    assert {own_server.finished(uid)["status"] for uid in uids} == {"succeeded"}
    found = _documents(own_server)
    assert len(found) == 7 + len(uids)
    assert all(found[str(n % 7)] == n for n in range(len(uids) - 7, len(uids)))


def test_a_large_payload_survives_a_kill(own_server: Server):
    own_server.task("POST", "/indexes", {"uid": "things", "primaryKey": "id"})
    body = [{"id": n, "n": n, "text": "word " * 20} for n in range(2000)]
    _, summary = own_server.call("POST", "/indexes/things/documents", body)
    own_server.stop(signal.SIGKILL)
    assert list((own_server.folder / "payloads").iterdir()), "nothing would be left to prove"
    own_server.start()
    assert own_server.finished(summary["taskUid"])["details"]["indexedDocuments"] == 2000
    eventually(lambda: not list((own_server.folder / "payloads").iterdir()))


def test_finished_tasks_stay_finished(own_server: Server):
    task = own_server.task("POST", "/indexes/things/documents", [{"id": 1, "n": 1}])
    own_server.stop(signal.SIGKILL)
    own_server.start()
    assert own_server.call("GET", f"/tasks/{task['uid']}") == (200, task)
    assert _documents(own_server) == {"1": 1}


def test_children_end_with_the_front_however_it_ends(own_server: Server):
    for number in (signal.SIGKILL, signal.SIGTERM):
        eventually(lambda: len(_children(own_server)) == 5)  # nursery, 2 readers, writer, intake
        children = _children(own_server)
        own_server.stop(number)
        _, alive = psutil.wait_procs(children, timeout=5)
        assert not alive
        own_server.start()


def test_sigterm_is_a_clean_and_quick_end_even_while_a_batch_runs(own_server: Server):
    big = [{"id": n, "text": f"some words {n} " * 20} for n in range(20_000)]
    _, summary = own_server.call("POST", "/indexes/things/documents", big)
    began = time.monotonic()
    assert own_server.stop(signal.SIGTERM) == 0
    assert time.monotonic() - began < 5
    own_server.start()
    assert own_server.finished(summary["taskUid"])["status"] == "succeeded"


def test_killed_children_are_replaced(own_server: Server):
    nursery = psutil.Process(own_server.process.pid).children()[0]
    eventually(lambda: len(nursery.children()) == 4)  # 2 readers, writer, intake
    for child in nursery.children():
        os.kill(child.pid, signal.SIGKILL)
        big = [{"id": n, "n": n, "text": "x" * 200} for n in range(1000)]
        assert own_server.task("POST", "/indexes/things/documents", big)["status"] == "succeeded"
        for _ in range(5):
            status, answer = own_server.call("POST", "/indexes/things/search", {"limit": 0})
            assert (status, answer["estimatedTotalHits"]) == (200, 1000)


def test_a_folder_has_one_server(own_server: Server):
    second = Server(own_server.folder)
    with pytest.raises(AssertionError, match="ended while it started"):
        second.start()
    assert second.process.wait(5) == 1


def test_a_damaged_registry_is_refused_with_what_to_do(own_server: Server, capfd):
    own_server.stop()
    path = own_server.folder / "registry.sqlite"
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(AssertionError, match="ended while it started"):
        own_server.start()
    assert own_server.process.wait(5) == 1
    said = capfd.readouterr().err
    assert "registry.sqlite is damaged" in said
    assert "from a backup" in said


def test_what_nothing_refers_to_is_swept_away(own_server: Server):
    own_server.stop()
    (own_server.folder / "indexes" / "orphan").mkdir()
    (own_server.folder / "payloads" / "orphan.json").write_text("[]")
    own_server.start()
    assert not list((own_server.folder / "indexes").iterdir())
    assert not list((own_server.folder / "payloads").iterdir())
