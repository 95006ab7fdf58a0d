"""A TCP proxy before the real search server that loses what it is told to lose, once.

It can also be slow, or cut every connection for a while.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

CHUNK = 65_536
LATE_SECONDS = 10.0


class Proxy:
    """Requests that begin with `fault_of` meet the fault; every other byte passes."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname, parts.port)
        self._fault: tuple[str, bytes] | None = None
        self._held: list[bytes] = []
        self._connections: set[asyncio.StreamWriter] = set()
        self._cut = False
        self.delay = 0.0  # seconds that each piece of a request or an answer waits
        self.met = asyncio.Event()
        self.url = ""

    def once(self, fault: str, request: str) -> None:
        """`cut` (before the server has it), `lose` (its answer) or `hold` (until `release`)."""
        self._fault = (fault, request.encode())
        self.met.clear()

    def pass_all(self) -> None:
        """No fault any more for what was not met; what is held stays held."""
        self._fault = None
        self._cut = False
        self.delay = 0.0

    def forget(self) -> None:
        """What is held never arrives."""
        self.pass_all()
        self._held.clear()

    def cut(self) -> None:
        """Break every connection, in the middle of whatever it carries; no new ones either."""
        self._cut = True
        for writer in list(self._connections):
            writer.transport.abort()

    @property
    def held(self) -> list[str]:
        """The first lines of the requests that are held."""
        return [_line(request) for request in self._held]

    async def release(self) -> dict[int, str]:
        """Let the held requests arrive; the answers go nowhere.

        The first lines of those that were taken by the number of their task: a server that came
        back empty refuses keys of before. One that finds no server stays held. Bounded by ten
        seconds each.
        """
        tasks: dict[int, str] = {}
        for request in list(self._held):
            async with asyncio.timeout(LATE_SECONDS):
                reader, writer = await asyncio.open_connection(*self._target)
                writer.write(request)
                await writer.drain()
                answer = await reader.read(CHUNK)
                writer.close()
            self._held.remove(request)
            for uid in re.findall(rb'"taskUid": ?(\d+)', answer):
                tasks[int(uid)] = _line(request)
        return tasks

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self._cut:
                return
            up_reader, up_writer = await asyncio.open_connection(*self._target)
        except OSError:
            return
        else:
            both = {writer, up_writer}
            self._connections |= both
            try:
                await self._carry(reader, up_reader, writer, up_writer)
            finally:
                self._connections -= both
                up_writer.close()
        finally:
            writer.close()

    async def _carry(
        self,
        reader: asyncio.StreamReader,
        up_reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        up_writer: asyncio.StreamWriter,
    ) -> None:
        """Carry requests one way and answers the other, until either side ends or a fault does."""
        deaf: list[bool] = []
        answers = asyncio.create_task(self._answer(up_reader, writer, deaf))
        try:
            while data := await reader.read(CHUNK):
                await asyncio.sleep(self.delay)
                fault = self._meets(data)
                if fault == "hold":
                    self._held += await _whole(data, reader)
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
            await asyncio.gather(answers, return_exceptions=True)

    def _meets(self, data: bytes) -> str | None:
        if self._fault is None or not data.startswith(self._fault[1]):
            return None
        fault, self._fault = self._fault[0], None
        self.met.set()
        return fault

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, deaf: list[bool]
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(CHUNK):
                if deaf:
                    break
                await asyncio.sleep(self.delay)
                writer.write(data)
                await writer.drain()
        writer.close()


def _line(request: bytes) -> str:
    return request.partition(b"\r\n")[0].decode()


async def _whole(data: bytes, reader: asyncio.StreamReader) -> list[bytes]:
    """The request with all of its body; nothing when it ends in the middle."""
    head, _, body = data.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    while len(body) < int(fields.get(b"content-length", 0)):
        piece = await reader.read(CHUNK)
        if not piece:
            return []
        body += piece
    return [head + b"\r\n\r\n" + body]


@asynccontextmanager
async def proxy(target: str) -> AsyncIterator[Proxy]:
    made = Proxy(target)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        server.close()
        made.cut()
