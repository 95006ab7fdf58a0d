"""What the API costs over asking the search server directly: the same searches, side by side.

    python loadtests/bench_api.py [--searches 300] [--at-once 8] [--json]

Addresses and key are those of the settings (a running `showroom up` is found by itself).
"""

import argparse
import asyncio
import os
import random
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

import aiohttp
import orjson

from catalog.verticals import VERTICALS
from config.settings import Settings, load
from service.queries import multi_search
from service.search import Reader

ZIPS = ("60601", "10001", "90001", "77001", "33101")
WORDS = ("awd", "hybrid suv", "leather", "toyota", "black truck", "ford f-150")
SEED = 1

Ask = Callable[[str], Awaitable[None]]


def searches(facets: dict[str, list[dict[str, Any]]], count: int) -> list[str]:
    """Queries as a search page makes them: a few filters each, every count asked for."""
    dice = random.Random(SEED)
    return [urlencode(_search(dice, facets)) for _ in range(count)]


def _search(dice: random.Random, facets: dict[str, list[dict[str, Any]]]) -> list[tuple[str, str]]:
    pairs = [("q", dice.choice(WORDS))] if dice.random() < 0.3 else []
    for name in dice.sample(sorted(facets), dice.randrange(3)):
        pairs += [(name, _escaped(dice.choice(facets[name])["value"]))] if facets[name] else []
    if dice.random() < 0.5:
        pairs.append(("price_max", str(dice.randrange(5, 60) * 1000)))
    if dice.random() < 0.5:
        pairs += [("zip", dice.choice(ZIPS)), ("radius", str(dice.choice((25, 50, 100, 250))))]
    if dice.random() < 0.5:
        pairs.append(("sort", dice.choice(("price", "mileage", "-year", "newest"))))
    return pairs


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace(",", "\\,")


async def one_at_a_time(asks: dict[str, Ask], queries: list[str]) -> dict[str, list[float]]:
    """Milliseconds of each query by name of who was asked, in turns."""
    took: dict[str, list[float]] = {name: [] for name in asks}
    for query in queries:
        for name, ask in asks.items():
            started = time.perf_counter()
            await ask(query)
            took[name].append((time.perf_counter() - started) * 1000)
    return took


async def at_once(ask: Ask, queries: list[str], width: int) -> float:
    """Queries a second with `width` of them open."""
    waiting = iter(queries)

    async def work() -> None:
        for query in waiting:
            await ask(query)

    started = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(width)))
    return len(queries) / (time.perf_counter() - started)


async def bench(settings: Settings, api: str, count: int, width: int) -> dict[str, Any]:
    vertical = VERTICALS["cars"]
    reader = Reader(vertical)
    key = settings.meili_search_key or settings.meili_master_key or ""
    headers = {"Accept-Encoding": "identity", "Authorization": f"Bearer {key}"}
    address = f"{api}/api/v1/{vertical.collection}"
    async with aiohttp.ClientSession(headers={"Accept-Encoding": "identity"}) as session:

        async def ask_api(query: str) -> None:
            async with session.get(f"{address}?{query}") as answer:
                await answer.read()
                answer.raise_for_status()

        async def ask_engine(query: str) -> None:
            body = orjson.dumps({"queries": multi_search(reader.read(query))})
            url = f"{settings.meili_url}/multi-search"
            json = {"Content-Type": "application/json"}
            async with session.post(url, data=body, headers=headers | json) as answer:
                await answer.read()
                answer.raise_for_status()

        async def ask_nothing(_: str) -> None:
            async with session.get(f"{api}/health") as answer:
                await answer.read()

        async with session.get(f"{address}?per_page=1") as answer:
            first = orjson.loads(await answer.read())
        queries = searches(first["facets"], count)
        asks = {"engine": ask_engine, "api": ask_api, "nothing": ask_nothing}
        await one_at_a_time(asks, queries[:20])
        took = await one_at_a_time(asks, queries)
        rates = {name: await at_once(ask, queries, width) for name, ask in asks.items()}
    return _report(first["meta"]["total"], took, rates)


def _report(total: int, took: dict[str, list[float]], rates: dict[str, float]) -> dict[str, Any]:
    rows = {}
    for name, times in took.items():
        cuts = statistics.quantiles(times, n=100, method="inclusive")
        row = {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98], "per_second": rates[name]}
        rows[name] = {measure: round(value, 2) for measure, value in row.items()}
    ratios = {
        measure: round(rows["api"][measure] / rows["engine"][measure], 3)
        for measure in ("p50", "p95", "per_second")
    }
    return {"documents": total, "cores": os.cpu_count(), **rows, "api / engine": ratios}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--searches", type=int, default=300)
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    settings = load()
    api = f"http://{settings.host}:{settings.port}"
    report = asyncio.run(bench(settings, api, given.searches, given.at_once))
    if given.json:
        print(orjson.dumps(report).decode())
        return
    print(f"{report.pop('documents')} documents, {report.pop('cores')} cores; milliseconds")
    for name, row in report.items():
        cells = "  ".join(f"{measure} {value:>8}" for measure, value in row.items())
        print(f"{name:<13} {cells}")


if __name__ == "__main__":
    main()
