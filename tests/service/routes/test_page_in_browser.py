"""The page in a real Chromium, driven over its DevTools protocol."""

import json
from typing import Any

import httpx
import pytest

from tests.service.browser import CHROMIUM, Browser

pytestmark = [
    pytest.mark.prove,
    pytest.mark.skipif(CHROMIUM is None, reason="needs a chromium program on PATH"),
]


SHOWN = "document.querySelectorAll('.card').length"


def tick(page: Browser, facet: str, value: str) -> None:
    page.run(f"document.getElementById({json.dumps(f'{facet}:{value}')}).click()")


def write(page: Browser, name: str, value: str) -> None:
    page.run(
        f"{{ const field = document.getElementById('{name}'); field.value = '{value}';"
        " field.dispatchEvent(new Event('change', {bubbles: true})) }"
    )


def counted(documents: list[dict[str, Any]], **wanted: Any) -> str:
    found = [one for one in documents if all(one[name] == value for name, value in wanted.items())]
    return f"document.querySelector('#total').textContent === '{len(found)} cars'"


def test_ticking_and_going_back(page: Browser, documents):
    tick(page, "make", "Citroën")
    page.until(counted(documents, make="Citroën"))
    tick(page, "condition", "New")
    page.until(counted(documents, make="Citroën", condition="New"))
    assert page.query() == {"make": ["Citroën"], "condition": ["New"]}
    assert page.run("document.getElementById('make:Toyota') !== null")
    page.run("history.back()")
    page.until(counted(documents, make="Citroën"))
    assert page.run("document.getElementById('condition:New').checked") is False
    assert page.run("document.getElementById('make:Citroën').checked") is True
    page.run("history.back()")
    page.until(counted(documents))


def test_the_address_alone_brings_everything_back(page: Browser, api: httpx.Client):
    query = "zip=60601&radius=25&price_max=30000&sort=distance&make=Toyota%2CHonda"
    page.open(f"{api.base_url}/?{query}", "#total")
    total = api.get(f"/api/v1/listings?{query}").json()["meta"]["total"]
    page.until(f"document.querySelector('#total').textContent === '{total} cars'")
    assert page.run("document.getElementById('zip').value") == "60601"
    assert page.run("document.getElementById('radius').value") == "25"
    assert page.run("document.getElementById('price_max').value") == "30000"
    assert page.run("document.getElementById('sort').value") == "distance"
    assert page.run("document.querySelectorAll('#make input:checked').length") == 2
    assert page.run("document.querySelector('.card .seller').textContent").endswith("mi\xa0away")


def test_words_are_searched_while_they_are_typed(page: Browser, documents):
    found = sum("sporty" in one["title"] for one in documents)
    page.run("document.getElementById('q').focus()")
    page.call("Input.insertText", text="sporty")
    page.until(f"document.querySelector('#total').textContent === '{found} cars'")
    assert page.query() == {"q": ["sporty"]}
    assert page.run("document.activeElement.id") == "q"


def test_a_place_needs_only_its_zip_code(page: Browser):
    write(page, "zip", "60601")
    page.until("document.querySelector('#zip-note').textContent === 'Chicago, IL'")
    assert page.query() == {"zip": ["60601"], "radius": ["50"]}
    write(page, "zip", "00000")
    page.until("document.querySelector('#message').textContent.includes('that exists')")
    assert page.run("document.getElementById('zip').getAttribute('aria-invalid')") == "true"
    assert (
        page.run("document.querySelector('#chips button').textContent") == "Within 50 mi of 00000"
    )
    page.faults = [fault for fault in page.faults if "400" not in fault]


def test_prices_and_distances_show_how_many_cars_they_have(page: Browser, api: httpx.Client):
    query = "zip=60601&radius=250&price_max=20000"
    page.open(f"{api.base_url}/?{query}", "#total")
    answer = api.get(f"/api/v1/listings?{query}").json()
    total = answer["meta"]["total"]
    page.until(f"document.querySelector('#total').textContent === '{total} cars'")
    told = page.run("[...document.querySelectorAll('#prices title')].map((one) => one.textContent)")
    counts = [int(text.split(": ")[1].split()[0]) for text in told]
    assert sum(counts) == sum(span["count"] for span in answer["ranges"]["price"]["histogram"])
    chosen = "document.querySelectorAll('#prices .chosen').length"
    assert 0 < page.run(chosen) < len(told)
    options = page.run("[...document.querySelectorAll('#radius option')].map((o) => o.textContent)")
    expected = [f"{ring['radius']} miles · {ring['count']:,}" for ring in answer["rings"]]
    assert options == [*expected, "Any distance"]


CHIPS = (
    "[...document.querySelectorAll('#chips li button:first-child')].map((one) => one.textContent)"
)


def test_words_become_chips_that_can_be_taken_off(page: Browser, api: httpx.Client):
    write(page, "q", "white suv under 40k near 60601 sporty")
    page.until(f"{CHIPS}.length === 6")
    assert page.run(CHIPS) == [
        "White", "SUV", "Up to $40,000", "Within 50 mi of Chicago, IL", "“sporty”", "Clear all",
    ]  # fmt: skip
    assert page.run("document.getElementById('price_max').value") == "40000"
    assert page.run("document.getElementById('zip').value") == "60601"
    assert page.run("document.getElementById('body_type:SUV').checked") is True
    page.run("document.querySelectorAll('#chips button')[4].click()")  # the price's first button
    page.until(f"{CHIPS}.length === 5")
    assert page.query() == {"q": ["white suv near 60601 sporty"]}
    assert page.run("document.getElementById('q').value") == "white suv near 60601 sporty"
    assert page.run("document.getElementById('price_max').value") == ""
    page.run("document.querySelector('#chips .words').click()")
    page.until(f"{CHIPS}[0] === '““white””' || {CHIPS}[0] === '“\"white\"”'")
    assert page.query() == {"q": ['"white" suv near 60601 sporty']}


def test_using_the_form_takes_over_what_words_said(page: Browser, documents):
    write(page, "q", "toyota under 40k white")
    page.until("document.getElementById('make:Toyota')?.checked === true")
    tick(page, "make", "Ford")
    page.until("document.getElementById('make:Ford')?.checked === true")
    assert page.query() == {"q": ["white"], "make": ["Ford", "Toyota"], "price_max": ["40000"]}
    tick(page, "make", "Toyota")
    page.until("document.getElementById('make:Toyota')?.checked === false")
    assert page.query() == {"q": ["white"], "make": ["Ford"], "price_max": ["40000"]}
    found = [
        one
        for one in documents
        if one["make"] == "Ford" and one["color"] == "White" and (one["price"] or 50_000) <= 40_000
    ]
    page.until(f"document.querySelector('#total').textContent.startsWith('{len(found)} car')")


def test_words_that_need_a_place_say_so(page: Browser):
    write(page, "q", "closest toyota")
    page.until(f"{CHIPS}[0] === '“closest” (needs a ZIP code)'")
    write(page, "zip", "60601")
    page.until(f"{CHIPS}[0] === 'Sorted: closest'")
    assert page.run("document.getElementById('sort').value") == "distance"


def test_nothing_found_offers_to_drop_a_filter(page: Browser, documents):
    tick(page, "make", "Ford")
    page.until(counted(documents, make="Ford"))
    write(page, "price_max", "1")
    page.until("document.querySelector('#total').textContent === '0 cars'")
    buttons = "[...document.querySelectorAll('#message button')]"
    fords = sum(one["make"] == "Ford" for one in documents)
    page.until(f"{buttons}.length === 2")  # nothing else costs a dollar
    assert page.run(f"{buttons}.map((one) => one.textContent)") == [
        f"Drop: Up to $1 ({fords} cars)", "Clear all",
    ]  # fmt: skip
    page.run(f"{buttons}[0].click()")
    page.until(counted(documents, make="Ford"))
    assert page.query() == {"make": ["Ford"]}


def test_nothing_found_offers_what_was_meant(page: Browser, documents):
    meant = sum(one["make"] == "Toyota" and "sporty" in one["title"] for one in documents)
    write(page, "q", "tayoda sporty")
    first = "document.querySelector('#message button')"
    page.until(f"{first}?.textContent === 'Look for “toyota sporty” ({meant} cars)'")
    page.run(f"{first}.click()")
    page.until(f"document.querySelector('#total').textContent === '{meant} cars'")
    assert page.query() == {"q": ["toyota sporty"]}


def test_a_value_that_no_car_has_offers_the_nearest(page: Browser, api, documents):
    page.open(f"{api.base_url}/?make=Toyoto&condition=New", "#total")
    meant = sum(one["make"] == "Toyota" and one["condition"] == "New" for one in documents)
    first = "document.querySelector('#message button')"
    page.until(f"{first}?.textContent === 'Look for Toyota ({meant} cars)'")
    page.run(f"{first}.click()")
    page.until(f"document.querySelector('#total').textContent === '{meant} cars'")
    assert page.query() == {"make": ["Toyota"], "condition": ["New"]}


def test_nothing_found_offers_to_drop_two_filters(page: Browser, api, documents):
    page.open(f"{api.base_url}/?make=Xyzzy&price_max=1&q=qwqwqw+new", "#total")
    first = "document.querySelector('#message button')"
    page.until(f"{first} !== null")
    assert page.run(f"{first}.textContent") == "Clear all"  # three would have to go
    page.open(f"{api.base_url}/?make=Xyzzy&q=qwqwqw+new", "#total")
    news = sum(one["condition"] == "New" for one in documents)
    page.until(f"{first}?.textContent === 'Drop: “qwqwqw”, Xyzzy ({news} cars)'")
    page.run(f"{first}.click()")
    page.until(counted(documents, condition="New"))
    assert page.query() == {"q": ["new"]}


def test_a_value_can_be_left_out(page: Browser, documents):
    page.run("document.getElementById('make:not:Ford').click()")
    others = sum(one["make"] != "Ford" for one in documents)
    page.until(f"document.querySelector('#total').textContent === '{others} cars'")
    assert page.query() == {"make": ["!Ford"]}
    assert page.run(f"{CHIPS}[0]") == "Not Ford"
    tick(page, "condition", "New")
    news = sum(one["make"] != "Ford" and one["condition"] == "New" for one in documents)
    page.until(f"document.querySelector('#total').textContent === '{news} cars'")
    assert page.query() == {"make": ["!Ford"], "condition": ["New"]}
    page.run("document.getElementById('make:not:Ford').click()")
    page.until(counted(documents, condition="New"))


def test_what_words_leave_out_is_a_chip_and_can_be_taken_back(page: Browser, documents):
    write(page, "q", "white not ford")
    found = sum(one["color"] == "White" and one["make"] != "Ford" for one in documents)
    page.until(f"document.querySelector('#total').textContent === '{found} cars'")
    assert page.run(CHIPS) == ["White", "Not Ford", "Clear all"]
    pressed = "document.getElementById('make:not:Ford').getAttribute('aria-pressed')"
    page.until(f"{pressed} === 'true'")
    tick(page, "condition", "New")
    page.until(f"{CHIPS}.length === 4")
    assert page.query() == {"q": ["white"], "condition": ["New"], "make": ["!Ford"]}
    page.run("document.getElementById('make:not:Ford').click()")
    page.until(f"{CHIPS}.length === 3")
    assert page.query() == {"q": ["white"], "condition": ["New"]}


def test_the_button_of_a_value_that_words_leave_out_takes_it_back(page: Browser, documents):
    write(page, "q", "not ford, not red")
    page.until(f"{CHIPS}.length === 3")
    page.run("document.getElementById('make:not:Ford').click()")
    page.until(f"{CHIPS}.length === 1")
    assert page.query() == {"q": ["not red"]}
    assert page.run(CHIPS) == ["Not Red"]


def test_ticking_among_found_values_keeps_those_that_are_not_shown(page: Browser, documents):
    tick(page, "make", "Toyota")
    page.until(counted(documents, make="Toyota"))
    page.run("document.getElementById('find-make').focus()")
    page.call("Input.insertText", text="for")
    page.until("document.getElementById('make:Toyota') === null")
    tick(page, "make", "Ford")
    both = sum(one["make"] in ("Toyota", "Ford") for one in documents)
    page.until(f"document.querySelector('#total').textContent === '{both} cars'")
    assert sorted(page.query()["make"]) == ["Ford", "Toyota"]


def test_values_are_found_by_their_beginning(page: Browser, documents):
    makes = "[...document.querySelectorAll('#make input')].map((one) => one.value)"
    page.run("document.getElementById('find-make').focus()")
    page.call("Input.insertText", text="merc")
    page.until(f"{makes}.length === 1")
    tick(page, "make", "Mercedes-Benz")
    page.until(counted(documents, make="Mercedes-Benz"))
    page.until(f"{makes}.length === 1 && document.getElementById('make:Mercedes-Benz').checked")
    page.run("document.getElementById('find-make').value = 'zzzz'")
    page.run("document.getElementById('find-make').dispatchEvent(new Event('input'))")
    page.until(f"{makes}.length === 0")
    assert page.run("document.getElementById('find-make').offsetParent !== null")
    page.run("document.getElementById('find-make').value = ''")
    page.run("document.getElementById('find-make').dispatchEvent(new Event('input'))")
    page.until(f"{makes}.length === 5")


def test_pages_are_links(page: Browser, api: httpx.Client):
    assert page.run(SHOWN) == 20
    first = page.run("document.querySelector('.card h2').textContent")
    page.run("document.getElementById('next').click()")
    page.until("document.querySelector('#position').textContent === 'Page 2 of 20'")
    assert page.query() == {"page": ["2"]}
    assert page.run("document.querySelector('.card h2').textContent") != first
    assert page.run("document.activeElement.id") == "results"
    page.run("document.getElementById('previous').click()")
    page.until("document.querySelector('#position').textContent === 'Page 1 of 20'")
    assert page.query() == {}


def test_a_box_can_be_ticked_with_the_keyboard_and_keeps_the_focus(page: Browser, documents):
    page.run("document.getElementById('condition:Used').focus()")
    page.press(" ", 32)
    page.until(counted(documents, condition="Used"))
    assert page.run("document.activeElement.id") == "condition:Used"


@pytest.mark.parametrize(("width", "filters"), [(380, False), (1280, True)])
def test_nothing_is_wider_than_the_screen(page: Browser, width: int, filters: bool):
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    page.call("Emulation.setDeviceMetricsOverride", **size)
    page.until(f"document.getElementById('filters').open === {str(filters).lower()}")
    assert page.run("document.documentElement.scrollWidth") <= width
    page.run("document.getElementById('filters').open = true")
    assert page.run("document.documentElement.scrollWidth") <= width
    page.call("Emulation.clearDeviceMetricsOverride")
