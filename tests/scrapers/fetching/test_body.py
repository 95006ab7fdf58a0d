"""Bodies: plain and compressed, whole and broken, small and without end."""

import tracemalloc
import zlib
from itertools import pairwise

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.fetching.body import BrokenBodyError, TooLargeError, read_body

GZIP, ZLIB, RAW = 31, 15, -15


class Parts(httpx.AsyncByteStream):
    def __init__(self, *parts: bytes) -> None:
        self.parts = parts

    async def __aiter__(self):
        for part in self.parts:
            yield part


async def read(*parts: bytes, encoding: str | None = None, limit: int = 1000, **headers: str):
    if encoding:
        headers["Content-Encoding"] = encoding
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return await read_body(httpx.Response(200, headers=names, stream=Parts(*parts)), limit)


def packed(data: bytes, window: int = GZIP) -> bytes:
    return zlib.compress(data, wbits=window)


@pytest.mark.parametrize(
    ("encoding", "window"),
    [("gzip", GZIP), ("x-gzip", GZIP), ("GZIP", GZIP), ("deflate", ZLIB), ("deflate", RAW)],
)
async def test_what_is_compressed_is_unpacked(encoding, window):
    data = packed(b"a car" * 50, window)
    assert await read(data[:7], data[7:], encoding=encoding) == b"a car" * 50


@pytest.mark.parametrize("encoding", [None, "identity"])
async def test_what_is_plain_stays(encoding):
    assert await read(b"a ", b"", b"car", encoding=encoding) == b"a car"
    assert await read(encoding=encoding) == b""


@given(data=st.binary(max_size=300), cuts=st.lists(st.integers(1, 300), max_size=5))
async def test_where_a_body_is_cut_into_parts_makes_no_difference(data, cuts):
    whole = packed(data)
    places = sorted({min(cut, len(whole)) for cut in cuts} | {0, len(whole)})
    parts = [whole[a:b] for a, b in pairwise(places)]
    assert await read(*parts, encoding="gzip") == data


@given(missing=st.integers(1, 60))
async def test_a_body_that_breaks_off_is_never_taken_for_a_whole_one(missing):
    whole = packed(bytes(range(256)))
    with pytest.raises(BrokenBodyError, match="breaks off"):
        await read(whole[:-missing], encoding="gzip")


@pytest.mark.parametrize(
    ("data", "encoding"), [(b"<html>", "gzip"), (b"x", "br"), (b"x", "gzip, gzip")]
)
async def test_what_is_not_what_it_says_is_broken(data, encoding):
    with pytest.raises(BrokenBodyError):
        await read(data, encoding=encoding)


async def test_what_says_that_it_is_too_large_is_not_read():
    with pytest.raises(TooLargeError):
        await read(Content_Length="1001")


async def test_the_limit_holds_on_the_wire_and_after_it():
    assert len(await read(b"x" * 1000)) == 1000
    with pytest.raises(TooLargeError):
        await read(b"x" * 600, b"x" * 401)
    assert len(await read(packed(b"x" * 1000), encoding="gzip")) == 1000
    with pytest.raises(TooLargeError):
        await read(packed(b"x" * 1001), encoding="gzip")


async def test_a_bomb_is_not_unpacked():
    bomb = packed(bytes(50_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError):
            await read(bomb, encoding="gzip", limit=100_000)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
