"""The demo market's pages, written without the parsers, and what the parsers read of them."""

import pytest
from multidict import MultiDict

from scrapers.normalise import normalise
from scrapers.parsers import cars_com, jsonld
from scrapers.parsers.pages import to_draft
from stack.market import (
    cars,
    dealer_site,
    dealers,
    detail_page,
    fleet,
    generations,
    listing_pages,
    search,
)
from stack.market.clock import Clock
from stack.market.control import truth
from stack.market.lot import Lot

SITE = "https://market.example"
RESULTS = f"{SITE}/shopping/results/"
QUERY = search.read(MultiDict({"page_size": "50"}))
DRIVES = ("AWD", "4WD", "FWD", "RWD")


@pytest.fixture(scope="module")
def lot(tmp_path_factory) -> Lot:
    clock = Clock(tmp_path_factory.mktemp("market"), {"seed": 1})
    return Lot(cars.Source(1, fleet.build(1, 300), dealers.build(1, 5)), 300, clock)


def test_every_car_of_a_dealers_site_is_read_as_it_is(lot):
    read = {}
    for dealer in range(5):
        url: str | None = f"{SITE}/dealers/{lot.source.dealers.all[dealer].id}/"
        number = 1
        while url:
            page = jsonld.parse_results(dealer_site.results(lot, dealer, number), url)
            assert page.problems == []
            for card in page.items:
                at = lot.table.position[card.url.split("/")[-2]]
                detail = jsonld.parse_detail(dealer_site.live(lot, at), card.url)
                read[at] = normalise(to_draft("dealer", card, detail))
            url, number = page.next_url, number + 1
    assert sorted(read) == lot.live.tolist()
    for at, row in read.items():
        so = truth(lot, at)
        assert (row.vin, row.year, row.make) == (so["vin"], so["year"], so["make"])
        assert (row.price, row.mileage) == (so["price"], so["mileage"])
        assert row.dealer.zip == so["zip"]
        assert row.drivetrain == (so["drive"] if so["drive"] in DRIVES else None)
        assert (row.condition == "New") == (so["condition"] == "New")
        assert len(row.photos) == lot.table.cars[at].photos
    assert {row.has_detail for row in read.values()} == {True}


def test_a_car_that_a_dealer_sold_is_gone(lot):
    at = lot.live.tolist()[0]
    assert jsonld.parse_detail(dealer_site.gone(lot, at), SITE).gone


@pytest.fixture
def pages(lot):
    """The first page of results in each generation, and what is read of it."""

    def read(generation: str):
        lot.generation = generation
        html = listing_pages.results(lot, QUERY)
        lot.generation = generations.FUSE
        return html, cars_com.parse_results(html, RESULTS)

    return read


def test_each_generation_of_cards_with_data_gives_the_same_items(lot, pages):
    html, today = pages(generations.FUSE)
    assert b"<fuse-card" in html
    assert (len(today.items), today.problems) == (50, [])
    for generation, mark in (
        (generations.SPARK, b"<spark-card"),
        (generations.ACTIVITY, b"data-site-activity"),
    ):
        html, page = pages(generation)
        assert mark in html
        assert b"<fuse-card" not in html
        assert page == today


def test_the_oldest_cards_give_the_same_offers_once_their_pages_are_read(lot, pages):
    _, today = pages(generations.FUSE)
    html, oldest = pages(generations.PLAIN)
    assert b"data-vehicle-details" not in html
    assert b"vehicleArray" not in html
    assert [(c.external_id, c.url) for c in oldest.items] == [
        (c.external_id, c.url) for c in today.items
    ]
    assert (oldest.next_url, oldest.problems) == (today.next_url, [])
    for new, old in zip(today.items, oldest.items, strict=True):
        at = lot.table.position[new.external_id]
        detail = cars_com.parse_detail(detail_page.live(lot, at), new.url)
        rows = [normalise(to_draft("market", card, detail)) for card in (new, old)]
        for row in rows:
            row.card_digest = None
        assert rows[0] == rows[1]
        alone = normalise(to_draft("market", old, None))
        assert (alone.year, alone.make) == (rows[0].year, rows[0].make)
        assert (alone.price, alone.mileage) == (rows[0].price, rows[0].mileage)


def test_a_car_that_was_not_asked_for_is_left_out(lot, pages):
    html, today = pages(generations.FUSE)
    make = today.items[0].values["make"]
    asked = cars_com.parse_results(html, f"{RESULTS}?makes[]={make.lower().replace(' ', '_')}")
    others = [item for item in today.items if item.values["make"] != make]
    assert {item.values["make"] for item in asked.items} == {make}
    assert asked.problems == ["parse/not_asked_for"] * len(others)
    for query in ("year_min=2100", "year_max=1950", "list_price_max=1", "makes[]=trabant"):
        found = cars_com.parse_results(html, f"{RESULTS}?{query}")
        assert all("price" not in i.values or i.values["price"] == "0" for i in found.items)
        assert set(found.problems) >= {"parse/not_asked_for"}
