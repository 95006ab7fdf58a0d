"""Asking web sites for pages: politely, within limits, with an end."""

import asyncio
import importlib.util
import sys
from time import monotonic
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self
from urllib.parse import urljoin

import httpx
from redis.asyncio import Redis

from scrapers.fetching import kept_robots
from scrapers.fetching.address import host, site
from scrapers.fetching.answers import (
    NOT_MODIFIED,
    Answer,
    BlockedError,
    FetchError,
    PrivateSiteError,
    SiteAwayError,
    SitePausedError,
    Validators,
)
from scrapers.fetching.blocks import REFUSALS, blocker
from scrapers.fetching.body import BrokenBodyError, TooLargeError, read_body, save_body
from scrapers.fetching.network import PrivateAddressError, PublicTransport
from scrapers.fetching.retry import ATTEMPTS, RETRIED, SLOWING, backoff, retry_after
from scrapers.fetching.robots import Robots, read_robots
from scrapers.fetching.turns import NoRateError, Pace, PausedError, Turns, pace

# httpcore looks for sniffio at each of its locks; what is known to be missing is not searched for
# again (0.6 ms a page).
if importlib.util.find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]

BODY_LIMIT = 8 * 1024 * 1024  # bytes, before and after decompression
FILE_LIMIT = 2 * 1024 * 1024 * 1024  # the same, of a file that is written to disk
REDIRECTS = 5
LONGEST_DELAY = 60.0  # seconds between two requests; a site that wants more is not crawled
WHOLE = 30.0  # seconds for one answer, from the first byte asked to the last one read
WHOLE_FILE = 1800.0  # seconds for a file
TIMEOUT = httpx.Timeout(connect=5.0, read=15.0, write=10.0, pool=60.0)
REDIRECTING = frozenset({301, 302, 303, 307, 308})


def user_agent(contact: str) -> str:
    """What we call ourselves: the product, its version and who answers for it."""
    return f"Showroom/0.1 (+{contact})"


class _Rules(NamedTuple):
    """A site's robots.txt, how fast it may be asked, and until when to go by this."""

    robots: Robots
    pace: Pace
    until: float


class Fetcher:
    """One client for the sites of a source; use as `async with`.

    `rate` is in requests a second to each host (None: no limit of ours), `concurrency` the number
    of requests under way at once; all who use the same `redis_url` share both, and pauses that a
    site asks for. robots.txt is obeyed. With `private` addresses inside our network may be asked.
    """

    def __init__(
        self,
        contact: str,
        rate: float | None = None,
        concurrency: int = 8,
        *,
        redis_url: str | None = None,
        private: bool = False,
    ) -> None:
        self._rate, self._concurrency = rate, concurrency
        self._rules: dict[str, asyncio.Task[_Rules]] = {}
        self._valkey: Redis | None = (
            Redis.from_url(redis_url, socket_timeout=None) if redis_url else None
        )
        self._turns = Turns(self._valkey)
        limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
        self._client = httpx.AsyncClient(
            headers={"User-Agent": user_agent(contact), "Accept-Encoding": "gzip, deflate"},
            timeout=TIMEOUT,
            transport=None if private else PublicTransport(concurrency),
            limits=limits,
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
        for task in self._rules.values():
            task.cancel()
        await asyncio.gather(*self._rules.values(), return_exceptions=True)
        await self._client.__aexit__(kind, error, trace)
        if self._valkey:
            await self._valkey.aclose()

    async def get(self, url: str, validators: Validators | None = None) -> Answer:
        """The page at `url`, after redirects (within its site) and retries.

        With the `validators` of an earlier answer a page that did not change is not sent again:
        `not_modified`, without a body.

        Raises FetchError: `fetch/robots`, `fetch/crawl_delay`, `fetch/redirects`,
        `fetch/other_site`, `fetch/too_large`, `fetch/address`, `fetch/private_address`;
        SiteAwayError: `fetch/timeout`, `fetch/connect`, `fetch/broken`, `fetch/429`, `fetch/503`
        and the like, `fetch/robots` where there was no answer to judge, `fetch/no_rate`;
        SitePausedError; BlockedError.
        """
        return await self._get(url, validators, None)

    async def download(self, url: str, into: BinaryIO, validators: Validators | None) -> Answer:
        """Like `get`, with the body written to a file, at most 2 GB; the answer has none.

        Of an answer that is no success the body is not written.
        """
        return await self._get(url, validators, into)

    async def _get(self, url: str, validators: Validators | None, into: BinaryIO | None) -> Answer:
        headers = validators.headers() if validators else {}
        for _ in range(REDIRECTS + 1):
            rules = await self._rules_of(url)
            if rules.robots.unknown:
                raise SiteAwayError(
                    "fetch/robots",
                    f"The robots.txt that {url} obeys is not to be had. {rules.robots.unknown}",
                )
            if not rules.robots.allows(url):
                raise FetchError("fetch/robots", f"The site's robots.txt does not allow {url}.")
            answer = await self._persist(url, rules.pace, headers, into)
            if isinstance(answer, Answer):
                return answer
            url, headers = answer, {}
        raise FetchError("fetch/redirects", f"More than {REDIRECTS} redirects, the last to {url}.")

    async def _rules_of(self, url: str) -> _Rules:
        """The site's rules, read once in a while however many requests wait for them."""
        home = site(url)
        if not home:
            raise FetchError("fetch/address", f"{url} is no address to ask.")
        task = self._rules.get(home)
        if task is None or (task.done() and _is_old(task)):
            task = self._rules[home] = asyncio.create_task(self._read_rules(home))
        return await asyncio.shield(task)

    async def _read_rules(self, home: str) -> _Rules:
        url = home + "/robots.txt"
        read = await kept_robots.find(self._valkey, home)
        if read is None:
            read = await self._ask_robots(url)
            await kept_robots.keep(self._valkey, home, *read)
        robots = read_robots(*read)
        if robots.interval > LONGEST_DELAY:
            raise FetchError(
                "fetch/crawl_delay",
                f"{url} asks for {robots.interval:.0f} s between two requests; a site that asks"
                f" for more than {LONGEST_DELAY:.0f} s is not crawled.",
            )
        own = pace(self._concurrency, self._rate, robots.interval)
        age = kept_robots.AGE_UNKNOWN if robots.unknown else kept_robots.AGE
        return _Rules(robots, own, monotonic() + age)

    async def _ask_robots(self, url: str) -> kept_robots.Read:
        """Status and body of robots.txt; None for a site that has no answer, and why.

        Raises SitePausedError, PrivateSiteError, and BlockedError for a block page; a plain refusal
        (403) is a site without rules, as RFC 9309 has it.
        """
        own = pace(self._concurrency, self._rate)
        try:
            for _ in range(REDIRECTS + 1):
                answer = await self._persist(url, own, {})
                if isinstance(answer, Answer):
                    break
                url = answer
            else:
                return None, f"More than {REDIRECTS} redirects, the last to {url}.".encode()
        except (SitePausedError, PrivateSiteError, BlockedError):
            raise
        except FetchError as error:
            return None, str(error).encode(errors="replace")
        if answer.blocker:
            raise BlockedError(url, answer.blocker)
        return answer.status, answer.body

    async def _persist(
        self, url: str, own: Pace, headers: dict[str, str], into: BinaryIO | None = None
    ) -> Answer | str:
        """One page or the address it redirects to, tried again while that can help."""
        attempt, code = 1, "fetch/paused"
        try:
            while True:
                try:
                    async with self._turns.turn(host(url), own):
                        return await self._ask(url, headers, into)
                except _RetryableError as again:
                    code, wait = again.code, backoff(attempt)
                    if again.slows:
                        await self._turns.pause(host(url), max(wait, again.wait))
                    if attempt == ATTEMPTS:
                        raise SiteAwayError(code, f"{url}: {again.reason}.") from again
                await asyncio.sleep(wait)
                attempt += 1
        except PausedError as pause:
            raise SitePausedError(code, url, pause.seconds) from pause
        except NoRateError as error:
            raise SiteAwayError(
                "fetch/no_rate",
                f"{site(url)} is not asked while Valkey is away, which keeps its rate.",
            ) from error

    async def _ask(self, url: str, headers: dict[str, str], into: BinaryIO | None) -> Answer | str:
        """One request. Raises _RetryableError where another try can help."""
        try:
            async with (
                asyncio.timeout(WHOLE if into is None else WHOLE_FILE),
                self._client.stream("GET", url, headers=headers) as response,
            ):
                return await _judge(url, response, into)
        except (httpx.TimeoutException, TimeoutError) as error:
            raise _RetryableError("fetch/timeout", "it took too long to answer") from error
        except httpx.ConnectError as error:
            raise _RetryableError("fetch/connect", f"no connection ({error})") from error
        except TooLargeError as error:
            limit = BODY_LIMIT if into is None else FILE_LIMIT
            raise FetchError("fetch/too_large", f"{url} has more than {limit:,} bytes.") from error
        except PrivateAddressError as error:
            raise PrivateSiteError(url, error) from error
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, ValueError) as error:
            raise FetchError("fetch/address", f"{url} is no address to ask: {error}.") from error
        except (httpx.HTTPError, BrokenBodyError) as error:
            raise _RetryableError("fetch/broken", f"the answer broke off ({error})") from error


class _RetryableError(Exception):
    """Another try can help, after `wait` seconds at least; `slows`: and so long for everybody."""

    def __init__(self, code: str, reason: str, wait: float = 0.0, *, slows: bool = False) -> None:
        super().__init__(reason)
        self.code, self.reason, self.wait, self.slows = code, reason, wait, slows


async def _judge(url: str, response: httpx.Response, into: BinaryIO | None) -> Answer | str:
    """What a response means; see `Fetcher._ask`."""
    status = response.status_code
    if status in REDIRECTING:
        return _target(url, response)
    if status == NOT_MODIFIED:
        return Answer(url, status, b"", response.headers)
    if status < 400 and into is not None:
        await save_body(response, FILE_LIMIT, into)
        return Answer(url, status, b"", response.headers)
    if status < 400:
        return Answer(url, status, await read_body(response, BODY_LIMIT), response.headers)
    body = await _peek(response)
    if status in REFUSALS and (who := blocker(status, response.headers, body)):
        raise BlockedError(url, who)
    if status in RETRIED or status >= 500:
        raise _retryable(response)
    return Answer(url, status, body, response.headers)


async def _peek(response: httpx.Response) -> bytes:
    """The body of a refusal, or nothing: it must not be worse than the refusal itself."""
    try:
        return await read_body(response, BODY_LIMIT)
    except (TooLargeError, BrokenBodyError, httpx.HTTPError):
        return b""


def _target(url: str, response: httpx.Response) -> str:
    """Where a redirect leads; no site may send us to another, which may be inside our network."""
    target: str = urljoin(url, str(response.headers.get("Location", url)))
    if site(target) != site(url):
        raise FetchError("fetch/other_site", f"{url} leads to another site: {target}.")
    return target


def _retryable(response: httpx.Response) -> _RetryableError:
    status = response.status_code
    wait = retry_after(response.headers.get("Retry-After")) or 0.0
    slows = wait > 0 or status in SLOWING
    return _RetryableError(f"fetch/{status}", f"the site answered {status}", wait, slows=slows)


def _is_old(task: asyncio.Task[_Rules]) -> bool:
    """Whether rules are to be read again; a failure to read them stays for this crawl."""
    if task.cancelled() or task.exception() is not None:
        return False
    return monotonic() > task.result().until
