"""A search server in processes of its own, for tests."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KEY = "conformance-master-key"
_ENDED = ("succeeded", "failed", "canceled")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(holds: Callable[[], bool], limit: float = 10.0) -> None:
    """Wait until something holds; AssertionError when it does not in time."""
    until = time.monotonic() + limit
    while not holds():
        assert time.monotonic() < until, "did not come to hold"
        time.sleep(0.02)


@dataclass
class Server:
    """One `python -m meililite`, started and stopped at will on the same folder."""

    folder: Path
    key: str | None = KEY
    arguments: tuple[str, ...] = ("--max-search-processes", "2")
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    log: Path | None = None  # where what it says goes; None: to where the tests say it

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, limit: float = 20.0) -> Server:
        environment = {**os.environ, "MEILI_MASTER_KEY": self.key or ""}
        command = [
            sys.executable, "-m", "meililite", "--http-addr", f"127.0.0.1:{self.port}",
            "--db-path", str(self.folder), *self.arguments,
        ]  # fmt: skip
        with nullcontext() if self.log is None else self.log.open("ab") as log:
            self.process = subprocess.Popen(command, env=environment, stderr=log)
        until = time.monotonic() + limit
        while time.monotonic() < until:
            assert self.process.poll() is None, "the server ended while it started"
            try:
                if self.call("GET", "/health")[0] == 200:
                    return self
            except OSError:
                time.sleep(0.02)
        raise TimeoutError("the server does not answer")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End the front with a signal; its exit status."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(10)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str | None] | None = None,
    ) -> tuple[int, Any]:
        """Status and decoded body. `body` is sent as JSON, bytes as they are."""
        sent: dict[str, str | None] = {"Content-Type": "application/json"}
        if self.key:
            sent["Authorization"] = f"Bearer {self.key}"
        sent |= headers or {}
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            kept = {name: value for name, value in sent.items() if value is not None}
            connection.request(method, path, data, kept)
            answer = connection.getresponse()
            raw = answer.read()
        finally:
            connection.close()
        return answer.status, json.loads(raw) if raw else None

    def task(self, method: str, path: str, body: Any = None, **headers: Any) -> dict[str, Any]:
        """Do something that makes a task, and return the finished task."""
        status, summary = self.call(method, path, body, headers or None)
        assert status in (200, 202), summary
        return self.finished(summary["taskUid"])

    def finished(self, uid: int, limit: float = 60.0) -> dict[str, Any]:
        until = time.monotonic() + limit
        while time.monotonic() < until:
            _, task = self.call("GET", f"/tasks/{uid}")
            if task["status"] in _ENDED:
                return dict(task)
            time.sleep(0.005)
        raise TimeoutError(f"task {uid} did not end")
