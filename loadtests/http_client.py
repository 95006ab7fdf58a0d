"""A keep-alive HTTP/1.1 client over a raw socket: it costs the machine as little as can be."""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import orjson


class Client:
    """One connection to a search server; one request at a time."""

    def __init__(self, url: str, key: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = str(parts.hostname), parts.port or 80
        self._head = (
            f"Host: {parts.netloc}\r\nAuthorization: Bearer {key}\r\n"
            "Accept-Encoding: identity\r\nContent-Type: "
        )
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(
        self, method: str, path: str, body: bytes = b"", kind: str = "application/json"
    ) -> bytes:
        """The body of the answer; RuntimeError for a status of 400 and above."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port, limit=1 << 24)
        reader, writer = self._streams
        head = f"{method} {path} HTTP/1.1\r\n{self._head}{kind}\r\nContent-Length: {len(body)}"
        writer.write(f"{head}\r\n\r\n".encode() + body)
        await writer.drain()
        answer = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(answer.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        content = await reader.readexactly(length)
        if int(answer[9:12]) >= 400:
            raise RuntimeError(f"{method} {path}: {content[:500].decode()}")
        return content

    async def json(self, method: str, path: str, body: Any = None) -> Any:
        """Send and receive JSON."""
        return orjson.loads(
            await self.send(method, path, b"" if body is None else orjson.dumps(body))
        )

    async def finished(self, answer: bytes, seconds: float = 3600) -> None:
        """Wait until the task that was accepted ended; RuntimeError when it did not succeed."""
        uid = orjson.loads(answer)["taskUid"]
        async with asyncio.timeout(seconds):
            while True:
                task = await self.json("GET", f"/tasks/{uid}")
                if task["finishedAt"] is not None:
                    break
                await asyncio.sleep(0.002)
        if task["status"] != "succeeded":
            raise RuntimeError(f"Task {uid} {task['status']}: {task['error']}")

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
