"""Asking web sites for pages: politely, within limits, with an end."""

import asyncio
import importlib.util
import sys
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import httpx

from scrapers.fetching.address import site
from scrapers.fetching.rate import Pace, PausedError
from scrapers.fetching.retry import ATTEMPTS, RETRIED, backoff, retry_after
from scrapers.fetching.robots import Robots, read_robots

# httpcore looks for sniffio at each of its locks; what is known to be missing is not searched for
# again (0.6 ms a page).
if importlib.util.find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]

BODY_LIMIT = 8 * 1024 * 1024  # bytes, after decompression
REDIRECTS = 5
LONGEST_DELAY = 60.0  # seconds between two requests; a site that wants more is not crawled
WHOLE = 30.0  # seconds for one answer, from the first byte asked to the last one read
TIMEOUT = httpx.Timeout(connect=5.0, read=15.0, write=10.0, pool=60.0)
REDIRECTING = frozenset({301, 302, 303, 307, 308})


class FetchError(Exception):
    """A page that could not be had; `code` is counted in the run (`fetch/timeout`, `fetch/503`)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class SiteAwayError(FetchError):
    """No answer, or one that says 'not now': the site's fault and not the page's."""


class SitePausedError(SiteAwayError):
    """The site asked to be left alone for so many `seconds`, which is too long to wait for."""

    def __init__(self, code: str, url: str, seconds: float) -> None:
        super().__init__(code, f"{site(url)} asks to be left alone for {seconds:.0f} s.")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Answer:
    """What a site answered; `url` is where it came from, after redirects. Status is 2xx or 4xx."""

    url: str
    status: int
    body: bytes


def user_agent(contact: str) -> str:
    """What we call ourselves: the product, its version and who answers for it."""
    return f"Showroom/0.1 (+{contact})"


class Fetcher:
    """One client for the sites of a source; use as `async with`.

    `rate` is in requests a second to each site (None: no limit of ours), `concurrency` the number
    of requests under way at once. robots.txt is read once for each site and obeyed.
    """

    def __init__(self, contact: str, rate: float | None = None, concurrency: int = 8) -> None:
        self._rate = rate
        self._sites: dict[str, asyncio.Task[Robots]] = {}
        self._paces: dict[str, Pace] = {}
        self._client = httpx.AsyncClient(
            headers={"User-Agent": user_agent(contact), "Accept-Encoding": "gzip, deflate"},
            timeout=TIMEOUT,
            limits=httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency),
            follow_redirects=False,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._sites.values():
            task.cancel()
        await asyncio.gather(*self._sites.values(), return_exceptions=True)
        await self._client.__aexit__(kind, error, trace)

    async def get(self, url: str) -> Answer:
        """The page at `url`, after redirects (within its site) and retries.

        Raises FetchError: `fetch/robots`, `fetch/crawl_delay`, `fetch/redirects`,
        `fetch/other_site`, `fetch/too_large`, `fetch/address`;
        SiteAwayError: `fetch/timeout`, `fetch/connect`, `fetch/broken`, `fetch/429`, `fetch/503`
        and the like, `fetch/robots` where there was no answer to judge; SitePausedError.
        """
        for _ in range(REDIRECTS + 1):
            robots = await self._robots(url)
            if robots.unknown:
                raise SiteAwayError(
                    "fetch/robots", f"The robots.txt that {url} obeys is not to be had."
                )
            if not robots.allows(url):
                raise FetchError("fetch/robots", f"The site's robots.txt does not allow {url}.")
            answer = await self._persist(url)
            if isinstance(answer, Answer):
                return answer
            url = answer
        raise FetchError("fetch/redirects", f"More than {REDIRECTS} redirects, the last to {url}.")

    async def _robots(self, url: str) -> Robots:
        """The site's rules, read once however many requests wait for them."""
        home = site(url)
        if not home:
            raise FetchError("fetch/address", f"{url} is no address to ask.")
        if home not in self._sites:
            self._paces[home] = Pace(home, self._rate)
            self._sites[home] = asyncio.create_task(self._read_robots(home))
        return await asyncio.shield(self._sites[home])

    async def _read_robots(self, home: str) -> Robots:
        url: str = home + "/robots.txt"
        status, body = None, b""
        try:
            for _ in range(REDIRECTS + 1):
                answer = await self._persist(url)
                if isinstance(answer, Answer):
                    status, body = answer.status, answer.body
                    break
                url = answer
        except SitePausedError:
            raise
        except FetchError:
            status = None
        robots = read_robots(status, body)
        if robots.interval > LONGEST_DELAY:
            raise FetchError(
                "fetch/crawl_delay",
                f"{url} asks for {robots.interval:.0f} s between two requests; a site that asks"
                f" for more than {LONGEST_DELAY:.0f} s is not crawled.",
            )
        self._paces[home].slow_down(robots.interval)
        return robots

    async def _persist(self, url: str) -> Answer | str:
        """One page or the address it redirects to, tried again while that can help."""
        pace = self._paces[site(url)]
        attempt, code = 1, "fetch/paused"
        try:
            while True:
                await pace.turn()
                try:
                    return await self._ask(url)
                except _RetryableError as again:
                    code = again.code
                    pace.pause(again.wait)
                    if attempt == ATTEMPTS:
                        raise SiteAwayError(code, f"{url}: {again.reason}") from again
                await asyncio.sleep(backoff(attempt))
                attempt += 1
        except PausedError as pause:
            raise SitePausedError(code, url, pause.seconds) from pause

    async def _ask(self, url: str) -> Answer | str:
        """One request. Raises _RetryableError where another try can help."""
        try:
            async with asyncio.timeout(WHOLE), self._client.stream("GET", url) as response:
                if response.status_code in RETRIED or response.status_code >= 500:
                    raise _retryable(response)
                if response.status_code in REDIRECTING:
                    return _target(url, response)
                return Answer(url, response.status_code, await self._body(response))
        except (httpx.TimeoutException, TimeoutError) as error:
            raise _RetryableError("fetch/timeout", "it took too long to answer") from error
        except httpx.ConnectError as error:
            raise _RetryableError("fetch/connect", f"no connection ({error})") from error
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, ValueError) as error:
            raise FetchError("fetch/address", f"{url} is no address to ask: {error}.") from error
        except httpx.HTTPError as error:
            raise _RetryableError("fetch/broken", f"the answer broke off ({error})") from error

    async def _body(self, response: httpx.Response) -> bytes:
        parts: list[bytes] = []
        size = 0
        async for part in response.aiter_bytes():
            size += len(part)
            if size > BODY_LIMIT:
                raise FetchError("fetch/too_large", f"{response.url} has more than {BODY_LIMIT} B.")
            parts.append(part)
        return b"".join(parts)


class _RetryableError(Exception):
    """Another try can help, after `wait` seconds at least."""

    def __init__(self, code: str, reason: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.code, self.reason, self.wait = code, reason, wait


def _target(url: str, response: httpx.Response) -> str:
    """Where a redirect leads; no site may send us to another, which may be inside our network."""
    target: str = urljoin(url, str(response.headers.get("Location", url)))
    if site(target) != site(url):
        raise FetchError("fetch/other_site", f"{url} leads to another site: {target}.")
    return target


def _retryable(response: httpx.Response) -> _RetryableError:
    status = response.status_code
    wait = retry_after(response.headers.get("Retry-After")) or 0.0
    return _RetryableError(f"fetch/{status}", f"the site answered {status}", wait)
