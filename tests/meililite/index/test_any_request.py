"""Whatever is asked, the answer is JSON or an ApiError."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meililite.errors import ApiError
from tests.meililite.index.conftest import Asked, build_index
from tests.meililite.index.documents import SETTINGS

text = st.text(max_size=30) | st.sampled_from(
    [
        "red car",
        '"red car" -blue',
        "toyta",
        "t",
        "a-b, c. d",
        '""',
        "-",
        "x" * 300,
        "e\u0301 ½ 🚗 дом",
    ]
)
KNOWN = ["make", "price", "tags", "id"]
name = st.sampled_from([*KNOWN * 4, "dealer.name", "title", "*", "nope", "_geo"])
condition = (
    st.sampled_from(
        [
            "price > 1",
            "NOT make = kia",
            "tags EXISTS",
            "dealer.name IS NULL",
            "",
            "_geoRadius(1, 2, 3)",
            "make IN [a, kia] OR price <= cheap",
            "id 1 TO 3",
        ]
        * 3
    )
    | text
)
names = st.lists(name, max_size=3)
request = st.fixed_dictionaries(
    {},
    optional={
        "q": text,
        "filter": condition | st.lists(condition | st.lists(condition, max_size=2), max_size=2),
        "sort": st.lists(
            st.builds("{}:{}".format, name, st.sampled_from(["asc", "desc", "x"]))
            | st.just("_geoPoint(1, 2):desc"),
            max_size=2,
        ),
        "facets": names,
        "distinct": name,
        "limit": st.integers(0, 50),
        "offset": st.integers(0, 50) | st.just(10**9),
        "attributesToRetrieve": names,
        "attributesToHighlight": names,
        "attributesToCrop": st.lists(st.sampled_from(["title", "title:0", "*:3", "tags:x"])),
        "cropLength": st.integers(0, 5),
        "attributesToSearchOn": names,
        "showMatchesPosition": st.booleans(),
        "showRankingScore": st.booleans(),
        "showRankingScoreDetails": st.booleans(),
        "rankingScoreThreshold": st.floats(0, 1),
        "matchingStrategy": st.sampled_from(["all", "last", "frequency"]),
    },
)
paged = st.fixed_dictionaries(
    {}, optional={"page": st.integers(0, 9), "hitsPerPage": st.integers(0, 9)}
)
DOCUMENTS = [
    {"id": 1, "title": "red car", "make": "Toyota", "price": 3, "tags": ["a", "b"]},
    {"id": 2, "title": "the blue car. A red one", "make": ["Kia", 7], "_geo": {"lat": 1, "lng": 2}},
    {
        "id": 3,
        "title": {"deep": "car"},
        "price": "cheap",
        "dealer": [{"name": "Zoë"}, {"name": None}],
    },
    {"id": 4, "title": "e\u0301te 🚗 дом", "tags": []},
]


@pytest.fixture(scope="module", params=["full", "empty"])
def index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Asked:
    folder: Path = tmp_path_factory.mktemp("any")
    documents = DOCUMENTS if request.param == "full" else []
    own = {
        **SETTINGS,
        "searchableAttributes": ["*"],
        "synonyms": {"car": ["auto", "red one"]},
        "stopWords": ["the"],
        "sortableAttributes": ["make", "price", "tags", "id", "_geo"],
    }
    return build_index(folder, documents, own)


def answered(ask: Callable[[dict[str, Any]], bytes], request: dict[str, Any]) -> Any:
    """The answer; None if the request was refused as a bad one."""
    try:
        return orjson.loads(ask(request))
    except ApiError as error:
        refused = error.code
    assert refused.startswith(("invalid_search_", "invalid_facet_search_", "feature_not_enabled"))
    return None


@settings(
    deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(request=request, page=paged)
def test_a_search(index: Asked, request: dict[str, Any], page: dict[str, Any]) -> None:
    answer = answered(index.reader.search, {**request, **page})
    if answer is not None:
        total = answer.get("estimatedTotalHits", answer.get("totalHits"))
        assert len(answer["hits"]) <= total <= len(DOCUMENTS)


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(request=request, facet=name, query=st.none() | text)
def test_a_facet_search(
    index: Asked, request: dict[str, Any], facet: str, query: str | None
) -> None:
    asked = {**request, "facetName": facet, "facetQuery": query}
    answer = answered(index.reader.facet_search, asked)
    if answer is not None:
        assert all(hit["count"] > 0 for hit in answer["facetHits"])


def test_a_thousand_conditions(index: Asked) -> None:
    many = " OR ".join(f"price = {number}" for number in range(1000))
    assert index.ids(filter=many) in ([1], [])
    assert index.ids(filter=[f"price != {number}" for number in range(10, 900)]) is not None
