"""The wire between the indexers and Postgres: it can go dead under one of them, unheard.

As where a router between the two forgets a connection: the server sees it end, and who has it waits
for an answer that does not come.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit, urlunsplit

CHUNK = 65_536

# BackendKeyData, https://www.postgresql.org/docs/current/protocol-message-formats.html
_BACKEND = re.compile(rb"K\x00\x00\x00\x0c(.{4})", re.DOTALL)


@dataclass(eq=False)
class _Line:
    """One connection; `dead` is heard by the server only."""

    server: asyncio.StreamWriter
    pid: int | None = None
    dead: bool = False


class Wire:
    """Carries connections to the server whose socket is `socket`; `url` is the way in."""

    def __init__(self, socket: str) -> None:
        self.url = ""
        self._socket = socket
        self._lines: set[_Line] = set()

    def cut_unheard(self, pid: int) -> None:
        """End the connection of this process of the server; who has it is not told."""
        for line in self._lines:
            if line.pid == pid:
                line.dead = True
                line.server.transport.abort()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side ends it."""
        try:
            answers, server = await asyncio.open_unix_connection(self._socket)
        except OSError:  # it is away: the caller's connection ends, too
            writer.close()
            return
        line = _Line(server)
        self._lines.add(line)
        answering = asyncio.create_task(_answer(answers, writer, line))
        try:
            with suppress(ConnectionError):
                while data := await reader.read(CHUNK):
                    await _ask(server, data, line)
        finally:
            self._lines.discard(line)
            answering.cancel()
            await asyncio.gather(answering, return_exceptions=True)
            server.close()
            writer.close()


async def _ask(server: asyncio.StreamWriter, data: bytes, line: _Line) -> None:
    if not line.dead:
        with suppress(ConnectionError):  # `_answer` sees it, too, and ends the connection
            server.write(data)
            await server.drain()


async def _answer(answers: asyncio.StreamReader, writer: asyncio.StreamWriter, line: _Line) -> None:
    with suppress(ConnectionError):
        while data := await answers.read(CHUNK):
            if line.pid is None and (found := _BACKEND.search(data)):
                line.pid = int.from_bytes(found[1])
            writer.write(data)
            await writer.drain()
    if not line.dead:
        writer.close()


@asynccontextmanager
async def wire(url: str) -> AsyncIterator[Wire]:
    """A wire to the server of this URL, which names the folder of its socket."""
    parts = urlsplit(url)
    made = Wire(f"{parse_qs(parts.query)['host'][0]}/.s.PGSQL.5432")
    server = await asyncio.start_server(made.carry, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    place = f"{parts.username}@127.0.0.1:{port}"
    made.url = urlunsplit((parts.scheme, place, parts.path, "sslmode=disable", ""))
    try:
        yield made
    finally:
        server.close()
