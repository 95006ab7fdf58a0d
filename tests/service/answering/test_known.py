"""Counts that are known are not asked for again, and never told of another state of the index."""

from typing import Any

import orjson
import pytest

from catalog.cars import CARS
from service.answering.answers import answer
from service.answering.known import Known
from service.answering.queries import multi_search
from service.understanding.search import Reader
from tests.service.answering.made import as_json

READER = Reader(CARS)


class Server:
    """Answers any query; each answer has another total, so that an old one can be told."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    async def search_raw(self, _path: str, body: bytes, **_: Any) -> bytes:
        queries = orjson.loads(body)["queries"]
        assert queries, "asked for nothing"
        self.asked += queries
        return orjson.dumps({"results": [self._result(query) for query in queries]})

    def _result(self, query: dict[str, Any]) -> dict[str, Any]:
        counts = {field: {"Kia": len(self.asked)} for field in query["facets"]}
        hits = [{"id": f"{query['offset']}"}] if query["limit"] else []
        told = {"hits": hits, "estimatedTotalHits": len(self.asked)}
        return told | ({"facetDistribution": counts, "facetStats": {}} if counts else {})


class Page:
    def __init__(self, **given: Any) -> None:
        self.server = Server()
        self.known = Known(**given)

    async def search(self, url: str, version: int | None = 1) -> dict[str, Any]:
        self.server.asked.clear()
        search = READER.read(url if "facets=" in url else f"facets=make,color&{url}")
        results = await self.known.ask(self.server, multi_search(search), version)  # type: ignore[arg-type]
        return dict(as_json(answer(search, results)))

    @property
    def counted(self) -> list[list[str]]:
        """What the last search had counted, of each of its queries."""
        return [query["facets"] for query in self.server.asked]


async def test_another_page_or_order_asks_for_hits_alone() -> None:
    page = Page()
    first = await page.search("price_max=9000")
    second = await page.search("price_max=9000&page=2&sort=price")
    assert page.counted == [[]]
    assert second["facets"] == first["facets"]
    assert [one["id"] for one in second["data"]] == ["20"]


async def test_a_facet_without_its_filter_is_counted_once_whatever_is_ticked() -> None:
    page = Page()
    first = await page.search("make=Kia")
    assert page.counted == [["color"], ["make"]]
    second = await page.search("make=Ford")
    assert page.counted == [["color"]]
    assert second["facets"]["make"][-1]["count"] == first["facets"]["make"][0]["count"]


async def test_a_search_that_is_narrowed_has_counted_its_facet_before() -> None:
    page = Page()
    first = await page.search("color=Red")
    second = await page.search("color=Red&make=Kia")
    assert page.counted == [[], ["color"]]
    assert second["facets"]["make"][0]["count"] == first["facets"]["make"][0]["count"]


async def test_only_fields_that_were_not_counted_are_counted() -> None:
    page = Page()
    first = await page.search("price_max=9000&facets=make")
    second = await page.search("price_max=9000&facets=make,color")
    assert page.counted == [["color"]]
    assert second["facets"]["make"] == first["facets"]["make"]
    assert second["meta"]["total"] == first["meta"]["total"]


async def test_the_ring_of_the_radius_itself_is_not_asked_for() -> None:
    page = Page()
    found = await page.search("zip=60601&radius=25&facets=rings")
    assert len(page.server.asked) == len(found["rings"])  # the hits, and four of five rings
    assert [one["count"] for one in found["rings"] if one["radius"] == 25] == [
        found["meta"]["total"]
    ]


async def test_what_is_only_counted_and_known_is_not_asked_for() -> None:
    page = Page()
    first = await page.search("make=Kia")
    second = await page.search("make=Kia&limit=0")
    assert (second["facets"], second["data"]) == (first["facets"], [])
    assert page.counted == []


@pytest.mark.parametrize("version", [2, None])
async def test_a_new_or_unknown_version_of_the_index_is_asked_anew(version: int | None) -> None:
    page = Page()
    await page.search("make=Kia")
    await page.search("make=Kia", version)
    assert page.counted == [["color"], ["make"]]


async def test_counts_are_forgotten_beyond_the_bytes_that_they_may_take() -> None:
    page = Page(most_bytes=2_200)
    await page.search("price_max=1")
    await page.search("price_max=2")
    await page.search("price_max=3")
    await page.search("price_max=1")
    assert page.counted == [["make", "color"]]


async def test_what_is_larger_than_all_that_is_kept_is_answered_and_not_kept() -> None:
    page = Page(most_bytes=1_000)
    for _ in range(2):
        found = await page.search("price_max=1")
        assert [one["value"] for one in found["facets"]["make"]] == ["Kia"]
        assert page.counted == [["make", "color"]]
