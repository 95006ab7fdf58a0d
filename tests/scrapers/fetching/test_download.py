"""Files that are larger than pages, written to disk."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from scrapers.fetching import fetcher as fetching
from scrapers.fetching.answers import FetchError, Validators
from scrapers.fetching.fetcher import BODY_LIMIT, Fetcher
from tests.scrapers.serving import serving

LARGE = b"vin,make,model\n" * (BODY_LIMIT // 10)


@pytest.fixture
async def site() -> AsyncIterator[str]:
    tries = 0

    async def answer(request: web.Request) -> web.Response:
        nonlocal tries
        if request.path == "/large.csv":
            packed = gzip.compress(LARGE, 1)
            return web.Response(body=packed, headers={"Content-Encoding": "gzip", "ETag": '"a"'})
        if request.path == "/broken.csv":
            tries += 1
            packed = gzip.compress(b"first" * 1000 if tries == 1 else b"second")
            body = packed[:-8] if tries == 1 else packed
            return web.Response(body=body, headers={"Content-Encoding": "gzip"})
        return web.Response(status=404, text="nothing")

    async with serving(answer) as url:
        yield url


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    async with Fetcher("mailto:tester@example.org", private=True) as fetcher:
        yield fetcher


async def test_a_file_may_be_larger_than_a_page(site, fetcher, tmp_path: Path):
    path = tmp_path / "file"
    with path.open("w+b") as file:
        answer = await fetcher.download(f"{site}/large.csv", file, Validators())
    assert (answer.status, answer.body, answer.etag) == (200, b"", '"a"')
    assert path.read_bytes() == LARGE
    with pytest.raises(FetchError, match="has more than"):
        await fetcher.get(f"{site}/large.csv")


async def test_a_file_has_a_limit_too(site, fetcher, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(fetching, "FILE_LIMIT", 100_000)
    with (tmp_path / "file").open("w+b") as file:
        with pytest.raises(FetchError, match="has more than 100,000 bytes"):
            await fetcher.download(f"{site}/large.csv", file, None)
        assert file.tell() <= 200_000


async def test_what_broke_off_is_written_anew(site, fetcher, tmp_path: Path, no_backoff):
    path = tmp_path / "file"
    with path.open("w+b") as file:
        await fetcher.download(f"{site}/broken.csv", file, None)
    assert path.read_bytes() == b"second"


async def test_of_a_file_that_is_not_there_nothing_is_written(site, fetcher, tmp_path: Path):
    path = tmp_path / "file"
    with path.open("w+b") as file:
        answer = await fetcher.download(f"{site}/none.csv", file, None)
    assert (answer.status, path.read_bytes()) == (404, b"")
