"""A TCP proxy before the real search server that loses what it is told to lose, once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

CHUNK = 65_536


class Proxy:
    """Requests that begin with `fault_of` meet the fault; every other byte passes."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname, parts.port)
        self._fault: tuple[str, bytes] | None = None
        self._held: list[bytes] = []
        self.met = asyncio.Event()
        self.url = ""

    def once(self, fault: str, request: str) -> None:
        """`cut` (before the server has it), `lose` (its answer) or `hold` (until `release`)."""
        self._fault = (fault, request.encode())
        self.met.clear()

    async def release(self) -> None:
        """Let the held request arrive; the answer goes nowhere."""
        for request in self._held:
            reader, writer = await asyncio.open_connection(*self._target)
            writer.write(request)
            await writer.drain()
            await reader.read(CHUNK)
            writer.close()
        self._held.clear()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection(*self._target)
        deaf: list[bool] = []
        answers = asyncio.create_task(_answer(up_reader, writer, deaf))
        try:
            while data := await reader.read(CHUNK):
                fault = self._meets(data)
                if fault == "hold":
                    self._held.append(await _whole(data, reader))
                if fault in ("cut", "hold"):
                    break
                if fault == "lose":
                    deaf.append(True)
                up_writer.write(data)
                await up_writer.drain()
        except ConnectionError:
            pass
        finally:
            answers.cancel()
            up_writer.close()
            writer.close()

    def _meets(self, data: bytes) -> str | None:
        if self._fault is None or not data.startswith(self._fault[1]):
            return None
        fault, self._fault = self._fault[0], None
        self.met.set()
        return fault


async def _answer(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, deaf: list[bool]
) -> None:
    while data := await reader.read(CHUNK):
        if deaf:
            break
        writer.write(data)
        await writer.drain()
    writer.close()


async def _whole(data: bytes, reader: asyncio.StreamReader) -> bytes:
    """The request with all of its body."""
    head, _, body = data.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    while len(body) < int(fields[b"content-length"]):
        body += await reader.read(CHUNK)
    return head + b"\r\n\r\n" + body


@asynccontextmanager
async def proxy(target: str) -> AsyncIterator[Proxy]:
    made = Proxy(target)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        server.close()
