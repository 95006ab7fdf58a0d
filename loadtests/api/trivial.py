"""The least that can answer: `python -m loadtests.api.trivial PORT BYTES`.

What a client reaches against it is the client's own ceiling on this machine.
"""

import asyncio
import sys

import uvloop


class Answering(asyncio.Protocol):
    """Answers every request with the same bytes."""

    answer = b""

    def connection_made(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(self.answer * data.count(b"\r\n\r\n"))


async def serve(port: int, size: int) -> None:
    """Listen on the loopback until the process is ended."""
    head = f"HTTP/1.1 200 OK\r\ncontent-length: {size}\r\n\r\n".encode()
    Answering.answer = head + b"x" * size
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), int(sys.argv[2])))
