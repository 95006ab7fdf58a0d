"""Totals, counts, ranges, order and distances are those of plain Python over the documents."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from geopy.distance import great_circle
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.cars import CARS
from service.geography.places import EARTH_RADIUS, place_of_zip

RANGES = ("year", "price", "mileage")
WORDS = ("clean", "sporty", "family", "bargain")
PLACES = ("60601", "60201", "53202", "02134", "90210")
BOXES = (
    (-87.9, 41.8, -87.6, 42.1),
    (-87.8, 42.0, -71.0, 44.0),
    (-71.2, -90.0, -87.7, 90.0),  # all but what is between them
    (170.0, 10.0, -80.0, 43.0),
)
ORDERS = {
    "newest": ("listed_at", -1),
    "price": ("price", 1),
    "-price": ("price", -1),
    "mileage": ("mileage", 1),
    "-mileage": ("mileage", -1),
    "year": ("year", 1),
    "-year": ("year", -1),
    "price_drop": ("price_drop", -1),
    "distance": ("distance", 1),
}


class Not(str):
    """A value that must not be there."""


def written(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace(",", "\\,")
    if isinstance(value, Not):
        return f"!{escaped}"
    return f"\\{escaped}" if escaped.startswith("!") else escaped


def inside(geo: dict[str, float], box: tuple[float, ...]) -> bool:
    west, south, east, north = box
    lng = west <= geo["lng"] <= east if west <= east else not east < geo["lng"] < west
    return lng and south <= geo["lat"] <= north


def values(document: dict[str, Any], facet: str) -> list[str]:
    found: Any = document
    for step in CARS.facets[facet].field.split("."):
        found = found.get(step)
    return found if isinstance(found, list) else [found] * (found is not None)


def metres(document: dict[str, Any], code: str) -> float | None:
    place, geo = place_of_zip(code), document["_geo"]
    if geo is None:
        return None
    there = (geo["lat"], geo["lng"])
    return great_circle(there, (place.lat, place.lng), radius=EARTH_RADIUS / 1000).m


def holds(document: dict[str, Any], asked: dict[str, Any], name: str) -> bool:
    """Whether a document passes the filter of one facet, range, place or word."""
    if name == "q":
        return asked["q"] in document["title"].split()
    if name in RANGES:
        number = document[name]
        least, most = asked[name]
        return number is not None and least <= number <= most
    if name == "place":
        code, miles = asked["place"]
        far = metres(document, code)
        return miles is None or (far is not None and far <= miles * 1609.344)
    if name == "bbox":
        return document["_geo"] is not None and inside(document["_geo"], asked["bbox"])
    if name == "feature_all":
        return set(asked[name]) <= set(document["features"])
    there = {value.lower() for value in values(document, name)}
    some = {value.strip().lower() for value in asked[name] if not isinstance(value, Not)}
    none = {value.strip().lower() for value in asked[name] if isinstance(value, Not)}
    return (not some or bool(some & there)) and not none & there  # the engine trims values


def matching(
    documents: list[dict[str, Any]], asked: dict[str, Any], but: str | None = None
) -> list[dict[str, Any]]:
    names = [name for name in asked if name not in (but, "sort", "page")]
    return [one for one in documents if all(holds(one, asked, name) for name in names)]


def parameters(asked: dict[str, Any]) -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for name, value in asked.items():
        if name in ("q", "sort", "page"):
            pairs.append((name, value))
        elif name in RANGES:
            pairs += [(f"{name}_min", value[0]), (f"{name}_max", value[1])]
        elif name == "place":
            pairs.append(("zip", value[0]))
            pairs += [("radius", value[1])] if value[1] else []
        elif name == "bbox":
            pairs.append((name, ",".join(map(str, value))))
        else:
            pairs += [(name, written(v)) for v in value]
    return pairs


@pytest.fixture(scope="module")
def vocabulary(documents: list[dict[str, Any]]) -> dict[str, list[str]]:
    return {
        facet: sorted({value for one in documents for value in values(one, facet)} | {"None such"})
        for facet in ("make", "model", "body_type", "condition", "color", "feature", "dealer")
    }


def searches(vocabulary: dict[str, list[str]]) -> st.SearchStrategy[dict[str, Any]]:
    facets = {
        facet: st.lists(st.sampled_from([*known, *map(Not, known)]), min_size=1, max_size=3)
        for facet, known in vocabulary.items()
    }
    facets["feature_all"] = st.lists(st.sampled_from(vocabulary["feature"]), min_size=1, max_size=2)
    bounds = {"year": 2030, "price": 70_000, "mileage": 210_000}
    ranges = {
        name: st.tuples(st.integers(0, most), st.integers(0, most)).map(sorted)
        for name, most in bounds.items()
    }
    place = st.tuples(st.sampled_from(PLACES), st.sampled_from((None, 5, 25, 120, 1000)))
    rest = {
        "q": st.sampled_from(WORDS),
        "place": place,
        "bbox": st.sampled_from(BOXES),
        "sort": st.sampled_from([order for order in ORDERS if order != "distance"]),
        "page": st.integers(1, 4),
    }
    return st.fixed_dictionaries({}, optional={**facets, **ranges, **rest})


def marks(asked: dict[str, Any], facet: str) -> dict[str, str]:
    """The values that are ticked or left out, in lower case, and how they are marked."""
    names = [*asked.get(facet, ()), *asked.get(f"{facet}_all", ())]
    names.sort(key=lambda name: not isinstance(name, Not))  # ticked and left out: ticked
    return {
        name.strip().lower(): "excluded" if isinstance(name, Not) else "selected" for name in names
    }


def expected_values(
    labels: Mapping[str, str], counted: Counter[str], marked: dict[str, str]
) -> list[dict[str, Any]]:
    listed = [
        {"value": value, "label": labels.get(value, value), "count": count}
        | ({marked[value.lower()]: True} if value.lower() in marked else {})
        for value, count in counted.items()
    ]
    return sorted(
        listed,
        key=lambda one: (one["value"].lower() not in marked, -one["count"], one["value"]),
    )


def without_absent(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Values that nothing has are there as they were written: test_facets.py beside this."""
    absent = [one for one in values if one["count"] == 0]
    assert all("selected" in one or "excluded" in one for one in absent)
    return [one for one in values if one["count"] > 0]


def expected_facets(documents: list[dict[str, Any]], asked: dict[str, Any]) -> dict[str, Any]:
    counts = {}
    for facet in CARS.facets:
        those = matching(documents, asked, but=facet)
        counted = Counter(value for one in those for value in values(one, facet))
        counts[facet] = expected_values(CARS.facets[facet].values, counted, marks(asked, facet))
    return counts


def expected_ranges(documents: list[dict[str, Any]], asked: dict[str, Any]) -> dict[str, Any]:
    ends = {}
    for name in RANGES:
        those = matching(documents, asked, but=name)
        numbers = [one[name] for one in those if one[name] is not None]
        ends[name] = {
            "min": min(numbers, default=None),
            "max": max(numbers, default=None),
            "histogram": expected_histogram(name, numbers),
        }
    return ends


def expected_histogram(name: str, numbers: list[int]) -> list[dict[str, Any]]:
    """Every span between the least and the most number, counted one by one."""
    (starts,) = (bound.buckets.starts for bound in CARS.ranges if bound.name == name)
    spans = zip(starts, [start - 1 for start in starts[1:]] + [None], strict=True)
    return [
        {"min": least, "max": most, "count": count}
        for least, most in spans
        for count in [sum(least <= n and (most is None or n <= most) for n in numbers)]
        if numbers and min(numbers) <= (most or max(numbers)) and least <= max(numbers)
    ]


def in_order(documents: list[dict[str, Any]], asked: dict[str, Any]) -> list[str]:
    name, sign = ORDERS[asked["sort"]]

    def rank(document: dict[str, Any]) -> tuple[bool, float, str]:
        value = document[name]
        return value is None, 0 if value is None else sign * value, document["id"]

    return [document["id"] for document in sorted(documents, key=rank)]


def compare(api: httpx.Client, documents: list[dict[str, Any]], asked: dict[str, Any]) -> None:
    response = api.get("/api/v1/listings", params=parameters(asked))
    assert response.status_code == 200, response.text
    answer = response.json()
    found = matching(documents, asked)
    page = asked.get("page", 1)
    assert answer["meta"]["total"] == len(found)
    assert answer["meta"]["pages"] == -(-len(found) // 20)
    shown = {name: without_absent(values) for name, values in answer["facets"].items()}
    assert shown == expected_facets(documents, asked)
    assert answer["ranges"] == expected_ranges(documents, asked)
    ids = [listing["id"] for listing in answer["data"]]
    if "sort" in asked:
        assert ids == in_order(found, asked)[(page - 1) * 20 : page * 20]
    else:
        assert len(ids) == max(0, min(20, len(found) - (page - 1) * 20))
        assert set(ids) <= {one["id"] for one in found}
    if "place" in asked:
        known = {one["id"]: metres(one, asked["place"][0]) for one in documents}
        for listing in answer["data"]:
            assert listing["distance"] == pytest.approx(known[listing["id"]], abs=1)


def check(
    api: httpx.Client, documents: list[dict[str, Any]], vocabulary: dict[str, list[str]], most: int
) -> None:
    @settings(max_examples=most, deadline=None, database=None)
    @given(searches(vocabulary))
    def every_search(asked: dict[str, Any]) -> None:
        compare(api, documents, asked)

    every_search()


def test_answers_are_those_of_plain_python(api, documents, vocabulary):
    check(api, documents, vocabulary, 60)


@pytest.mark.prove
def test_answers_are_those_of_plain_python_for_many_searches(api, documents, vocabulary):
    check(api, documents, vocabulary, 1500)


@pytest.mark.parametrize("code", PLACES)
def test_the_nearest_come_first(api: httpx.Client, documents, code: str):
    answer = api.get("/api/v1/listings", params={"zip": code, "sort": "distance"}).json()
    ranked = [{**one, "distance": metres(one, code)} for one in documents]
    assert [one["id"] for one in answer["data"]] == in_order(ranked, {"sort": "distance"})[:20]


HOSTILE = (
    '"',
    "\\",
    '\\"',
    '\\\\"',
    "'",
    '"]',
    '" OR make = "Toyota',
    '\\" OR id != "x',
    "]",
    " EXISTS",
)


def test_spaces_around_a_value_are_not_part_of_it(api: httpx.Client, documents):
    compare(api, documents, {"make": [" Toyota\n"]})


@pytest.mark.parametrize("facet", ["make", "feature", "dealer"])
def test_no_value_becomes_a_filter(api: httpx.Client, documents, facet: str):
    pieces = st.sampled_from([*HOSTILE, " OR ", "make", "Toyota", "(", ")", "\n", "é"])
    texts = st.lists(pieces, min_size=1, max_size=5).map("".join) | st.text(min_size=1, max_size=20)

    @settings(max_examples=60, deadline=None, database=None)
    @given(texts.filter(str.strip))
    def is_only_a_value(text: str) -> None:
        compare(api, documents, {facet: [text]})

    is_only_a_value()
