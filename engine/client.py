"""The async client of Meilisearch: one pool of connections, a deadline on every call."""

import asyncio
import io
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Self

import aiohttp
import orjson

from engine.connections import Connections
from engine.gate import Full, Gate
from engine.measures import Measure, route

TASK_POLL_SECONDS = (0.005, 0.25)
"""First and longest pause between two looks at a task."""

LONG_BODY = 256 * 1024

# With gzip an answer waits 40 ms in the server's delayed acknowledgements.
HEADERS = {"Accept-Encoding": "identity", "Content-Type": "application/json"}


class EngineError(Exception):
    """The search server answered and refused.

    `status` is HTTP's, `code` is Meilisearch's (`index_not_found`), `message` is its sentence.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{message} ({code}, {status})")
        self.status = status
        self.code = code
        self.message = message

    @property
    def temporary(self) -> bool:
        """Whether the same call may succeed later: the server is busy, full or broken."""
        return self.status in (408, 429) or self.status >= 500


class EngineAway(Exception):  # noqa: N818 - a state of the other side, not of the call
    """The search server did not answer in time: whether it took the call is not known."""


class EngineFull(EngineAway):
    """The call was not made: too many others wait for their turn."""


class Engine:
    """Calls to one Meilisearch; use it as `async with Engine(url, key) as engine`.

    `gate` bounds the searches under way at once, and those that wait.
    """

    def __init__(
        self, url: str, key: str | None, *, connections: int = 64, gate: Gate | None = None
    ) -> None:
        self.url = url.rstrip("/")
        self.measures: defaultdict[str, Measure] = defaultdict(Measure)
        self._headers = HEADERS | ({"Authorization": f"Bearer {key}"} if key else {})
        self._connections = connections
        self._gate = gate
        self._searching = Connections(self.url, self._headers)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            headers=self._headers,
            connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=60),
            auto_decompress=False,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self._searching.close()
        if self._session is not None:
            await self._session.close()
            self._session = None

    def use_key(self, key: str) -> None:
        """Make the calls to come with this key."""
        if self._session is None:
            raise RuntimeError("An Engine is used inside `async with`.")
        self._session.headers["Authorization"] = f"Bearer {key}"
        self._searching.use_key(key)

    async def call(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, str | int] | None = None,
        data: bytes | None = None,
        content_type: str | None = None,
        timeout: float = 10.0,  # noqa: ASYNC109 - the deadline is of this call's exchange
    ) -> Any:
        """One call; its parsed JSON answer, None when that is empty.

        `data` of `content_type` is sent as it is, else `json`. `timeout` is in seconds, for the
        whole exchange. A GET is tried twice; a POST or PATCH is not, for the first may have been
        taken (aiohttp itself repeats a DELETE whose connection was closed before the answer).
        Raises EngineError or EngineAway.
        """
        body = data if data is not None or json is None else orjson.dumps(json)
        tries = 2 if method == "GET" else 1

        async def once(left: float) -> bytes:
            return await self._once(method, path, body, params, content_type, left)

        answer = await self._exchange(method, path, once, timeout, tries)
        return orjson.loads(answer) if answer else None

    async def search_raw(
        self,
        path: str,
        body: bytes,
        *,
        timeout: float = 10.0,  # noqa: ASYNC109
    ) -> bytes:
        """POST a search (`/multi-search`, `/indexes/{uid}/search`); the answer's bytes as they are.

        A search changes nothing, so it is tried twice. `timeout` is for all of it, from the wait
        for its turn on. Raises EngineError, EngineAway or EngineFull.
        """

        async def once(left: float) -> bytes:
            return await self._search_once(path, body, left)

        if self._gate is None:
            return await self._exchange("POST", path, once, timeout, 2)
        began = time.monotonic()
        try:
            async with self._gate.turn(timeout):
                left = began + timeout - time.monotonic()
                return await self._exchange("POST", path, once, left, 2)
        except Full:
            raise EngineFull("Too many searches wait for the search server.") from None

    async def multi_search(self, queries: list[dict[str, Any]]) -> bytes:
        """The answer's bytes for several queries at once, see `search_raw`."""
        return await self.search_raw("/multi-search", orjson.dumps({"queries": queries}))

    async def wait(
        self,
        task_uid: int,
        timeout: float = 60.0,  # noqa: ASYNC109
    ) -> dict[str, Any]:
        """The task when it has ended: `succeeded`, `failed` or `canceled`, which the caller reads.

        Raises EngineAway when `timeout` seconds passed before.
        """
        end = time.monotonic() + timeout
        pause, longest = TASK_POLL_SECONDS
        while True:
            task: dict[str, Any] = await self.call("GET", f"/tasks/{task_uid}")
            if task["status"] not in ("enqueued", "processing"):
                return task
            if time.monotonic() + pause > end:
                raise EngineAway(f"Task {task_uid} is still {task['status']} after {timeout:g} s.")
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, longest)

    async def _exchange(
        self,
        method: str,
        path: str,
        once: Callable[[float], Awaitable[bytes]],
        timeout: float,  # noqa: ASYNC109
        tries: int,
    ) -> bytes:
        """What `once` gives, within `timeout` seconds in all, of which it is told what is left."""
        measure = self.measures[route(method, path)]
        started = time.monotonic()
        failed = True
        try:
            while True:
                tries -= 1
                left = max(0.01, started + timeout - time.monotonic())
                try:
                    answer = await once(left)
                except EngineAway:
                    if tries and time.monotonic() < started + timeout:
                        continue
                    raise
                failed = False
                return answer
        except asyncio.CancelledError:  # nobody waits any longer: no fault of the server
            failed = False
            raise
        finally:
            measure.add(time.monotonic() - started, failed=failed)

    async def _once(
        self,
        method: str,
        path: str,
        body: bytes | None,
        params: Mapping[str, str | int] | None,
        content_type: str | None,
        timeout: float,  # noqa: ASYNC109
    ) -> bytes:
        if self._session is None:
            raise RuntimeError("An Engine is used inside `async with`.")
        try:
            async with self._session.request(
                method,
                self.url + path,
                data=_payload(body),
                params=params,
                headers={"Content-Type": content_type} if content_type else None,
                timeout=aiohttp.ClientTimeout(total=timeout, connect=min(timeout, 5.0)),
            ) as response:
                answer = await response.read()
                status = response.status
        except (TimeoutError, aiohttp.ClientError) as error:
            raise self._away(method, path, error) from error
        return _accepted(status, answer)

    async def _search_once(self, path: str, body: bytes, seconds: float) -> bytes:
        try:
            async with asyncio.timeout(seconds):
                status, answer = await self._searching.post(path, body)
        except OSError as error:  # TimeoutError is one
            raise self._away("POST", path, error) from error
        return _accepted(status, answer)

    def _away(self, method: str, path: str, error: Exception) -> EngineAway:
        if isinstance(error, TimeoutError):
            return EngineAway(
                f"The search server at {self.url} did not answer {method} {path} in time."
            )
        reason = str(error) or type(error).__name__
        return EngineAway(f"The search server at {self.url} cannot be reached: {reason}.")


def _accepted(status: int, answer: bytes) -> bytes:
    if status >= 400:
        raise _refusal(status, answer)
    return answer


def _payload(body: bytes | None) -> bytes | io.BytesIO | None:
    """A long body is written piece by piece, so that others have their turn between."""
    return io.BytesIO(body) if body is not None and len(body) > LONG_BODY else body


def _refusal(status: int, answer: bytes) -> EngineError:
    """The error in an answer; also one that a proxy wrote in its own words."""
    try:
        told = orjson.loads(answer)
        return EngineError(status, str(told["code"]), str(told["message"]))
    except (ValueError, KeyError, TypeError):
        words = answer[:200].decode(errors="replace").strip() or "no reason given"
        return EngineError(status, "unknown", words)
