"""The demo market's pages, written without the parsers, and what the parsers read of them."""

import pytest

from scrapers.normalise import normalise
from scrapers.parsers import jsonld
from scrapers.parsers.pages import to_draft
from stack.market import cars, dealer_site, dealers, fleet
from stack.market.clock import Clock
from stack.market.control import truth
from stack.market.lot import Lot

SITE = "https://market.example"
DRIVES = ("AWD", "4WD", "FWD", "RWD")


@pytest.fixture(scope="module")
def lot(tmp_path_factory) -> Lot:
    clock = Clock(tmp_path_factory.mktemp("market"), {"seed": 1})
    return Lot(cars.Source(1, fleet.build(1), dealers.build(1, 5)), 300, clock)


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
