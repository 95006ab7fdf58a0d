"""Words to filters, through the API and on the search server."""

from typing import Any

import httpx
import pytest

LISTINGS = "/api/v1/listings"


def search(api: httpx.Client, **parameters: Any) -> dict[str, Any]:
    answer = api.get(LISTINGS, params={"per_page": 100, "sort": "price", **parameters})
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(answer: dict[str, Any]) -> list[str]:
    return [one["id"] for one in answer["data"]]


def test_words_find_what_their_filters_find(api: httpx.Client):
    words = search(api, q="black or white suv under 40k near 60601")
    filters = search(
        api, color="Black,White", body_type="SUV", price_max=40000, zip="60601", radius=50
    )
    assert ids(words) == ids(filters) != []
    assert (words["facets"], words["ranges"]) == (filters["facets"], filters["ranges"])
    assert words["meta"]["applied"] == filters["meta"]["applied"]
    assert [word["words"] for word in words["meta"]["words"]] == [
        "black", "or white", "suv", "under 40k", "near 60601",
    ]  # fmt: skip
    assert "words" not in filters["meta"]


def test_denied_words_leave_out_what_their_filters_leave_out(api: httpx.Client, documents):
    words = search(api, q="suv, not black or white, without bluetooth")
    filters = search(api, body_type="SUV", color="!Black,!White", feature="!Bluetooth")
    kept = {
        one["id"]
        for one in documents
        if one["body_type"] == "SUV"
        and one["color"] not in ("Black", "White")
        and "Bluetooth" not in one["features"]
    }
    assert set(ids(words)) == set(ids(filters)) == kept != set()
    assert (words["facets"], words["ranges"]) == (filters["facets"], filters["ranges"])
    assert words["meta"]["applied"] == filters["meta"]["applied"]
    assert [word["applied"] for word in words["meta"]["words"]] == [
        {"body_type": ["SUV"]},
        {"not": {"color": ["Black", "White"]}},
        {"not": {"feature": ["Bluetooth"]}},
    ]


def test_two_features_must_both_be_there(api: httpx.Client, documents):
    both = {"Bluetooth", "Heated Seats"}
    expected = {one["id"] for one in documents if both <= set(one["features"])}
    assert expected
    found = search(api, q="heated seats, bluetooth")
    assert found["meta"]["total"] == len(expected) > 0
    assert set(ids(found)) <= expected


def test_what_is_not_understood_is_looked_for_as_text(api: httpx.Client, documents):
    expected = [one for one in documents if one["make"] == "Toyota" and "sporty" in one["title"]]
    assert search(api, q="toyota sporty")["meta"]["total"] == len(expected) > 0


def test_without_parsing_words_are_looked_for_as_text(api: httpx.Client, documents):
    words, text = search(api, q="best cars"), search(api, q="best cars", parse="off")
    sold = [one for one in documents if one["dealer"]["name"] == 'The "Best" Cars']
    assert text["meta"]["total"] == len(sold) > 0
    assert text["meta"]["applied"] == {"q": "best cars", "sort": "price"}
    assert [word["applied"] for word in words["meta"]["words"]] == [{"q": "best"}, {}]


@pytest.mark.parametrize("back", ["without", "as_text"])
def test_each_reading_can_be_taken_back_by_the_query_that_is_offered(api: httpx.Client, back: str):
    first = search(api, q="white toyota under 40k")
    assert len(first["meta"]["words"]) == 3
    for word in first["meta"]["words"]:
        again = search(api, q=word[back])
        lost = set(word["applied"])
        kept = {name: value for name, value in first["meta"]["applied"].items() if name not in lost}
        text = {"q": f'"{word["words"]}"'} if back == "as_text" else {}
        assert again["meta"]["applied"] == {**kept, **text}


def test_an_unknown_value_of_parse_is_refused(api: httpx.Client):
    response = api.get(LISTINGS, params={"q": "red", "parse": "maybe"})
    assert (response.status_code, response.json()["parameter"]) == (400, "parse")
