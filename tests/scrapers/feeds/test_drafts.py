"""Drafts: what a row's cells say."""

from time import process_time

import pytest

from scrapers.feeds.columns import Column, Layout
from scrapers.feeds.drafts import Reader, address, is_offered, labels, links
from scrapers.normalise.draft import Draft


def read(**cells: str) -> Draft:
    layout = Layout({name: [Column(at, name)] for at, name in enumerate(cells)})
    return Reader("file", layout).read(list(cells.values()))[0]


MAIN = ["1 Main St, Suite 4", "Troy", "MI", "48083"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "{'addr1': '1 Main St, Suite 4', 'city': 'Troy', 'region': 'MI',"
            " 'postal_code': '48083'}",
            MAIN,
        ),
        (
            '{"street": "1 Main St, Suite 4", "city": "Troy", "state": "MI", "zip": 48083,'
            ' "x": null}',
            MAIN,
        ),
        ("1 Main St, Suite 4, Troy, MI 48083-1234, USA", MAIN),
        ("Troy, MI", [None, "Troy", "MI", None]),
        ("Troy, Michigan 48083", [None, "Troy", "Michigan", "48083"]),
        ("somewhere", [None] * 4),
        ("{broken", [None] * 4),
        ("{1, 2}", [None] * 4),
        ("", [None] * 4),
    ],
)
def test_addresses(text: str, parts: list[str | None]) -> None:
    found = address(text)
    assert [found.get(name) for name in ("street", "city", "state", "zip")] == parts


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("https://a.b/1.jpg", ["https://a.b/1.jpg"]),
        ("https://a.b/1,2.jpg,https://a.b/3.jpg", ["https://a.b/1,2.jpg", "https://a.b/3.jpg"]),
        ("https://a.b/1.jpg | https://a.b/2.jpg", ["https://a.b/1.jpg", "https://a.b/2.jpg"]),
        ("['https://a.b/1.jpg', 'https://a.b/2.jpg']", ["https://a.b/1.jpg", "https://a.b/2.jpg"]),
        ("", []),
    ],
)
def test_links(text: str, addresses: list[str]) -> None:
    assert links(text) == addresses


@pytest.mark.parametrize(
    ("text", "features"),
    [
        ("Sunroof, Heated Seats, Bluetooth", ["Sunroof", "Heated Seats", "Bluetooth"]),
        ("Sunroof,Heated Seats", ["Sunroof", "Heated Seats"]),
        ("Sunroof|Heated, front seats", ["Sunroof", "Heated", "front seats"]),
        ("[\"Driver's seat\", 'Sunroof']", ["Driver's seat", "Sunroof"]),
        ("", []),
    ],
)
def test_features(text: str, features: list[str]) -> None:
    assert labels(text) == features


@pytest.mark.parametrize(
    "cell", ['["a' + '"a' * 60_000, "x" + " " * 120_000 + "y", "x" + "," * 120_000]
)
def test_a_long_cell_is_no_work(cell: str) -> None:
    start = process_time()
    labels(cell)
    links(cell)
    assert process_time() - start < 5


def test_the_first_column_that_says_something_counts_and_a_price_of_0_says_nothing() -> None:
    columns = [Column(0, "sale_price"), Column(1, "price"), Column(2, "price_eur", "EUR")]
    reader = Reader("file", Layout({"price": columns}))
    prices = [
        reader.read(cells)[0].values.get("price")
        for cells in (["5", "6", "7"], ["0.00", "6", "7"], ["", "", "7"], ["", "$0", ""])
    ]
    assert prices == ["5", "6", "7 EUR", None]


def test_a_currency_beside_the_price_belongs_to_it() -> None:
    assert read(price="9000", currency="EUR").values["price"] == "9000 EUR"
    assert read(price="9000 USD", currency="EUR").values["price"] == "9000 USD"


def test_a_flag_says_new_or_used() -> None:
    assert read(is_new="False").values["stock_type"] == "used"
    assert read(is_new="1").values["stock_type"] == "new"


def test_a_named_dealer_has_the_place_else_the_car() -> None:
    with_dealer = read(dealer_name="Smith", zip="60601", city="Chicago")
    assert with_dealer.dealer == {"name": "Smith", "zip": "60601", "city": "Chicago"}
    assert "zip" not in with_dealer.values
    without = read(dealer_name="Private seller", location="Chicago, IL 60601")
    assert (without.dealer, without.values["zip"]) == (None, "60601")


def test_a_city_without_zip_is_a_place() -> None:
    values = read(city="chicago", state="Illinois").values
    assert float(values["lat"]) == pytest.approx(41.85, abs=0.1)
    assert read(city="chicago", state="Illinois", lat="1", lng="2").values == {
        "lat": "1",
        "lng": "2",
    }


@pytest.mark.parametrize(
    ("said", "offered"),
    [
        *[(word, True) for word in ("AVAILABLE", "PENDING", "in stock", "in_stock", "", "maybe")],
        *[(word, False) for word in ("NOT_AVAILABLE", "out of stock", "OutOfStock", "Sold")],
    ],
)
def test_a_car_that_cannot_be_had_is_not_offered(said: str, offered: bool) -> None:
    assert is_offered({"availability": said}) is offered
    assert is_offered({})
