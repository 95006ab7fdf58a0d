"""Bodies of answers: decompressed, whole, and never larger than is said.

The client's own decoders take a body that breaks off for a whole one, and inflate a part of a bomb
before anybody can look at its size.
"""

import zlib
from collections.abc import AsyncIterator
from typing import BinaryIO

import httpx


class TooLargeError(Exception):
    """More bytes than anybody wants, on the wire or after decompression."""


class BrokenBodyError(Exception):
    """A compressed body that ends too early, or is none."""


async def read_body(response: httpx.Response, limit: int) -> bytes:
    """The body of a streamed answer, at most `limit` bytes both before and after decompression.

    Raises TooLargeError, as soon as it is known; BrokenBodyError.
    """
    body = bytearray()
    async for part in _parts(response, limit):
        body += part
    return bytes(body)


async def save_body(response: httpx.Response, limit: int, file: BinaryIO) -> None:
    """Write the body of a streamed answer to a file, from its start. Raises as `read_body` does."""
    file.seek(0)
    file.truncate()
    async for part in _parts(response, limit):
        file.write(part)
    file.flush()


async def _parts(response: httpx.Response, limit: int) -> AsyncIterator[bytes]:
    """The decompressed parts of a body."""
    if int(response.headers.get("Content-Length", 0)) > limit:
        raise TooLargeError
    inflate = _Inflate(response.headers.get("Content-Encoding", ""))
    received = given = 0
    async for part in response.aiter_raw():
        received += len(part)
        plain = inflate(part, limit + 1 - given)
        given += len(plain)
        if max(received, given) > limit:
            raise TooLargeError
        yield plain
    inflate.end()


class _Inflate:
    """Decompresses part by part what is gzip or deflate; anything else must be plain."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding.strip().lower()
        if self.encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise BrokenBodyError(f"its encoding is {encoding}, which was not asked for")
        self._plain = self.encoding in ("", "identity")
        self._stream: zlib._Decompress | None = None

    def __call__(self, part: bytes, most: int) -> bytes:
        """What `part` holds, at most so many bytes of it."""
        if self._plain or not part:
            return part
        if self._stream is None:
            self._stream = zlib.decompressobj(self._window(part[0]))
        try:
            return self._stream.decompress(part, most)
        except zlib.error as error:
            raise BrokenBodyError(f"it is no {self.encoding} ({error})") from error

    def end(self) -> None:
        """Raise BrokenBodyError where the compressed data has no end yet."""
        if self._stream is not None and not self._stream.eof:
            raise BrokenBodyError(f"its {self.encoding} data breaks off")

    def _window(self, first: int) -> int:
        """The `wbits` for data that starts with this byte; some send deflate without a header."""
        if self.encoding != "deflate":
            return zlib.MAX_WBITS | 16
        return zlib.MAX_WBITS if first & 0x0F == zlib.DEFLATED else -zlib.MAX_WBITS
