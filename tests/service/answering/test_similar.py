"""Similar listings are those of plain Python over the documents, by the vertical's rule."""

from collections.abc import Callable, Iterable
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.cars import CARS
from service.answering.similar import MOST_SHOWN, SHOWN, Like
from service.geography.places import Place, distance
from tests.service.answering.made import result

Document = dict[str, Any]


def is_like(one: Document, other: Document, name: str) -> bool:
    if one[name] is None or other[name] is None:
        return False
    if name in CARS.alike.same:
        return one[name] == other[name]
    near = next(near for near in CARS.alike.near if near.name == name)
    return abs(one[name] - other[name]) <= max(near.least, round(one[name] * near.share))


def far(one: Document) -> Callable[[Document], tuple[bool, float, str]]:
    at = one["_geo"]

    def key(other: Document) -> tuple[bool, float, str]:
        there = other["_geo"]
        if at is None:
            return (False, -other["listed_at"], other["id"])
        if there is None:
            return (True, 0, other["id"])
        return (False, distance(there["lat"], there["lng"], Place(**at)), other["id"])

    return key


def expected(one: Document, documents: Iterable[Document], most: int) -> list[str]:
    others = sorted((other for other in documents if other["id"] != one["id"]), key=far(one))
    found: dict[str, None] = {}
    for step in CARS.alike.steps:
        found |= dict.fromkeys(
            other["id"] for other in others if all(is_like(one, other, name) for name in step)
        )
    return list(found)[:most]


@given(st.data())
@settings(max_examples=40)
def test_what_is_most_alike_comes_first_and_nothing_twice(
    api: httpx.Client, documents: list[Document], data: st.DataObject
) -> None:
    one = data.draw(st.sampled_from(documents))
    most = data.draw(st.integers(1, MOST_SHOWN))
    answer = api.get(f"/api/v1/listings/{one['id']}/similar", params={"limit": most})
    found = answer.json()["data"]
    assert [other["id"] for other in found] == expected(one, documents, most)
    by_id = {other["id"]: other for other in documents}
    names = [*CARS.alike.same, *(near.name for near in CARS.alike.near)]
    for other in found:
        alike = [name for name in names if is_like(one, by_id[other["id"]], name)]
        assert other["shared"] == alike
        assert alike


def test_a_similar_listing_looks_as_in_a_list(api: httpx.Client) -> None:
    one = api.get("/api/v1/listings?zip=60601&per_page=1").json()["data"][0]
    found = api.get(f"/api/v1/listings/{one['id']}/similar").json()["data"]
    assert len(found) == SHOWN
    assert all(
        other.keys() - {"shared", "distance"} == one.keys() - {"distance"} for other in found
    )


def test_a_document_of_which_little_is_known_asks_only_what_it_can() -> None:
    known = {"id": "A", "make": "Kia", "model": None, "price": 900, "_geo": None}
    asked = Like(CARS, result(hits=[known]).hits[0]).queries(5)
    assert [query["filter"][1:] for query in asked] == [
        ['make = "Kia"', "price -100 TO 1900"],
        ['make = "Kia"'],
    ]
    assert Like(CARS, result(hits=[{"id": "A"}]).hits[0]).queries(5) == []


@pytest.mark.parametrize(
    ("address", "status", "parameter"),
    [
        ("NOSUCHKEY/similar", 404, None),
        ("KEY00000/similar?limit=0", 400, "limit"),
        (f"KEY00000/similar?limit={MOST_SHOWN + 1}", 400, "limit"),
        ("KEY00000/similar?make=Kia", 400, "make"),
    ],
)
def test_what_cannot_be_answered(
    api: httpx.Client, address: str, status: int, parameter: str | None
) -> None:
    answer = api.get(f"/api/v1/listings/{address}")
    assert (answer.status_code, answer.json().get("parameter")) == (status, parameter)
