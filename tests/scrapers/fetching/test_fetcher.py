"""Fetching over HTTP from a site that misbehaves as each test says."""

import asyncio
import gzip
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from scrapers.fetching import fetcher as fetching
from scrapers.fetching.address import host
from scrapers.fetching.answers import (
    BlockedError,
    FetchError,
    SiteAwayError,
    SitePausedError,
    Validators,
)
from scrapers.fetching.fetcher import Fetcher
from scrapers.fetching.here import HERE
from tests.scrapers.serving import serving

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Site:
    """Answers `/robots.txt` and `/page` as told; a list is answered one after the other."""

    page: list[web.Response | Answer] = field(default_factory=list)
    robots: web.Response | None = None
    asked: list[tuple[str, float]] = field(default_factory=list)
    url: str = ""

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.path, time.monotonic()))
        if request.path == "/robots.txt":
            said: web.Response | Answer = self.robots or web.Response(status=404)
        else:
            said = self.page.pop(0) if len(self.page) > 1 else self.page[0]
        if callable(said):
            return await said(request)
        return web.Response(status=said.status, body=said.body, headers=said.headers)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    async with serving(site.answer) as site.url:
        yield site


@pytest.fixture
async def fetcher(no_backoff: None) -> AsyncIterator[Fetcher]:
    async with Fetcher("mailto:tester@example.org", private=True) as fetcher:
        yield fetcher


def said(status: int = 200, body: bytes = b"car", **headers: str) -> web.Response:
    return web.Response(
        status=status, body=body, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


async def test_a_page_is_answered(site, fetcher):
    site.page = [said(body=b"a car")]
    answer = await fetcher.get(f"{site.url}/page")
    assert (answer.status, answer.body, answer.url) == (200, b"a car", f"{site.url}/page")


async def test_robots_are_read_once_for_many_requests(site, fetcher):
    site.page = [said()]
    await asyncio.gather(*(fetcher.get(f"{site.url}/page") for _ in range(5)))
    assert site.paths().count("/robots.txt") == 1


async def test_what_robots_forbid_is_not_asked(site, fetcher):
    site.robots = web.Response(text="User-agent: *\nDisallow: /page")
    with pytest.raises(FetchError, match="does not allow") as error:
        await fetcher.get(f"{site.url}/page")
    assert error.value.code == "fetch/robots"
    assert site.paths() == ["/robots.txt"]


async def test_robots_that_fail_let_nothing_be_asked(site, fetcher):
    site.robots = web.Response(status=503)
    with pytest.raises(
        SiteAwayError, match=r"not to be had\. .*/robots\.txt: the site answered 503"
    ) as error:
        await fetcher.get(f"{site.url}/page")
    assert error.value.code == "fetch/robots"
    assert set(site.paths()) == {"/robots.txt"}


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_a_passing_trouble_is_asked_again(site, fetcher, status):
    site.page = [said(status), said(status), said()]
    assert (await fetcher.get(f"{site.url}/page")).body == b"car"


async def test_asking_again_ends(site, fetcher):
    site.page = [said(503)]
    with pytest.raises(SiteAwayError) as error:
        await fetcher.get(f"{site.url}/page")
    assert error.value.code == "fetch/503"
    assert site.paths().count("/page") == 4


@pytest.mark.parametrize("status", [401, 403, 404, 410])
async def test_a_clear_no_is_an_answer(site, fetcher, status):
    site.page = [said(status)]
    assert (await fetcher.get(f"{site.url}/page")).status == status
    assert site.paths().count("/page") == 1


async def test_retry_after_is_waited_for_by_every_request(site, fetcher):
    site.page = [said(429, Retry_After="1"), said()]
    await fetcher.get(f"{site.url}/robots.txt")
    first = asyncio.create_task(fetcher.get(f"{site.url}/page"))
    async with asyncio.timeout(20):
        while not HERE.paused(host(site.url)):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await fetcher.get(f"{site.url}/page")
    await first
    times = [at for path, at in site.asked if path == "/page"]
    assert times[1] - times[0] >= 1.0


async def test_a_site_that_wants_an_hour_is_left_alone_by_everyone(site, fetcher):
    site.page = [said(503, Retry_After="3600"), said()]
    async with Fetcher("another crawl of the same site", private=True) as other:
        for each in (fetcher, fetcher, other):
            with pytest.raises(SitePausedError, match=r"asks to be left alone for 3[56]\d\d s"):
                await each.get(f"{site.url}/page")
    assert site.paths() == ["/robots.txt", "/page"]


async def test_robots_that_want_an_hour_get_it(site, fetcher):
    site.robots = said(429, Retry_After="3600")
    for _ in range(2):
        with pytest.raises(SitePausedError):
            await fetcher.get(f"{site.url}/page")
    assert site.paths() == ["/robots.txt"]


async def test_who_waits_for_a_turn_hears_of_a_pause(site):
    site.page = [said(429, Retry_After="3600"), said()]
    async with Fetcher("tester", rate=10.0, private=True) as fetcher:
        asked = (fetcher.get(f"{site.url}/page") for _ in range(5))
        answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(answer) for answer in answers] == [SitePausedError] * 5
    assert site.paths().count("/page") == 1


async def test_a_site_that_wants_minutes_between_requests_is_not_crawled(site, fetcher):
    site.robots = web.Response(text="User-agent: *\nCrawl-delay: 600")
    with pytest.raises(FetchError, match="asks for 600 s between two requests") as error:
        async with asyncio.timeout(5):
            await fetcher.get(f"{site.url}/page")
    assert error.value.code == "fetch/crawl_delay"
    assert site.paths() == ["/robots.txt"]


async def test_redirects_are_followed_and_robots_asked_at_each_step(site, fetcher):
    site.robots = web.Response(text="User-agent: *\nDisallow: /private")
    site.page = [said(302, Location="/other"), said(body=b"here")]
    assert (await fetcher.get(f"{site.url}/page")).url == f"{site.url}/other"
    site.page = [said(301, Location="/private/1")]
    with pytest.raises(FetchError) as error:
        await fetcher.get(f"{site.url}/page")
    assert error.value.code == "fetch/robots"


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1:9", "user@127.0.0.1"])
async def test_a_redirect_to_another_site_is_not_followed(site, fetcher, name):
    site.page = [said(302, Location=f"http://{name}/inside"), said()]
    with pytest.raises(FetchError, match=r"leads to another site: http://.*/inside") as error:
        await fetcher.get(f"{site.url}/page")
    assert error.value.code == "fetch/other_site"
    assert site.paths() == ["/robots.txt", "/page"]


async def test_robots_on_another_site_are_not_read(site, fetcher):
    site.robots = said(302, Location="http://127.0.0.1:9/robots.txt")
    with pytest.raises(SiteAwayError, match=r"had\. .* leads to another site: http") as error:
        await fetcher.get(f"{site.url}/page")
    assert error.value.code == "fetch/robots"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://lot.example/", "/page"])
async def test_what_is_no_address_is_not_asked(fetcher, url):
    with pytest.raises(FetchError, match="is no address to ask") as error:
        await fetcher.get(url)
    assert error.value.code == "fetch/address"


@pytest.mark.parametrize("location", ["/page", "http://[", ""])
async def test_redirects_end(site, fetcher, location):
    site.page = [said(302, Location=location)]
    with pytest.raises(FetchError) as error:
        await fetcher.get(f"{site.url}/page")
    assert error.value.code in ("fetch/redirects", "fetch/address")
    assert site.paths().count("/page") <= 6


async def test_a_body_without_end_is_cut_off(site, fetcher, monkeypatch):
    monkeypatch.setattr(fetching, "BODY_LIMIT", 100_000)
    site.page = [said(body=gzip.compress(b"0" * 10_000_000), Content_Encoding="gzip")]
    with pytest.raises(FetchError) as error:
        await fetcher.get(f"{site.url}/page")
    assert error.value.code == "fetch/too_large"


async def drip(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(40):
        await response.write(b"x")
        await asyncio.sleep(0.05)
    return response


async def reset(request: web.Request) -> web.StreamResponse:
    assert request.transport
    request.transport.abort()
    return web.Response()


async def test_a_page_that_drips_is_given_up(site, fetcher, monkeypatch):
    monkeypatch.setattr(fetching, "WHOLE", 0.2)
    site.page = [drip]
    with pytest.raises(SiteAwayError) as error:
        await fetcher.get(f"{site.url}/page")
    assert error.value.code == "fetch/timeout"


@pytest.mark.parametrize(
    "page", [reset, said(body=gzip.compress(b"car" * 100)[:-20], Content_Encoding="deflate")]
)
async def test_an_answer_that_breaks_off_is_asked_again(site, fetcher, page):
    site.page = [page, said()]
    assert (await fetcher.get(f"{site.url}/page")).body == b"car"


async def test_a_site_that_is_not_there_lets_nothing_be_asked(fetcher):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(SiteAwayError):
        await fetcher.get(f"http://127.0.0.1:{port}/page")


@pytest.mark.parametrize(("rate", "robots"), [(10.0, ""), (None, "Crawl-delay: 0.1")])
async def test_requests_are_spaced(site, rate, robots):
    site.robots = web.Response(text=f"User-agent: *\nDisallow: /x\n{robots}")
    site.page = [said()]
    async with Fetcher("tester", rate, private=True) as fetcher:
        await asyncio.gather(*(fetcher.get(f"{site.url}/page") for _ in range(5)))
    times = [at for path, at in site.asked if path == "/page"]
    assert times[-1] - times[0] >= 0.38


async def test_no_more_than_so_many_are_under_way(site):
    under_way, most = 0, 0

    async def slow(request: web.Request) -> web.StreamResponse:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.02)
        under_way -= 1
        return web.Response()

    site.page = [slow]
    async with Fetcher("tester", concurrency=3, private=True) as fetcher:
        await asyncio.gather(*(fetcher.get(f"{site.url}/page") for _ in range(12)))
    assert most == 3


async def unless_it_is_known(request: web.Request) -> web.StreamResponse:
    known = request.headers.get("If-None-Match") == '"v1"'
    return web.Response(status=304 if known else 200, body=None if known else b"car")


async def test_a_page_that_did_not_change_is_not_sent_again(site, fetcher):
    site.page = [said(ETag='"v1"', Last_Modified="Thu, 01 Jan 2026 12:00:00 GMT")]
    first = await fetcher.get(f"{site.url}/page")
    assert (first.etag, first.last_modified, first.not_modified) == (
        '"v1"',
        "Thu, 01 Jan 2026 12:00:00 GMT",
        False,
    )
    site.page = [unless_it_is_known]
    again = await fetcher.get(f"{site.url}/page", first.validators)
    assert (again.status, again.not_modified, again.body) == (304, True, b"")
    assert (await fetcher.get(f"{site.url}/page", Validators('"v0"'))).body == b"car"


async def test_what_leads_elsewhere_is_asked_for_whatever_was_known(site, fetcher):
    site.page = [said(302, Location="/other"), unless_it_is_known]
    assert (await fetcher.get(f"{site.url}/page", Validators('"v1"'))).body == b"car"


CHALLENGE = b"<title>Just a moment...</title><script>window._cf_chl_opt={}</script>"


@pytest.mark.parametrize("status", [403, 429, 503])
async def test_a_block_page_is_asked_for_once(site, fetcher, status):
    site.page = [said(status, CHALLENGE)]
    with pytest.raises(BlockedError, match="block page of Cloudflare") as error:
        await fetcher.get(f"{site.url}/page")
    assert (error.value.code, error.value.who) == ("fetch/blocked", "Cloudflare")
    assert site.paths() == ["/robots.txt", "/page"]


@pytest.mark.parametrize("status", [200, 403, 503])
async def test_robots_that_are_a_block_page_block(site, fetcher, status):
    site.robots = said(status, CHALLENGE)
    with pytest.raises(BlockedError):
        await fetcher.get(f"{site.url}/page")
    assert site.paths() == ["/robots.txt"]


async def test_a_good_page_with_a_guard_on_it_is_a_good_page(site, fetcher):
    body = b"<title>Cars</title><script src=/cdn-cgi/challenge-platform/x.js></script>"
    site.page = [said(body=body)]
    answer = await fetcher.get(f"{site.url}/page")
    assert (answer.body, answer.blocker) == (body, None)


async def test_a_page_that_says_its_size_is_not_read_when_it_is_too_large(site, fetcher):
    async def huge(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(10 * 1024**3)})
        await response.prepare(request)
        return response

    site.page = [huge]
    async with asyncio.timeout(10):
        with pytest.raises(FetchError, match="has more than 8,388,608 bytes") as error:
            await fetcher.get(f"{site.url}/page")
    assert error.value.code == "fetch/too_large"


async def test_busy_answers_slow_everybody_down(site, monkeypatch):
    monkeypatch.setattr("scrapers.fetching.fetcher.backoff", lambda attempt: 1.0)
    site.page = [said(503), said()]
    async with (
        Fetcher("one", private=True) as one,
        Fetcher("two", private=True) as two,
    ):
        await two.get(f"{site.url}/robots.txt")
        slowed = asyncio.create_task(one.get(f"{site.url}/page"))
        while not HERE.paused(host(site.url)):  # noqa: ASYNC110 -- nobody tells of a pause
            await asyncio.sleep(0.01)
        await two.get(f"{site.url}/page")
        await slowed
    times = [at for path, at in site.asked if path == "/page"]
    assert times[1] - times[0] >= 0.99
