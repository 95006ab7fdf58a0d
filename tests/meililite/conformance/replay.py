#!/usr/bin/env python3
# ruff: noqa
"""Replay recorded Meilisearch conversations against a server and say where its answers differ.

    replay.py --url http://127.0.0.1:7700 [--key MASTER_KEY] [--only GLOB] [--show N] [--json FILE] [DIR]

A scenario (DIR/*.json, its documents in DIR/../data) starts from an empty server: every index is deleted first, so point this at a scratch
server only. Each step holds a request and the answer that Meilisearch 1.50 gave. A step passes when status and
body agree; for an error, when status, code and type agree (its message is counted apart, as `messages`).
The order of hits, of facet values and of list items counts. Scores may differ by 1e-6, distances by 1 m.
Ends with a line for each area and a total; exit status 1 where a step differs, 2 where the server is unreachable.
"""

import argparse
import collections
import fnmatch
import http.client
import json
import pathlib
import sys
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
VOLATILE = {
    "processingTimeMs",
    "requestUid",
    "enqueuedAt",
    "startedAt",
    "finishedAt",
    "createdAt",
    "updatedAt",
    "duration",
    "batchUid",
    "lastUpdate",
    "databaseSize",
    "usedDatabaseSize",
    "rawDocumentDbSize",
    "avgDocumentSize",
    "commitSha",
    "commitDate",
    "pkgVersion",
    "queryUid",
    "link",
}
TASK_UIDS = {"taskUid", "uid", "from", "next", "total"}


class Client:
    def __init__(self, url, key, data, timeout=60):
        parts = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(
            parts.hostname, parts.port or 80, timeout=timeout
        )
        self.key = key
        self.data = data

    def __call__(self, request):
        """Send one recorded request; return (status, decoded body)."""
        headers = {"Content-Type": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        for name, value in request.get("headers", {}).items():
            headers.pop(name, None)
            if value is not None:
                headers[name] = value
        body = None
        if "documents" in request:
            lines = (self.data / request["documents"]).read_text().splitlines()
            first, last = request.get("slice", [0, len(lines)])
            headers["Content-Type"] = "application/x-ndjson"
            body = "\n".join(lines[first:last]).encode()
        elif "text" in request:
            body = request["text"].encode()
        elif "json" in request:
            body = json.dumps(request["json"], ensure_ascii=False).encode()
        if body is None:
            headers.pop("Content-Type", None)
        try:
            self.connection.request(request["method"], request["path"], body, headers)
            answer = self.connection.getresponse()
            raw = answer.read()
        except (http.client.HTTPException, ConnectionError):
            self.connection.close()
            self.connection.request(request["method"], request["path"], body, headers)
            answer = self.connection.getresponse()
            raw = answer.read()
        try:
            return answer.status, json.loads(raw) if raw else None
        except ValueError:
            return answer.status, raw.decode(errors="replace")

    def finish(self, task_uid, limit=60):
        """Wait for a task to end and return it."""
        until = time.monotonic() + limit
        while time.monotonic() < until:
            status, task = self({"method": "GET", "path": f"/tasks/{task_uid}"})
            if status == 200 and task["status"] in ("succeeded", "failed", "canceled"):
                return task
            time.sleep(0.005)
        raise TimeoutError(f"task {task_uid} did not end in {limit} s")

    def clear(self):
        while True:
            _, page = self({"method": "GET", "path": "/indexes?limit=100"})
            if not page["results"]:
                return
            for index in page["results"]:
                _, task = self({"method": "DELETE", "path": f"/indexes/{index['uid']}"})
                self.finish(task["taskUid"])


def stable(value):
    """The part of an answer that two runs share."""
    if isinstance(value, dict):
        is_task = "enqueuedAt" in value
        return {
            k: stable(v)
            for k, v in value.items()
            if k not in VOLATILE and not (is_task and k in TASK_UIDS)
        }
    if isinstance(value, list):
        return [stable(v) for v in value]
    return value


def differs(want, got, path="$"):
    """The first difference as text, or None."""
    if isinstance(want, bool) or isinstance(got, bool) or want is None or got is None:
        return None if want is got else f"{path}: want {show(want)}, got {show(got)}"
    if isinstance(want, (int, float)) and isinstance(got, (int, float)):
        slack = 1 if path.endswith("._geoDistance") else 1e-6 * max(1, abs(want))
        return None if abs(want - got) <= slack else f"{path}: want {want}, got {got}"
    if type(want) is not type(got):
        return f"{path}: want {show(want)}, got {show(got)}"
    if isinstance(want, dict):
        if set(want) != set(got):
            return f"{path}: missing {sorted(set(want) - set(got))}, extra {sorted(set(got) - set(want))}"
        counts = "istribution." in path and all(type(v) is int for v in want.values())
        if counts and list(want) != list(got):
            return f"{path}: order {list(want)[:8]} became {list(got)[:8]}"
        for key in want:
            if found := differs(want[key], got[key], f"{path}.{key}"):
                return found
        return None
    if isinstance(want, list):
        for i, (a, b) in enumerate(zip(want, got)):
            if isinstance(a, dict) and isinstance(b, dict) and "id" in a and a["id"] != b.get("id"):
                return f"{path}: ids {[x.get('id') for x in want]} became {[x.get('id') for x in got if isinstance(x, dict)]}"
            if found := differs(a, b, f"{path}[{i}]"):
                return found
        return None if len(want) == len(got) else f"{path}: want {len(want)} items, got {len(got)}"
    return None if want == got else f"{path}: want {show(want)}, got {show(got)}"


def show(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 160 else text[:157] + "..."


def check(step, status, body, task):
    """Return (passed, message_equal or None, explanation)."""
    want = step["expect"]
    if want["status"] != status:
        return False, None, f"status: want {want['status']}, got {status}: {show(body)}"
    expected, got = want.get("body"), stable(body)
    if status >= 400 and isinstance(expected, dict) and "code" in expected:
        if not isinstance(got, dict):
            return False, None, f"body: want {show(expected)}, got {show(got)}"
        same = [got.get(k) == expected[k] for k in ("code", "type")]
        why = (
            None
            if all(same)
            else f"error: want {expected['code']}, got {got.get('code')}: {got.get('message')}"
        )
        return all(same), got.get("message") == expected["message"], why
    if "task" in want:
        expected, got = want["task"], stable(task)
        a, b = expected.get("error"), got.get("error")
        message = None
        if isinstance(a, dict) and isinstance(b, dict):
            message = a["message"] == b.get("message")
            expected = {**expected, "error": {k: a[k] for k in ("code", "type")}}
            got = {**got, "error": {k: b.get(k) for k in ("code", "type")}}
        why = differs(expected, got, "$task")
        return why is None, message, why
    why = differs(expected, got)
    return why is None, None, why


def run(client, scenario):
    """Yield (step, passed, message_equal, explanation) for every step of a scenario."""
    client.clear()
    for step in scenario["steps"]:
        task = None
        try:
            status, body = client(step["request"])
            if step.get("wait") and isinstance(body, dict) and "taskUid" in body:
                task = client.finish(body["taskUid"])
            yield step, *check(step, status, body, task)
        except (TimeoutError, OSError, http.client.HTTPException) as error:
            client.connection.close()
            yield step, False, None, f"{type(error).__name__}: {error}"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("dir", nargs="?", type=pathlib.Path, default=HERE / "cases")
    parser.add_argument("--url", default="http://127.0.0.1:7700")
    parser.add_argument("--key", default="conformance-master-key")
    parser.add_argument("--only", default="*", help="scenarios whose name matches this pattern")
    parser.add_argument("--show", type=int, default=3, help="differences printed for each scenario")
    parser.add_argument("--json", type=pathlib.Path, help="write the totals here")
    options = parser.parse_args()
    client = Client(options.url, options.key, options.dir.parent / "data")
    try:
        client({"method": "GET", "path": "/health"})
    except OSError as error:
        print(f"no server at {options.url}: {error}", file=sys.stderr)
        return 2
    areas = collections.defaultdict(collections.Counter)
    for path in sorted(options.dir.glob("*.json")):
        scenario = json.loads(path.read_text())
        if not fnmatch.fnmatch(path.stem, options.only):
            continue
        shown = 0
        for number, (step, passed, message, why) in enumerate(run(client, scenario)):
            tally = areas[step.get("area") or scenario["area"]]
            tally["steps"] += 1
            tally["passed"] += passed
            if message is not None:
                tally["errors"] += 1
                tally["messages"] += message
            if not passed and shown < options.show:
                shown += 1
                request = step["request"]
                print(
                    f"{path.stem}[{number}] {request['method']} {request['path']} {show(request.get('json'))}\n    {why}"
                )
    total = sum(areas.values(), collections.Counter())
    print(f"{'area':<16}{'passed':>8}{'steps':>8}{'':>8}{'messages':>12}")
    for name, tally in [*sorted(areas.items()), ("total", total)]:
        share = tally["passed"] / max(1, tally["steps"])
        print(
            f"{name:<16}{tally['passed']:>8}{tally['steps']:>8}{share:>8.1%}{tally['messages']:>6}/{tally['errors']}"
        )
    if options.json:
        options.json.write_text(
            json.dumps(
                {name: dict(tally) for name, tally in [*areas.items(), ("total", total)]}, indent=1
            )
        )
    return 0 if total["passed"] == total["steps"] else 1


if __name__ == "__main__":
    sys.exit(main())
