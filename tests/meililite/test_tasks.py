"""Order, batches, names: what tasks do to one another."""

import threading

from tests.meililite.meililite_server import Server


def _queue(server: Server, *requests: tuple[str, str, object]) -> list[int]:
    """Send requests behind a task that takes a while, so that they wait together."""
    big = [{"id": n, "text": "some words to index " * 5} for n in range(4000)]
    _, first = server.call("POST", "/indexes/busy/documents", big)
    summaries = [server.call(*request)[1] for request in requests]
    server.finished(first["taskUid"])
    return [summary["taskUid"] for summary in summaries]


def test_neighbouring_additions_run_together_and_in_order(server: Server):
    uids = _queue(
        server,
        *(("POST", "/indexes/a/documents", [{"id": 1, "n": n}]) for n in range(10)),
        ("DELETE", "/indexes/a/documents/2", None),
    )
    ended = [server.finished(uid) for uid in uids]
    assert len({task["batchUid"] for task in ended}) == 1
    assert server.call("GET", "/indexes/a/documents/1")[1] == {"id": 1, "n": 9}
    _, batch = server.call("GET", f"/batches/{ended[0]['batchUid']}")
    assert batch["stats"]["totalNbTasks"] == 11
    assert batch["details"]["receivedDocuments"] == 10


def test_settings_and_documents_do_not_mix(server: Server):
    uids = _queue(
        server,
        ("POST", "/indexes/a/documents", [{"id": 1}]),
        ("PATCH", "/indexes/a/settings", {"filterableAttributes": ["id"]}),
        ("POST", "/indexes/a/documents", [{"id": 2}]),
    )
    assert len({server.finished(uid)["batchUid"] for uid in uids}) == 3


def test_what_is_asked_for_after_a_swap_is_done_to_the_other_index(server: Server):
    for uid in ("a", "b"):
        server.task("POST", f"/indexes/{uid}/documents", [{"id": uid}])
    uids = _queue(
        server,
        ("POST", "/indexes/a/documents", [{"id": "before"}]),
        ("POST", "/swap-indexes", [{"indexes": ["b", "a"]}]),
        ("POST", "/indexes/a/documents", [{"id": "after"}]),
    )
    assert [server.finished(uid)["status"] for uid in uids] == ["succeeded"] * 3
    assert _ids(server, "a") == ["after", "b"]
    assert _ids(server, "b") == ["a", "before"]


def test_what_is_asked_for_after_a_name_is_given_is_done_to_the_index_that_got_it(server: Server):
    server.task("POST", "/indexes/a/documents", [{"id": "a"}, {"id": "z"}])
    uids = _queue(
        server,
        ("DELETE", "/indexes/new/documents/a", None),
        ("PATCH", "/indexes/a", {"uid": "new"}),
        ("DELETE", "/indexes/new/documents/z", None),
    )
    ends = [server.finished(uid)["status"] for uid in uids]
    assert ends == ["failed", "succeeded", "succeeded"]
    assert _ids(server, "new") == ["a"]


def _ids(server: Server, uid: str) -> list[str]:
    _, page = server.call("GET", f"/indexes/{uid}/documents?limit=100")
    return sorted(document["id"] for document in page["results"])


def test_one_bad_task_does_not_fail_its_batch(server: Server):
    server.task("PUT", "/indexes/a/settings/filterable-attributes", ["_geo"])
    uids = _queue(
        server,
        ("POST", "/indexes/a/documents", [{"id": 1}]),
        ("POST", "/indexes/a/documents", [{"id": 2, "_geo": "nowhere"}]),
        ("POST", "/indexes/a/documents", [{"id": "bad id"}]),
        ("POST", "/indexes/a/documents", [{"id": 3}]),
    )
    assert [server.finished(uid)["status"] for uid in uids] == [
        "succeeded", "failed", "failed", "succeeded",
    ]  # fmt: skip
    _, page = server.call("GET", "/indexes/a/documents")
    assert sorted(document["id"] for document in page["results"]) == [1, 3]


def test_a_failed_addition_changes_nothing(server: Server):
    server.task("POST", "/indexes/a/documents", [{"id": 1}])
    task = server.task("POST", "/indexes/a/documents", [{"id": 2}, {"no": 3}])
    assert (task["status"], task["details"]["indexedDocuments"]) == ("failed", 0)
    assert server.call("GET", "/indexes/a/stats")[1]["numberOfDocuments"] == 1


def test_a_search_sees_a_swap_whole(server: Server):
    for uid, size in (("a", 1), ("b", 2)):
        server.task("POST", f"/indexes/{uid}/documents", [{"id": n} for n in range(size)])
    seen, stop = set(), threading.Event()

    def look() -> None:
        queries = [{"indexUid": "a", "limit": 0}, {"indexUid": "b", "limit": 0}]
        while not stop.is_set():
            status, answer = server.call("GET", "/stats")
            assert status == 200
            stats = answer["indexes"]
            seen.add(tuple(stats[uid]["numberOfDocuments"] for uid in ("a", "b")))
            assert server.call("POST", "/multi-search", {"queries": queries})[0] == 200

    watcher = threading.Thread(target=look)
    watcher.start()
    for _ in range(10):
        server.task("POST", "/swap-indexes", [{"indexes": ["a", "b"]}])
    stop.set()
    watcher.join()
    assert seen <= {(1, 2), (2, 1)}


def test_a_swap_that_fails_changes_no_name(server: Server):
    for uid in ("a", "b"):
        server.task("POST", "/indexes", {"uid": uid})
    body = [{"indexes": ["a", "b"]}, {"indexes": ["c", "d"]}]
    task = server.task("POST", "/swap-indexes", body)
    assert task["error"]["message"] == "Indexes `c`, `d` not found."
    assert server.call("GET", "/indexes")[1]["total"] == 2


def test_history_follows_a_renamed_index(server: Server):
    made = server.task("POST", "/indexes", {"uid": "old"})
    server.task("PATCH", "/indexes/old", {"uid": "new"})
    assert server.call("GET", f"/tasks/{made['uid']}")[1]["indexUid"] == "new"


def test_finished_tasks_can_be_deleted(server: Server):
    task = server.task("POST", "/indexes", {"uid": "a"})
    deletion = server.task("DELETE", f"/tasks?uids={task['uid']}")
    assert deletion["details"]["deletedTasks"] == 1
    assert server.call("GET", f"/tasks/{task['uid']}")[0] == 404


def test_pages_of_tasks_join_without_gap(server: Server):
    uids = [server.task("POST", "/indexes", {"uid": f"i{n}"})["uid"] for n in range(5)]
    seen, following = [], uids[-1]
    while following is not None and following >= uids[0]:
        _, page = server.call("GET", f"/tasks?limit=2&from={following}")
        seen += [task["uid"] for task in page["results"] if task["uid"] >= uids[0]]
        following = page["next"]
    assert seen == uids[::-1]


def test_tasks_are_selected_by_all_their_properties(server: Server):
    made = server.task("POST", "/indexes", {"uid": "a"})
    failed = server.task("POST", "/indexes", {"uid": "a"})
    since = f"afterEnqueuedAt={made['enqueuedAt']}"
    for query, expected in (
        (f"uids={made['uid']},{failed['uid']}&statuses=failed", [failed["uid"]]),
        (f"indexUids=a&types=indexCreation&statuses=SUCCEEDED&uids={made['uid']}", [made["uid"]]),
        (f"indexUids=a&{since}", [failed["uid"]]),
        (f"batchUids={made['batchUid']}", [made["uid"]]),
        ("indexUids=nobody", []),
    ):
        _, page = server.call("GET", f"/tasks?{query}")
        assert [task["uid"] for task in page["results"]] == expected, query
