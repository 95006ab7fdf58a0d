"""Recipes over pages: what is read from where."""

import json
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.normalise import normalise
from scrapers.parsers.pages import to_draft
from scrapers.recipes.reading import parser

URL = "https://cars.example/used?page=2"


def results(recipe: str, body: str, url: str = URL):
    return parser(recipe, "site.yml").parse_results(f"<html>{body}</html>".encode(), url)


def detail(recipe: str, body: str, url: str = "https://cars.example/cars/7"):
    text = f"list: {{jsonld: true}}\ndetail:\n{recipe}"
    return parser(text, "site.yml").parse_detail(f"<html>{body}</html>".encode(), url)


CSS = """
list:
  items: li.car
  fields: {url: a, title: h2, price: .price, photos: img, features: .tags}
  empty: {css: p, match: Nothing found}
"""


def test_css_finds_items_and_their_fields():
    page = results(
        CSS,
        """<li class="car"><a href="/cars/7"><h2>2019 Kia Rio</h2></a><b class="price">$9,900</b>
        <img src="x.gif" data-src="/7.jpg"><i class="tags">Sunroof, Bluetooth</i></li>
        <li class="car"><a href="/cars/8"><h2>2020 Kia Rio</h2></a></li><li>no car</li>
        <link rel="next" href="?page=3">""",
    )
    first, second = page.items
    assert (first.external_id, first.url) == ("/cars/7", "https://cars.example/cars/7")
    assert first.values == {"title": "2019 Kia Rio", "price": "9900"}
    assert first.photos == ["https://cars.example/7.jpg"]
    assert (second.values, second.digest) == ({"title": "2020 Kia Rio"}, None)
    assert first.complete
    assert page.next_url == "https://cars.example/used?page=3"


def test_a_page_without_items_is_empty_only_if_it_says_so():
    assert results(CSS, "<p>Nothing found</p>").empty
    for body in ("<p>Something else</p>", ""):
        page = results(CSS, body)
        assert not page.is_ours
        assert page.problems == ["parse/not_our_page"]
    assert results(CSS, "<title>Just a moment...</title>").problems == ["parse/challenge"]


def test_an_item_that_does_not_say_which_offer_it_is_is_counted():
    page = results(
        CSS, '<li class="car"><b class="price">$1</b></li><li class="car"><h2>A</h2></li>'
    )
    assert page.problems == ["parse/card_unreadable"]
    assert [item.values for item in page.items] == [{"title": "A"}]


def test_json_in_an_attribute_of_each_item():
    said = escape(json.dumps({"vin": "1HGCM82633A004352", "pricing": {"final": 18450.0}}))
    recipe = """
list:
  items: {css: "[data-vehicle]", attribute: data-vehicle}
  fields: {vin: {json: vin}, price: {json: pricing.final}, url: {css: a}}
"""
    (item,) = results(recipe, f'<div data-vehicle="{said}"><a href="v/1">x</a></div>').items
    assert item.values == {"vin": "1HGCM82633A004352", "price": "18450"}
    assert item.url == "https://cars.example/v/1"
    assert item.external_id == "1HGCM82633A004352"


@pytest.mark.parametrize(
    ("items", "script"),
    [
        ("{script: window.__CARS__, json: 'lot.cars'}", "window.__CARS__ = {lot: {cars: [%s]},};"),
        ("{script: __CARS__, json: 'lot.cars'}", 'x=1;var __CARS__={"lot":{"cars":[%s]}}; y=2'),
        ("{script: cars, json: '@'}", 'load({"cars": [%s], "page": 1})'),
        ("{css: 'script#data', json: 'props.cars[*]'}", '{"props": {"cars": [%s]}}'),
    ],
)
def test_items_of_a_script(items, script):
    fields = "{id: {json: id}, mileage: {json: km, as: kilometers}}"
    recipe = f"list:\n  items: {items}\n  fields: {fields}"
    one = '{"id": 17, "km": "100"}'
    page = results(recipe, f"<script>var z = 1</script><script id='data'>{script % one}</script>")
    (item,) = page.items
    assert (item.external_id, item.values) == ("17", {"mileage": "62"})


def test_schema_org_with_fields_laid_over_it():
    recipe = """
list:
  jsonld: true
  fields: {trim: {jsonld: "additionalProperty[?name=='Trim'].value"}, zip: {value: "60601"}}
detail: {jsonld: true}
"""
    thing = {
        "@type": "Car",
        "name": "2019 Kia Rio",
        "url": "/cars/7",
        "offers": {"price": 9900, "priceCurrency": "USD"},
        "additionalProperty": [{"name": "Trim", "value": "LX"}],
    }
    body = f'<script type="application/ld+json">{json.dumps(thing)}</script>'
    (item,) = results(recipe, body).items
    assert item.values == {
        "title": "2019 Kia Rio",
        "price": "9900 USD",
        "trim": "LX",
        "zip": "60601",
    }
    assert not item.complete
    row = normalise(to_draft("site", item, None))
    assert (row.price, row.zip, row.trim) == (9900, "60601", "LX")


def test_fields_of_a_detail_page():
    recipe = """
  gone: {css: .banner, match: "(?i)sold"}
  fields:
    title: h1
    price: {css: "meta[itemprop=price]"}
    mileage: {xpath: "//dt[text()='Odometer']/following-sibling::dd[1]"}
    stock_number: {css: .ids, match: 'Stock # *(\\w+)'}
    exterior_color: {microdata: color}
    engine: {script: car, json: engine.name}
    features: ul.features li
    photos: {css: .gallery a}
    description: .notes
    dealer_name: .dealer b
    dealer_phone: {css: .dealer a, attribute: data-phone}
"""
    body = """<h1>2019 Kia Rio</h1><meta itemprop="price" content="9900">
    <dl><dt>Odometer</dt><dd>41,210 mi</dd></dl><p class="ids">VIN 1, Stock # K17</p>
    <div itemscope itemtype="https://schema.org/Car"><i itemprop="color">Red</i></div>
    <script>let car = {engine: {name: '1.6L I4'}};</script>
    <ul class="features"><li>Sunroof</li><li>Bluetooth</li></ul>
    <p class="gallery"><a href="/1.jpg"></a><a href="/2.jpg"></a></p>
    <p class="notes">A good car. Ask for Dana Whitcomb or write dana@cars.example.</p>
    <p class="dealer"><b>Beach Kia</b><a data-phone="555-0100"></a></p>"""
    found = detail(recipe, body)
    assert found.values == {
        "title": "2019 Kia Rio",
        "price": "9900",
        "mileage": "41210",
        "stock_number": "K17",
        "exterior_color": "Red",
        "engine": "1.6L I4",
        "description": "A good car. or write .",
    }
    assert found.features == ["Sunroof", "Bluetooth"]
    assert found.photos == ["https://cars.example/1.jpg", "https://cars.example/2.jpg"]
    assert found.dealer == {"name": "Beach Kia", "phone": "555-0100"}
    assert found.problems == []
    assert detail(recipe, '<p class="banner">SOLD</p>' + body).gone
    assert not detail(recipe, '<p class="banner">New</p>' + body).gone


def test_what_a_detail_page_does_not_have_is_told():
    recipe = "  fields: {title: h1, price: .price}"
    assert detail(recipe, "<h1>Kia</h1>").problems == ["parse/price_missing"]
    assert detail(recipe, '<b class="price">1</b>').problems == ["parse/make_missing"]
    assert detail(recipe, "<p>Page not found</p>").problems == ["parse/not_our_page"]


def test_pages_can_be_counted_up():
    recipe = CSS + "  count: {parameter: page}\n"
    car = '<li class="car"><a href="/cars/7"></a></li>'
    assert results(recipe, car).next_url == "https://cars.example/used?page=3"
    first = "https://cars.example/used?make=kia"
    assert results(recipe, car, first).next_url == f"{first}&page=2"
    assert results(recipe, "<p>Nothing found</p>").next_url is None


def test_the_next_page_can_be_any_element():
    recipe = CSS + "  next: {css: '#more', attribute: data-url}\n"
    car = '<li class="car"><a href="/cars/7"></a></li>'
    assert results(recipe, car + '<b id="more" data-url="?page=9"></b>').next_url == (
        "https://cars.example/used?page=9"
    )
    assert results(recipe, car).next_url is None


ALL = """
list:
  items: {xpath: "//li"}
  fields:
    id: {xpath: "count(b)"}
    title: {json: "a.b"}
    price: {script: car, json: price}
    url: {jsonld: url}
    trim: {microdata: name}
"""


@given(
    st.binary(max_size=200) | st.text(alphabet="<>li/ b{}:'\"=car;[]", max_size=200).map(str.encode)
)
def test_whatever_bytes_come_a_recipe_answers(page):
    read = parser(ALL + "detail: {fields: {title: {css: li, json: a}}, jsonld: true}", "all.yml")
    read.parse_results(page, URL)
    read.parse_detail(page, URL)


@pytest.mark.parametrize(
    ("script", "items"),
    [
        ('inv = {"cars": [{"id": "1", "t": ' + "[" * 600 + "]" * 600 + "}]}", 1),
        ('inv = {"cars": [{"id": "1", "t": ' + "[" * 9_000 + "]" * 9_000 + "}]}", 0),
        ("inv={ " * 50_000, 0),
    ],
    ids=("deep", "too deep", "many beginnings"),
)
def test_a_script_that_has_no_end_ends_no_crawl(script, items):
    recipe = "list: {items: {script: inv, json: cars}, fields: {id: {json: id}, title: {json: t}}}"
    assert len(results(recipe, f"<script>{script}</script>").items) == items


def test_a_list_leaves_out_cars_that_are_sold_also_where_all_of_them_are():
    def listed(*states: str):
        cars = [
            {
                "@type": "Car",
                "name": f"2019 Kia Rio {number}",
                "url": f"/cars/{number}",
                "offers": {"price": 9_000, "availability": f"https://schema.org/{state}"},
            }
            for number, state in enumerate(states)
        ]
        body = f'<script type="application/ld+json">{json.dumps(cars)}</script>'
        return results("list: {jsonld: true}", body + '<a rel="next" href="?page=3">Next</a>')

    some = listed("SoldOut", "InStock")
    assert ([card.url for card in some.items], some.problems) == (
        ["https://cars.example/cars/1"],
        [],
    )
    none = listed("SoldOut", "SoldOut")
    assert (none.items, none.empty, none.problems) == ([], True, [])
    assert none.next_url == "https://cars.example/used?page=3"
