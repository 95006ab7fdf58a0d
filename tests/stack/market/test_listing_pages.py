from typing import Any

import orjson
import pytest
from lxml import html

from stack.market import wording

KEYS = {
    *("listingId", "vin", "year", "make", "model", "trim", "price", "mileage", "msrp", "stockType"),
    *("cpoIndicator", "bodyStyle", "fuelType", "drivetrain", "exteriorColor", "seller", "banners"),
    *("metadata", "shipPrice"),
}


async def page(client, path: str) -> html.HtmlElement:
    answer = await client.get(path)
    assert answer.status == 200
    assert answer.content_type == "text/html"
    return html.fromstring(await answer.text())


def details(tree: html.HtmlElement) -> list[dict[str, Any]]:
    return [orjson.loads(card.get("data-vehicle-details")) for card in tree.iter("fuse-card")]


@pytest.fixture
async def hundred(wide_client):
    return await page(wide_client, "/shopping/results/?page_size=100")


async def test_a_page_holds_as_many_cards_as_asked(hundred):
    assert len(details(hundred)) == 100


async def test_cards_say_every_key_and_year_price_and_mileage_are_strings(hundred):
    for data in details(hundred):
        assert data.keys() == KEYS
        assert isinstance(data["year"], str)
        assert isinstance(data["price"], str | None)
        assert isinstance(data["mileage"], str | None)
        assert data["seller"].keys() == {"zip", "customerId", "dealerName"}
        assert (data["msrp"] is None) == (data["stockType"] == "Used")
    assert {data["stockType"] for data in details(hundred)} == {"New", "Used"}


async def test_cards_say_what_is_so(hundred, market):
    for data in details(hundred):
        at = market.table.position[data["listingId"]]
        offered = wording.offer(market, at)
        kind = offered.car.kind
        assert (data["vin"], data["year"], data["make"]) == (
            offered.car.vin,
            str(kind.year),
            kind.make,
        )
        assert data["price"] in ({str(offered.price)} if offered.price else {"0", None})
        assert data["seller"]["zip"] == offered.dealer.place.zip


async def test_metadata_counts_pages_and_positions(wide_client):
    tree = await page(wide_client, "/shopping/results/?page=3&page_size=10")
    assert [data["metadata"] for data in details(tree)] == [
        {"page_number": 3, "position_on_page": place} for place in range(1, 11)
    ]


async def test_the_link_mirrors_the_card(hundred):
    for card in hundred.iter("fuse-card"):
        data = orjson.loads(card.get("data-vehicle-details"))
        (link,) = card.xpath(".//a[@data-card-link]")
        assert link.get("href") == f"/vehicledetail/{data['listingId']}/"
        assert link.get("data-vin") == data["vin"]
        assert link.get("data-price") == (data["price"] or "")
        assert link.get("data-mileage") == (data["mileage"] or "")


async def test_some_deals_have_a_badge(hundred):
    texts = [badge.text_content() for badge in hundred.find_class("price-badge")]
    assert any("Great Deal" in text and "below market" in text for text in texts)


async def test_a_car_without_a_price_says_so(wide_client, market):
    at = next(at for at in market.live if not market.price[at])
    car = market.table.cars[at]
    place = market.live.tolist().index(at)
    tree = await page(wide_client, f"/shopping/results/?page_size=1&page={place + 1}")
    (card,) = tree.iter("fuse-card")
    assert card.get("id") == car.uuid
    assert card.find_class("primary-price")[0].text == "Not Priced"


async def test_the_next_link_leads_through_all_pages(client, lot):
    path, seen = "/shopping/results/?page_size=50", []
    while path:
        tree = await page(client, path)
        seen += [data["listingId"] for data in details(tree)]
        links = tree.xpath(".//a[@rel='next']")
        path = links[0].get("href") if links else ""
    assert set(seen) == {lot.table.cars[at].uuid for at in lot.live}
    assert len(seen) == len(set(seen)) + 1, "the last car of page 4 stands on page 5 again"


@pytest.mark.parametrize(
    "asked", ["page=9999", "makes[]=honda&list_price_max=10", "zip=99501&maximum_distance=0"]
)
async def test_nothing_found_is_said(client, asked):
    tree = await page(client, f"/shopping/results/?{asked}")
    assert not list(tree.iter("fuse-card"))
    assert "No results" in tree.xpath(".//*[@id='no-results']")[0].text_content()


async def test_what_visitors_type_is_escaped(client):
    answer = await client.get("/shopping/results/", params={"zip": '"><script>alert(1)</script>'})
    assert "<script>alert(1)" not in await answer.text()


async def test_the_home_page_leads_to_results(client):
    tree = await page(client, "/")
    assert tree.xpath(".//form[@action='/shopping/results/']")
    assert len(list(tree.iter("fuse-card"))) == 12
    assert "January 1, 2026" in tree.text_content()
