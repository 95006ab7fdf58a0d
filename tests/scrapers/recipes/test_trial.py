"""Trials: what may be a mistake in a recipe is told."""

import pytest

from scrapers.recipes import reading
from scrapers.recipes.trial import try_page

PAGE = b"""<ul>
<li><a href="/cars/1">2019 Kia Rio</a><b>$9,000</b></li>
<li><a href="/cars/2">2020 Kia Soul</a><b>$8,000</b></li>
</ul>"""


def hints(recipe: str) -> list[str]:
    return try_page(reading.parser(recipe, "site.yml"), PAGE, "https://lot.example/").hints


def test_a_good_recipe_has_no_hint() -> None:
    fields = "{url: a, title: {xpath: .//a}, price: b, zip: {value: '60601'}}"
    assert hints(f"list: {{items: li, fields: {fields}}}") == []


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("price: i", "price: nothing is found at css i."),
        (
            "vin: {css: a, attribute: data-vin}",
            "vin: nothing is found at css a, attribute data-vin.",
        ),
        ("price: {css: b, match: 'Now (.*)'}", "or `match` does not match what is there."),
        ("title: {xpath: //a}", "title: xpath //a says the same of every item"),
    ],
)
def test_a_place_at_which_nothing_stands_is_told(field: str, told: str) -> None:
    (hint,) = hints(f"list: {{items: li, fields: {{url: a, {field}}}}}")
    assert told in hint


def test_items_that_share_an_id_are_told_and_one_that_is_shown_twice_is_not() -> None:
    said = "id: 1 of 2 items have the id of another one and would not be kept."
    assert hints("list: {items: li, fields: {url: a, id: {value: car}}}") == [said]
    assert hints("list: {items: li, fields: {price: b, id: {value: car}}}") == [said]
    assert hints("list: {items: 'li, li b', fields: {url: {xpath: ../a | .//a}, price: b}}") == []


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("items: li.car, fields: {url: a}", "nothing on the page is at css li.car."),
        ("items: {script: CARS}, fields: {id: {json: id}}", "is at script CARS."),
        ("jsonld: true", "no car in the words of schema.org"),
    ],
)
def test_a_list_without_an_item_says_what_was_looked_for(wanted: str, told: str) -> None:
    (hint,) = hints(f"list: {{{wanted}}}")
    assert told in hint
