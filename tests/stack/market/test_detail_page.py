import re
from html import unescape

import orjson
import pytest
from lxml import html

from stack.market import detail_page, wording


@pytest.fixture
def used(market) -> int:
    """A used car with a mileage whose price was cut."""
    cars = market.table.cars
    return next(
        at
        for at in market.live.tolist()
        if not cars[at].new and cars[at].mileage and market.price[at] < market.last_price[at]
    )


@pytest.fixture
def new(market) -> int:
    cars = market.table.cars
    return next(at for at in market.live.tolist() if cars[at].new and market.price[at])


def tree_of(market, at: int) -> html.HtmlElement:
    return html.fromstring(detail_page.live(market, at).decode())


def json_of(tree, element_id: str):
    (script,) = tree.xpath(f"//script[@id='{element_id}']")
    return orjson.loads(script.text)


def test_a_page_weighs_at_least_sixty_kilobytes(market):
    sizes = [len(detail_page.live(market, at)) for at in market.live[::40].tolist()]
    assert min(sizes) >= 60 * 1024
    assert max(sizes) < 200 * 1024


def test_json_ld_says_nothing_of_the_vehicle(market, used):
    blocks = tree_of(market, used).xpath("//script[@type='application/ld+json']")
    types = [orjson.loads(block.text)["@type"] for block in blocks]
    assert sorted(types) == ["BreadcrumbList", "WebSite"]


def test_activity_data_is_flat_with_about_a_hundred_keys(market, used):
    data = json_of(tree_of(market, used), "initial-activity-data")
    assert 90 <= len(data) <= 110
    assert not any(isinstance(value, dict | list) for value in data.values())


def test_activity_data_of_a_used_car(market, used):
    offered = wording.offer(market, used)
    car, kind = offered.car, offered.car.kind
    data = json_of(tree_of(market, used), "initial-activity-data")
    assert data["listing_id"] == car.uuid
    assert (data["year"], data["price"]) == (str(kind.year), str(offered.price))
    assert data["mileage"] == str(car.mileage)
    assert data["customer_id"] == offered.dealer.id
    assert data["msrp"] is None


def test_the_mileage_of_a_new_car_is_null(market, new):
    data = json_of(tree_of(market, new), "initial-activity-data")
    assert data["mileage"] is None
    assert data["msrp"] == str(market.table.cars[new].msrp)


def test_dealer_names_in_activity_data_have_entities(market):
    at = next(at for at in market.live.tolist() if "&" in wording.offer(market, at).dealer.name)
    name = wording.offer(market, at).dealer.name
    data = json_of(tree_of(market, at), "initial-activity-data")
    assert data["dealer_name"] != name
    assert unescape(data["dealer_name"]) == name


def test_the_controller_holds_lists_and_the_sellers_zip(market, used):
    offered = wording.offer(market, used)
    data = json_of(tree_of(market, used), "CarsWeb.VehicleDetailController.show")
    metadata = data["call_source_dni_metadata"]
    assert metadata["dimensions"]["make"] == [offered.car.kind.make]
    assert metadata["dimensions"]["normFeatureId"] == offered.car.features
    assert metadata["dimensions"]["stockNumber"] == offered.car.stock_number
    assert metadata["seller"]["zipcode"] == offered.dealer.place.zip


def test_basics_are_labels_and_values(market, used):
    car = market.table.cars[used]
    entries = {
        entry.find_class("label")[0].text: entry.find_class("value")[0].text
        for entry in tree_of(market, used).xpath(".//li[@data-qa='basics-entry']")
    }
    assert entries["VIN"] == car.vin
    assert entries["Exterior color"] == car.exterior
    assert entries["Engine"] == car.kind.engine
    assert entries["Transmission"] == car.transmission
    assert entries["Stock #"] == car.stock_number


def test_price_history_has_date_change_and_price_newest_first(market, used):
    table = tree_of(market, used).find_class("price-history-table")[0]
    rows = [[cell.text for cell in row.xpath(".//td")] for row in table.xpath(".//tbody//tr")]
    assert rows[-1][1] == "Listed"
    assert rows[0][2] == f"${int(market.price[used]):,}"
    assert len(rows) == len(market.history(used))
    for date, change, price in rows:
        assert re.fullmatch(r"\d{1,2}/\d{1,2}/\d\d", date)
        assert re.fullmatch(r"Listed|-\$[\d,]+", change)
        assert re.fullmatch(r"\$[\d,]+", price)


def test_a_price_raised_by_hand_is_a_plus(lot):
    at = int(lot.live[0])
    lot.clock.reprice([lot.table.cars[at].uuid], 9_999_995)
    lot.refresh()
    cells = html.fromstring(detail_page.live(lot, at).decode()).xpath(".//tbody//tr//td")
    assert cells[1].text.startswith("+$")
    assert cells[2].text == "$9,999,995"


def test_the_dealers_card_says_where_it_is(market, used):
    dealer = wording.offer(market, used).dealer
    card = tree_of(market, used).find_class("dealer-card")[0]
    text = " ".join(card.text_content().split())
    assert dealer.name in text
    assert f"{dealer.place.city}, {dealer.place.state} {dealer.place.zip}" in text
    assert dealer.phone in text


def test_real_pages_leak_staff_and_visitors_so_these_do(market, used):
    text = detail_page.live(market, used).decode()
    assert re.search(r"mailto:[a-z.]+@dealer\d+\.example", text)
    assert "visitor_zip" in text
    assert "cdn-cgi/challenge-platform" in text
    assert "Just a moment" not in text


def test_photos_are_addresses_of_this_site(market, used):
    car = market.table.cars[used]
    photos = [image.get("src") for image in tree_of(market, used).xpath(".//img[@slot='image']")]
    assert photos == [f"/photos/{car.uuid}/{n}.svg" for n in range(1, car.photos + 1)]


def test_nothing_of_a_live_page_says_that_the_car_is_gone(market, used):
    text = detail_page.live(market, used).decode().lower()
    assert 'unlisted-notification"' not in text
    assert "no longer" not in text


def test_the_page_of_a_gone_car_says_so(market, used):
    tree = html.fromstring(detail_page.gone(market, used).decode())
    assert "no longer listed" in tree.find_class("unlisted-notification")[0].text_content()
    assert not tree.xpath("//script[@id='initial-activity-data']")


def test_a_car_without_a_price(market):
    at = next(at for at in market.live.tolist() if not market.price[at])
    tree = tree_of(market, at)
    assert tree.find_class("primary-price")[0].text == "Not Priced"
    assert not tree.find_class("price-history-table")
    assert json_of(tree, "initial-activity-data")["price"] in {"0", None}


def test_every_page_is_well_formed_enough_to_hold_its_data(market):
    for at in market.live[::100].tolist():
        assert json_of(tree_of(market, at), "initial-activity-data")["vin"] == (
            market.table.cars[at].vin
        )
