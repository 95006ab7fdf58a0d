"""Highlighting, cropping and positions."""

from typing import Any

import pytest

from tests.meililite.index.conftest import Build

TEXT = "One owner, clean report. Café racer spirit, low miles and a new set of tires"


def formatted(build: Build, query: str, text: Any = TEXT, **request: Any) -> Any:
    index = build([{"id": 1, "t": text}])
    return index.search(q=query, **request)["hits"][0]["_formatted"]["t"]


@pytest.mark.parametrize(
    ("query", "text", "shown"),
    [
        ("owner", "One owner", "One <em>owner</em>"),
        ("own", "One owner", "One <em>own</em>er"),
        ("cafe", "A Café racer", "A <em>Café</em> racer"),
        ("caf", "A Café racer", "A <em>Caf</em>é racer"),
        ('"clean report"', "clean report", "<em>clean report</em>"),
        ("repotr", "clean report", "clean <em>report</em>"),
        ("owner", 5, "5"),
        ("owner", ["owner", "x"], ["<em>owner</em>", "x"]),
        ("owner", None, None),
        ("owner", True, True),
    ],
)
def test_highlights(build: Build, query: str, text: Any, shown: Any) -> None:
    index = build([{"id": 1, "t": text, "u": "owner clean report cafe"}])
    hit = index.search(q=query, attributesToHighlight=["t"])["hits"][0]
    assert hit["_formatted"]["t"] == shown


def test_crops_around_the_match(build: Build) -> None:
    assert formatted(build, "miles", attributesToCrop=["t:4"]) == "…low miles and a…"
    assert formatted(build, "", attributesToCrop=["t"], cropLength=2) == "One owner…"
    assert formatted(build, "tires", attributesToCrop=["t:2"], cropMarker="[]") == "[]of tires"


def test_crops_and_highlights_with_own_tags(build: Build) -> None:
    shown = formatted(
        build,
        "racer",
        attributesToCrop=["t:3"],
        attributesToHighlight=["*"],
        highlightPreTag="[",
        highlightPostTag="]",
    )
    assert shown == "…Café [racer] spirit…"


def test_positions_are_bytes_and_name_the_place_in_a_list(build: Build) -> None:
    index = build([{"id": 1, "t": "Café racer", "l": ["x", "racer"]}])
    hit = index.search(q="racer", showMatchesPosition=True)["hits"][0]
    assert hit["_matchesPosition"] == {
        "t": [{"start": 6, "length": 5}],
        "l": [{"start": 0, "length": 5, "indices": [1]}],
    }


def test_only_displayed_attributes_are_shown(build: Build) -> None:
    document = {"id": 1, "t": "red", "dealer": {"name": "Ann", "zip": "1"}}
    index = build([document], displayedAttributes=["id", "dealer.name"])
    wanted = {"id": 1, "dealer": {"name": "Ann"}}
    assert index.search()["hits"] == [wanted]
    assert index.search(attributesToRetrieve=["*", "t"])["hits"] == [wanted]
    assert index.search(attributesToRetrieve=["dealer"])["hits"] == [{"dealer": {"name": "Ann"}}]
