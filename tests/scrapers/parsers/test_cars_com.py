"""Pairs of files: a page of Cars.com's shape, written by hand, and what must be read from it."""

import json
from dataclasses import asdict
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.parsers.cars_com import parse_detail, parse_results

PAGES = Path(__file__).parent / "cars_com"
URL = "https://cars.example/shopping/results/?page=1"
GENERATIONS = ("spark", "activity", "plain")
RESULTS = ("results", *GENERATIONS, "last", "empty", "challenge", "stranger", "nothing")
DETAILS = ("used", "new_unpriced", "gone", "gone_in_words", "challenge", "stranger", "nothing")


def expected(name: str, kind: str) -> dict:
    return json.loads((PAGES / f"{name}.{kind}.json").read_text())


@pytest.mark.parametrize("name", RESULTS)
def test_a_page_of_results_says(name):
    page = asdict(parse_results((PAGES / f"{name}.html").read_bytes(), URL))
    assert page == expected(name, "results")


@pytest.mark.parametrize("name", ["spark", "activity"])
def test_cards_with_data_say_the_same_in_each_generation(name):
    assert expected(name, "results") == expected("results", "results")


@pytest.mark.parametrize("name", DETAILS)
def test_a_detail_page_says(name):
    url = "https://cars.example/vehicledetail/a1/"
    detail = asdict(parse_detail((PAGES / f"{name}.html").read_bytes(), url))
    assert detail == expected(name, "detail")


def test_nothing_personal_is_read():
    read = parse_detail((PAGES / "used.html").read_bytes(), URL)
    said = json.dumps(asdict(read))
    for personal in ("Dana", "Whitcomb", "dana@", "Springfield", "62701"):
        assert personal not in said


def card(**changes: object) -> bytes:
    data = {
        "listingId": "a1",
        "vin": "1HGCM82633A004352",
        "price": "18450",
        "mileage": "41210",
        "trim": "EX",
        "stockType": "Used",
        "seller": {"customerId": "5401", "dealerName": "Beach Honda", "zip": "32114"},
        "banners": [],
        "metadata": {"page_number": 1, "position_on_page": 1},
    }
    text = orjson.dumps(data | changes).decode().replace("'", "&#39;")
    return f"<fuse-card data-vehicle-details='{text}'></fuse-card>".encode()


def digest(**changes: object) -> str:
    return parse_results(card(**changes), URL).items[0].digest


@pytest.mark.parametrize(
    "change",
    [
        {"banners": ["price_drop"]},
        {"metadata": {"page_number": 7, "position_on_page": 3}},
        {"shipPrice": "500"},
        {"a_new_key": {"of": "theirs"}},
        {"price": 18450},
    ],
)
def test_what_no_reader_would_notice_leaves_the_digest(change):
    assert digest(**change) == digest()


@pytest.mark.parametrize(
    "change",
    [
        {"price": "18449"},
        {"mileage": "41211"},
        {"trim": "LX"},
        {"stockType": "Certified"},
        {"seller": {"customerId": "5402", "dealerName": "Beach Honda", "zip": "32114"}},
        {"price": None},
    ],
)
def test_what_a_reader_would_notice_changes_the_digest(change):
    assert digest(**change) != digest()


def test_an_address_that_changed_changes_the_digest_and_its_query_does_not():
    def linked(href: str) -> str:
        link = f'<a data-card-link href="{href}"></a></fuse-card>'.encode()
        page = card().replace(b"</fuse-card>", link)
        return parse_results(page, URL).items[0].digest

    assert linked("/vehicledetail/a1/?position=3") == linked("/vehicledetail/a1/") == digest()
    assert linked("/vehicledetail/b2/") != digest()
    assert linked("http://cars.example/vehicledetail/a1/") != digest()


def test_the_order_of_keys_leaves_the_digest():
    page = card()
    start, end = page.index(b"{"), page.rindex(b"}") + 1
    turned = dict(reversed(orjson.loads(page[start:end]).items()))
    again = page[:start] + orjson.dumps(turned) + page[end:]
    assert parse_results(again, URL).items[0].digest == digest()


@given(
    st.binary(max_size=300)
    | st.text(alphabet="<>\"'=/{}: abfuse-crdv", max_size=300).map(str.encode)
)
def test_whatever_bytes_come_parsers_answer(page):
    assert parse_results(page, URL).is_ours is False
    assert parse_detail(page, URL).values == {}


@given(st.text(max_size=40))
def test_text_of_strangers_can_be_stored(name):
    item = parse_results(card(trim=name.encode("utf-8", "ignore").decode()), URL).items[0]
    trim = item.values.get("trim", "")
    assert "\x00" not in trim
    trim.encode()


def test_a_page_in_another_encoding_is_read_as_it_says():
    page = (
        '<html><head><meta charset="iso-8859-1"></head><body><h1>Citroën</h1>'
        '<script id="initial-activity-data">{"make":"x"}</script></body></html>'
    )
    assert parse_detail(page.encode("iso-8859-1"), URL).values["title"] == "Citroën"
