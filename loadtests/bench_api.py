"""What the API costs over asking the search server directly, and what it carries.

    python -m loadtests.bench_api [--cars 100000] [--json]

Starts its own servers (or uses MEILI_URL), API and indexer, loads the cars, then asks: a server
that does nothing (the client's own ceiling); the search server with exactly what the API sends it
while it remembers nothing, in turns with the API, each search once; the same with an index that has
changed before each search; the API with traffic after Zipf's law; suggestions as they are typed.
Client and servers share the machine. Exit status 1 when a goal was missed.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import count, repeat

import httpx
import orjson
import uvloop

from catalog.cars import CARS
from config.settings import Settings
from engine import version
from engine.client import Engine
from loadtests.api import traffic, usage
from loadtests.api.calling import Connection, Outcome, connect, drive, get, post
from loadtests.sync import loading, stock
from loadtests.sync.rows import Row, as_json, machine, quantile
from loadtests.sync.stage import servers, stage
from service.answering.queries import multi_search
from service.understanding.search import Reader
from stack.plan import api_url
from stack.sockets import free_port

ONE_BY_ONE = 1_000
AFTER_CHANGES = 300
KNOWN_SECONDS = 0.15
"""From a new version of the index until the API knows of it."""

AT_ONCE = 1_000
WIDTH = 8
ROUNDS = 5
POPULAR = 1_000
NEW = 2_000
NEW_EVERY = 100
"""In traffic after Zipf's law one search of so many is one that nobody made before."""

ZIPF_WIDTH = 64
ZIPF_SECONDS = 15.0
TYPED = 2_000
CHUNK = 100
BODY_BYTES = 20_000
START_SECONDS = 20.0

ZIPF_GOAL = 3_000


def main() -> None:
    """Run it and print; 1 when a goal was missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cars", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    os.environ["SHOWROOM_RATE"] = "0"  # one client here stands for many
    with servers() as settings:
        rows = uvloop.run(_measure(settings, given.cars, quiet=given.json))
    if given.json:
        print(as_json(rows, cars=given.cars))
    sys.exit(0 if all(row.kept for row in rows) else 1)


async def _measure(settings: Settings, cars: int, *, quiet: bool) -> list[Row]:
    rows: list[Row] = []

    def tell(*told: Row) -> None:
        rows.extend(told)
        if not quiet:
            print(*told, sep="\n", flush=True)

    if not quiet:
        print(", ".join(f"{name} {value}" for name, value in machine().items()), flush=True)
    tell(*await _ceiling())
    async with stage(settings) as own:
        await stock.fill(own.db, 0, cars)
        own.start("api", "indexer")
        await loading.idle(own)
        bench = Bench(settings, await _finding(own.engine, facets(settings)))
        tell(*await bench.one_by_one())
        tell(*await bench.after_changes())
        tell(*await bench.at_once())
        tell(*await bench.popular())
        tell(*await bench.suggestions())
    return rows


def facets(settings: Settings) -> traffic.Facets:
    """The values that there are, as the API tells them."""
    url = f"{api_url(settings)}/api/v1/{CARS.collection}?per_page=1"
    found: traffic.Facets = httpx.get(url, timeout=30).json()["facets"]
    return found


async def _finding(engine: Engine, known: traffic.Facets) -> list[str]:
    """Searches that find something: for others the API asks once more, for what to leave out."""
    reader, kept = Reader(CARS), []
    wanted = ONE_BY_ONE + AFTER_CHANGES + AT_ONCE + POPULAR + NEW
    queries = traffic.searches(known, 2 * wanted)
    for at in range(0, len(queries), CHUNK):
        part = queries[at : at + CHUNK]
        asked = [multi_search(reader.read(query))[0] for query in part]
        plain = [{**query, "facets": [], "limit": 1} for query in asked]
        results = orjson.loads(await engine.multi_search(plain))["results"]
        kept += [q for q, result in zip(part, results, strict=True) if result["estimatedTotalHits"]]
    return kept


class Bench:
    """The searches of one run, and who is asked."""

    def __init__(self, settings: Settings, found: list[str]) -> None:
        self.api = api_url(settings)
        self.engine = str(settings.meili_url)
        self.valkey = settings.redis_url or ""
        self.key = settings.meili_search_key or settings.meili_master_key or ""
        self.path = f"{self.api}/api/v1/{CARS.collection}"
        self.facets = facets(settings)
        self.first = found[:ONE_BY_ONE]
        self.second = found[ONE_BY_ONE : ONE_BY_ONE + AT_ONCE]
        self.third = found[ONE_BY_ONE + AT_ONCE :][:AFTER_CHANGES]
        self.often = found[-NEW - POPULAR : -NEW]
        self.new = found[-NEW:]
        self.reader = Reader(CARS)

    def to_engine(self, query: str) -> bytes:
        """What the API asks for this query, as a request to the search server."""
        body = orjson.dumps({"queries": multi_search(self.reader.read(query))})
        return post(f"{self.engine}/multi-search", self.key, body)

    def to_api(self, query: str) -> bytes:
        return get(f"{self.path}?{query}")

    async def one_by_one(self) -> list[Row]:
        """Each search once to both, in turns, who is first changing."""
        outcomes = await self._in_turns(self.first)
        return _compared(outcomes, "one at a time", {0.5: None, 0.95: 1.15})

    async def after_changes(self) -> list[Row]:
        """The same, each search when the index has just become another: nothing is remembered."""
        async with version.connect(self.valkey) as valkey:
            number = await version.read(valkey, CARS.name) or 0
            numbers = count(number + 1)

            async def change() -> None:
                assert await version.publish(valkey, CARS.name, next(numbers))
                await asyncio.sleep(KNOWN_SECONDS)

            outcomes = await self._in_turns(self.third, change)
        return _compared(outcomes, "after a change", {0.5: None, 0.95: None})

    async def _in_turns(
        self, queries: list[str], before: Callable[[], Awaitable[None]] | None = None
    ) -> dict[str, Outcome]:
        outcomes = {"search server": Outcome(), "API": Outcome()}
        connections = {
            "search server": await connect(self.engine),
            "API": await connect(self.api),
        }
        for number, query in enumerate(queries):
            if before:
                await before()
            requests = {"search server": self.to_engine(query), "API": self.to_api(query)}
            for name in sorted(requests, reverse=bool(number % 2)):
                await _ask(connections[name], requests[name], outcomes[name])
        return outcomes

    async def at_once(self) -> list[Row]:
        """Each search once to both, eight at once, in rounds."""
        outcomes = {"search server": Outcome(), "API": Outcome()}
        used: dict[str, list[str]] = {name: [] for name in outcomes}
        part = len(self.second) // ROUNDS
        for at in range(0, part * ROUNDS, part):
            queries = self.second[at : at + part]
            asked = {
                "search server": (self.engine, [self.to_engine(query) for query in queries]),
                "API": (self.api, [self.to_api(query) for query in queries]),
            }
            for name, (url, requests) in asked.items():
                before, began = usage.cpu(), time.perf_counter()
                await drive(url, iter(requests), WIDTH, outcomes[name])
                used[name].append(usage.told(before, time.perf_counter() - began))
        rows = [
            _rate(f"{name}, {WIDTH} at once", outcome, used[name][-1])
            for name, outcome in outcomes.items()
        ]
        rate = outcomes["API"].each_second / outcomes["search server"].each_second
        return [
            *rows,
            *_ratios(outcomes, f"{WIDTH} at once", {0.95: None}),
            Row("  searches/s, API / search server", rate, "", at_least=0.9),
            *_failures(outcomes.values()),
        ]

    async def popular(self) -> list[Row]:
        """Searches that people make again and again, each made once before, and some new ones."""
        requests = [self.to_api(query) for query in self.often]
        await drive(self.api, iter(requests), WIDTH, Outcome())
        mixed = traffic.mixed(requests, [self.to_api(query) for query in self.new], NEW_EVERY)
        before = usage.cpu()
        outcome = await _for(ZIPF_SECONDS, self.api, mixed, ZIPF_WIDTH)
        name = f"Zipf over {POPULAR:,}, {ZIPF_WIDTH} at once"
        used = usage.told(before, outcome.seconds)
        return [
            _rate(name, outcome, used, at_least=ZIPF_GOAL),
            Row(f"  {_p(0.95)}", quantile(outcome.times, 0.95), "ms", at_most=50),
            Row(f"  {_p(0.99)}", quantile(outcome.times, 0.99), "ms"),
            Row("  known to the cache", 100 * outcome.fresh / len(outcome.times), "%"),
            *_failures([outcome]),
        ]

    async def suggestions(self) -> list[Row]:
        """What is typed, letter by letter, one after another."""
        outcome, connection = Outcome(), await connect(self.api)
        for text in traffic.typed(self.facets, TYPED):
            request = get(str(httpx.URL(f"{self.path}/suggest", params={"q": text})))
            await _ask(connection, request, outcome)
        row = _row("suggestions, one at a time", outcome)
        slowest = Row(f"  {_p(0.95)}", quantile(outcome.times, 0.95), "ms", at_most=10)
        return [row, slowest, *_failures([outcome])]


async def _ask(connection: Connection, request: bytes, outcome: Outcome) -> None:
    began = time.perf_counter()
    await connection.ask(request)
    outcome.note(connection, began)
    outcome.seconds += time.perf_counter() - began


async def _for(seconds: float, url: str, requests: Iterator[bytes], width: int) -> Outcome:
    """Send requests for so long."""
    outcome, end = Outcome(), time.perf_counter() + seconds
    await drive(url, _until(end, requests), width, outcome)
    return outcome


def _until(end: float, requests: Iterator[bytes]) -> Iterator[bytes]:
    for request in requests:
        if time.perf_counter() > end:
            return
        yield request


async def _ceiling() -> list[Row]:
    """What the client reaches when the server does nothing."""
    with _trivial() as url:
        before = usage.cpu()
        outcome = await _for(3.0, url, repeat(get(f"{url}/")), ZIPF_WIDTH)
        return [_rate("client's ceiling", outcome, usage.told(before, outcome.seconds))]


@contextmanager
def _trivial() -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "loadtests.api.trivial", str(port), str(BODY_BYTES)]
    with subprocess.Popen(command) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url)
            yield url
        finally:
            process.terminate()


def _wait_for(url: str) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            httpx.get(url, timeout=1)
        except httpx.TransportError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return


def _row(name: str, outcome: Outcome) -> Row:
    """The median of these requests, with their other percentiles."""
    return Row(name, quantile(outcome.times, 0.5), "ms at p50", _told(outcome))


def _rate(name: str, outcome: Outcome, cores: str, at_least: float | None = None) -> Row:
    note = f"{_told(outcome)}; cores: {cores}"
    return Row(name, outcome.each_second, "requests/s", note, at_least=at_least)


def _told(outcome: Outcome) -> str:
    cuts = {_p(part): quantile(outcome.times, part) for part in (0.5, 0.95, 0.99)}
    return ", ".join(f"{name} {value:.1f}" for name, value in cuts.items()) + " ms"


def _failures(outcomes: Iterable[Outcome]) -> list[Row]:
    """A row that misses its goal for each that had answers other than 200."""
    bad = [one.statuses for one in outcomes if set(one.statuses) != {200}]
    return [
        Row("  FAILED", sum(each.values()) - each.get(200, 0), "answers", str(each), at_most=0)
        for each in bad
    ]


def _p(part: float) -> str:
    return f"p{part * 100:g}"


def _compared(
    outcomes: dict[str, Outcome], how: str, limits: dict[float, float | None]
) -> list[Row]:
    rows = [_row(f"{name}, {how}", outcome) for name, outcome in outcomes.items()]
    return [*rows, *_ratios(outcomes, how, limits), *_failures(outcomes.values())]


def _ratios(outcomes: dict[str, Outcome], how: str, limits: dict[float, float | None]) -> list[Row]:
    """The API's percentiles as multiples of the search server's, with their limits."""
    engine, api = outcomes["search server"].times, outcomes["API"].times
    return [
        Row(
            f"  {_p(part)}, API / search server",
            quantile(api, part) / quantile(engine, part),
            "",
            how,
            at_most=limit,
        )
        for part, limit in limits.items()
    ]


if __name__ == "__main__":
    main()
