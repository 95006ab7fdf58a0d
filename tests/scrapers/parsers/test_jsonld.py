"""Pages that describe cars in the words of schema.org, and what is read from them."""

import json
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.normalise import normalise
from scrapers.parsers.html import tree
from scrapers.parsers.jsonld import parse_detail, parse_results
from scrapers.parsers.jsonld.blocks import blocks
from scrapers.parsers.jsonld.graph import Graph
from scrapers.parsers.jsonld.sellers import dealers
from scrapers.parsers.pages import to_draft

SAMPLES = Path(__file__).parent / "samples"
URL = "https://dealer.example/used-cars"
LINES = (SAMPLES / "observed_vehicle_variants.jsonl").read_text().splitlines()
EXPECTED = (SAMPLES / "observed_vehicle_variants.expected.jsonl").read_text().splitlines()


def page(*objects: object, body: str = "") -> bytes:
    scripts = (json.dumps(each) if not isinstance(each, str) else each for each in objects)
    blocks = (f'<script type="application/ld+json">{text}</script>' for text in scripts)
    return f"<html><body>{''.join(blocks)}{body}</body></html>".encode()


def car(**changes: object) -> dict:
    return {
        "@type": "Car",
        "name": "2022 Honda Accord EX-L",
        "vehicleIdentificationNumber": "1HGCM82633A004352",
        "url": "/cars/1",
        "offers": {"@type": "Offer", "price": "28995", "priceCurrency": "USD"},
    } | changes


@pytest.mark.parametrize(("line", "expected"), list(zip(LINES, EXPECTED, strict=True)))
def test_each_observed_variant_is_read(line, expected):
    detail = parse_detail(page(line), "https://dealer.example/x")
    found = {"values": detail.values, "dealer": detail.dealer}
    found |= {"photos": detail.photos, "problems": detail.problems}
    assert found == json.loads(expected)


def test_a_page_of_a_dealer_alone_has_no_car_and_one_dealer():
    assert parse_results(page(LINES[-1]), URL).items == []
    (found,) = dealers(Graph(blocks(tree(page(LINES[-1])))[0]))
    assert (found["name"], found["zip"]) == ("Example Motors", "45404")


@pytest.mark.parametrize(
    "container",
    [
        lambda c: c,
        lambda c: [c],
        lambda c: {"@graph": [{"@type": "WebSite"}, c]},
        lambda c: {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": c}]},
        lambda c: {"@type": "ItemList", "itemListElement": [c]},
        lambda c: {"@type": "AutoDealer", "makesOffer": [{"@type": "Offer", "itemOffered": c}]},
        lambda c: {"@type": "Product", "offers": {"@type": "Offer", "itemOffered": c}},
        lambda c: {
            "@type": "AutoDealer",
            "hasOfferCatalog": {
                "@type": "OfferCatalog",
                "itemListElement": [{"@type": "Offer", "itemOffered": c}],
            },
        },
        lambda c: {"@type": "SearchResultsPage", "mainEntity": {"itemListElement": [c]}},
        lambda c: c | {"@type": ["Product", "Car"]},
        lambda c: c | {"@type": "https://schema.org/Vehicle"},
        lambda c: c | {"@type": "Product"},
    ],
)
def test_a_car_is_found_in_whatever_it_stands(container):
    (item,) = parse_results(page(container(car())), URL).items
    assert item.external_id == "1HGCM82633A004352"
    assert item.url == "https://dealer.example/cars/1"
    assert item.values["price"] == "28995 USD"


def test_the_price_of_the_offer_that_holds_a_car_is_the_cars():
    bare = {key: value for key, value in car().items() if key != "offers"}
    offer = {"@type": "Offer", "price": 9000, "priceCurrency": "USD", "itemOffered": bare}
    dealer = {"@type": "AutoDealer", "name": "Example Motors", "makesOffer": offer}
    (item,) = parse_results(page(dealer), URL).items
    assert item.values["price"] == "9000 USD"
    assert item.dealer == {"name": "Example Motors"}


@pytest.mark.parametrize(
    ("offers", "price", "msrp"),
    [
        ({"price": "28995"}, "28995", None),
        ({"price": 28995.0}, "28995.0", None),
        ({"price": "$28.5k", "priceCurrency": "USD"}, "$28.5k", None),
        ([{"price": ""}, {"price": "7000"}], "7000", None),
        ([{"price": "0.00"}, {"price": "Call"}, {"price": "7000"}], "7000", None),
        ({"price": 0, "priceSpecification": {"price": 7000}}, "7000", None),
        ({"price": 0}, "0", None),
        ([{"price": "Call"}, {"price": 0}], "Call", None),
        (
            [
                {"price": 6500, "priceCurrency": "EUR"},
                {"price": 7000, "priceCurrency": "USD"},
                {"price": 7100, "priceCurrency": "USD"},
            ],
            "7000 USD",
            None,
        ),
        ({"price": 6500, "priceCurrency": "EUR"}, "6500 EUR", None),
        ([{"price": 1, "availability": "SoldOut"}, {"price": 7000}], "7000", None),
        ({"@type": "AggregateOffer", "lowPrice": "5000", "highPrice": "6000"}, "5000", None),
        ({"@type": "AggregateOffer", "offers": [{"price": "5100"}]}, "5100", None),
        ({"priceSpecification": {"price": "16995", "priceCurrency": "USD"}}, "16995 USD", None),
        (
            {
                "priceSpecification": [
                    {"priceType": "https://schema.org/MSRP", "price": 31000},
                    {"priceType": "https://schema.org/SalePrice", "price": 29000},
                ]
            },
            "29000",
            "31000",
        ),
        ({"priceSpecification": {"price": 299, "unitText": "MONTH"}}, None, None),
        (
            {"price": 299, "businessFunction": "http://purl.org/goodrelations/v1#LeaseOut"},
            None,
            None,
        ),
        (None, None, None),
    ],
)
def test_the_price_is_found_where_sites_write_it(offers, price, msrp):
    values = parse_detail(page(car(offers=offers)), URL).values
    assert (values.get("price"), values.get("msrp")) == (price, msrp)


@pytest.mark.parametrize(
    ("said", "mileage", "unit"),
    [
        ("41,210 mi", "41,210 mi", None),
        (41210, "41210", None),
        ({"value": "4,120", "unitCode": "SMI"}, "4,120", "SMI"),
        ({"value": 120000, "unitText": "KM"}, "120000", "KM"),
        ({"@type": "QuantitativeValue", "unitCode": "SMI"}, None, "SMI"),
        ([{"value": "5"}], "5", None),
    ],
)
def test_the_mileage_is_found_where_sites_write_it(said, mileage, unit):
    values = parse_detail(page(car(mileageFromOdometer=said)), URL).values
    assert (values.get("mileage"), values.get("mileage_unit")) == (mileage, unit)


@pytest.mark.parametrize("key", ["vehicleIdentificationNumber", "sku", "productID", "mpn"])
def test_the_vin_is_found_where_sites_write_it(key):
    plain = car(vehicleIdentificationNumber=None) | {key: "1HGCM82633A004352"}
    values = parse_detail(page(plain), URL).values
    assert values["vin"] == "1HGCM82633A004352"
    assert "stock_number" not in values


def test_a_number_that_is_no_vin_is_the_stock_number():
    values = parse_detail(page(car(vehicleIdentificationNumber=None, sku="A-17")), URL).values
    assert (values.get("vin"), values["stock_number"]) == (None, "A-17")


def test_a_word_for_nothing_is_no_number():
    cars = [
        car(vehicleIdentificationNumber=vin, sku=sku, url=f"/cars/{number}")
        for number, (vin, sku) in enumerate([("N/A", "-"), ("", "unknown"), ("TBD", "n/a")])
    ]
    items = parse_results(page(cars), URL).items
    assert [item.external_id for item in items] == ["/cars/0", "/cars/1", "/cars/2"]


def test_references_are_followed_within_the_page():
    things = [
        {"@graph": [car(brand={"@id": "#honda"}, model={"@id": "#accord"})]},
        {"@type": "Brand", "@id": "#honda", "name": "Honda"},
        {"@type": "ProductModel", "@id": "#accord", "name": "Accord"},
    ]
    values = parse_detail(page(*things), URL).values
    assert (values["make"], values["model"]) == ("Honda", "Accord")


def test_words_of_schema_org_are_understood():
    said = car(
        driveWheelConfiguration="https://schema.org/FourWheelDriveConfiguration",
        itemCondition="https://schema.org/UsedCondition",
        mileageFromOdometer={"value": "120000", "unitCode": "KMT"},
    )
    result = parse_results(page(said), URL)
    row = normalise(to_draft("site", result.items[0], parse_detail(page(said), URL)))
    assert (row.drivetrain, row.condition, row.mileage) == ("4WD", "Used", 74565)
    assert (row.make, row.model, row.price) == ("Honda", "Accord", 28995)


def test_the_car_of_a_page_is_not_one_of_those_beside_it():
    other = car(vehicleIdentificationNumber="SBM16AEA5PW000777", url="/cars/2")
    similar = {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": other}]}
    own = "1HGCM82633A004352"
    assert parse_detail(page(similar, car()), URL).values["vin"] == own
    assert parse_detail(page(other, car()), "https://dealer.example/cars/1").values["vin"] == own
    assert parse_detail(page(car(isSimilarTo=[other])), URL).values["vin"] == own
    main = [{"@type": "ItemPage", "mainEntity": {"@id": "#own"}}, other, car() | {"@id": "#own"}]
    assert parse_detail(page(*main), URL).values["vin"] == own


def test_a_page_of_a_thousand_cars_is_no_work():
    cars = [car(vehicleIdentificationNumber="", sku=f"n{number}") for number in range(3_000)]
    start = process_time()
    assert parse_detail(page(cars), "https://dealer.example/x").values
    assert process_time() - start < 5


def test_what_is_no_car_is_not_taken_for_one():
    anvil = (SAMPLES / "product.html").read_bytes()
    assert parse_results(anvil, URL).problems == ["parse/not_our_page"]
    concert = (SAMPLES / "tovestyrke.html").read_bytes()
    assert parse_results(concert, URL).items == []


def test_microdata_is_read_where_there_is_no_json():
    body = """<div itemscope itemtype="https://schema.org/Car"><a itemprop="url" href="/cars/3">
      <span itemprop="name">2019 Kia Rio</span></a><meta itemprop="sku" content="3KPA24AB0KE123456">
      <div itemprop="offers" itemscope itemtype="https://schema.org/Offer">
      <span itemprop="price" content="9900">$9,900</span></div></div>"""
    (item,) = parse_results(page(body=body), URL).items
    assert item.values == {"vin": "3KPA24AB0KE123456", "title": "2019 Kia Rio", "price": "9900"}
    assert item.url == "https://dealer.example/cars/3"


def test_a_list_of_addresses_gives_cards_whose_pages_are_always_read():
    root = (SAMPLES / "jsonld_empty_item_test.html").read_bytes()
    items = parse_results(root, "https://www.tasteofhome.com/").items
    assert len(items) > 10
    assert items[0].external_id == "/recipes/chicken-goat-cheese-skillet/"
    assert {item.digest for item in items} == {None}


def test_an_address_with_entities_leads_where_it_is_meant_to():
    (item,) = parse_results(page(car(url="/cars?a=1&amp;b=2&#038;region=3")), URL).items
    assert item.url == "https://dealer.example/cars?a=1&b=2&region=3"


def test_a_car_without_a_page_of_its_own_says_so_and_keeps_its_key():
    bare = car(url=None, vehicleIdentificationNumber=None)
    (first,) = parse_results(page(bare), URL).items
    (cheaper,) = parse_results(page(bare | {"offers": {"price": "1"}}), URL).items
    assert first.url is None
    assert first.external_id == cheaper.external_id
    assert first.digest != cheaper.digest


def test_the_next_page_is_linked():
    result = parse_results(page(car(), body='<a rel="next" href="?page=2">2</a>'), URL)
    assert result.next_url == f"{URL}?page=2"


def test_a_list_that_says_it_is_empty_is():
    empty = {"@type": "ItemList", "numberOfItems": 0, "itemListElement": []}
    assert parse_results(page(empty), URL).empty
    assert not parse_results(page({"@type": "WebSite"}), URL).is_ours


def test_a_car_that_is_sold_is_gone():
    sold = car(offers={"price": "1", "availability": "https://schema.org/SoldOut"})
    assert parse_detail(page(sold), URL).gone
    both = parse_results(page(sold, car(sku="B-2", vehicleIdentificationNumber="")), URL)
    assert (len(both.items), both.problems) == (1, [])
    none = parse_results(page(sold), URL)
    assert (none.items, none.empty, none.problems) == ([], True, [])


def test_who_sells_privately_has_no_name_and_a_dealer_has():
    place = {"@type": "PostalAddress", "postalCode": "45404", "addressCountry": "US"}
    person = {"@type": "Person", "name": "Jane Doe", "telephone": "1", "address": place}
    said = car(offers={"price": "1", "seller": person}, description="Ask jane@doe.example.")
    detail = parse_detail(page(said), URL)
    assert "Jane" not in str(detail)
    assert "@doe" not in str(detail)
    assert (detail.dealer, detail.values["zip"]) == (None, "45404")
    firm = person | {"@type": "AutoDealer", "name": "Doe Motors"}
    dealer = parse_detail(page(car(offers={"price": "1", "seller": firm})), URL).dealer
    assert dealer == {"name": "Doe Motors", "phone": "1", "zip": "45404"}


def test_the_postal_code_of_another_country_is_no_zip():
    place = {"postalCode": "10115", "addressCountry": "DE"}
    said = car(offers={"price": "1", "seller": {"@type": "AutoDealer", "address": place}})
    assert "zip" not in parse_detail(page(said), URL).values


def test_a_challenge_is_told_from_a_page_without_cars():
    page_of_theirs = b"<html><head><title>Just a moment...</title></head></html>"
    assert parse_results(page_of_theirs, URL).problems == ["parse/challenge"]
    assert parse_detail(page_of_theirs, URL).problems == ["parse/challenge"]


NODES = st.recursive(
    st.none() | st.integers() | st.sampled_from(["Car", "Offer", "USD", "/a", "1HGCM82633A004352"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                (
                    *("@type", "@id", "offers", "itemOffered", "price", "name", "url", "seller"),
                    *("itemListElement", "item", "image", "vehicleEngine", "address", "brand"),
                    "mileageFromOdometer",
                )
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(st.lists(NODES, max_size=3))
def test_whatever_stands_where_parsers_answer(objects):
    text = page(*(json.dumps(each) for each in objects))
    parse_results(text, URL)
    parse_detail(text, URL)
