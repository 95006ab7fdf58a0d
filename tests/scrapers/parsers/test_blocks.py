"""JSON-LD as sites write it, and the objects that must be read from it."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.parsers.html import tree
from scrapers.parsers.jsonld.blocks import blocks, read, with_quotes
from scrapers.parsers.jsonld.microdata import microdata

SAMPLES = Path(__file__).parent / "samples"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


def expected(name: str) -> list:
    said = json.loads((SAMPLES / name).read_text())
    return said["json-ld"] if isinstance(said, dict) else said


@pytest.mark.parametrize(
    ("page", "items"),
    [
        ("elysianfields_1", "elysianfields_1.json"),
        ("tovestyrke", "tovestyrke.json"),
        ("jsonld_empty_item_test", "jsonld_empty_item_test.jsonld"),
        ("null_ld_mock", "null_ld_mock.jsonld"),
    ],
)
def test_a_real_page_gives_its_objects(page, items):
    root = tree((SAMPLES / f"{page}.html").read_bytes())
    assert blocks(root) == (expected(items), [])


def test_a_real_page_of_microdata_gives_its_objects():
    def plain(item):
        if isinstance(item, list):
            return [plain(each) for each in item]
        if not isinstance(item, dict):
            return item
        kind = {"@type": item["type"].removeprefix("http://schema.org/")}
        return kind | {name: plain(value) for name, value in item["properties"].items()}

    root = tree((SAMPLES / "Event.002.html").read_bytes())
    assert microdata(root) == plain(expected("Event.002.json"))


def test_an_item_within_another_keeps_its_properties_to_itself():
    (product,) = microdata(tree((SAMPLES / "product.html").read_bytes()))
    assert product["name"] == "Executive Anvil"
    assert product["offers"]["price"] == "119.99"
    assert product["offers"]["seller"] == {"@type": "Organization", "name": "Executive Objects"}


CAR = {"@type": "Car", "name": "Kia Rio"}


@pytest.mark.parametrize(
    "text",
    [
        '{"@type": "Car", "name": "Kia Rio"}',
        '[{"@type": "Car", "name": "Kia Rio"}]',
        '{"@type": "Car", "name": "Kia Rio"};',
        '{"@type": "Car", "name": "Kia Rio",}',
        '[{"@type": "Car", "name": "Kia Rio",},]',
        '{"@type": "Car", // a comment\n "name": "Kia Rio"}',
        '/* before */ {"@type": "Car", /* within */ "name": "Kia Rio"}',
        '<!-- {"@type": "Car", "name": "Kia Rio"} -->',
        '<![CDATA[{"@type": "Car", "name": "Kia Rio"}]]>',
        '//<![CDATA[\n{"@type": "Car", "name": "Kia Rio"}\n//]]>',
        '/*<![CDATA[*/{"@type": "Car", "name": "Kia Rio"}/*]]>*/',
        "{&quot;@type&quot;: &quot;Car&quot;, &quot;name&quot;: &quot;Kia Rio&quot;}",
        "\ufeff {'@type': 'Car', name: 'Kia Rio'}",
    ],
)
def test_what_is_nearly_json_is_read(text):
    assert read(text) == [CAR]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('{"name": "5.7" screen"}', '5.7" screen'),
        ('{"name": "A "very good" car", "x": 1}', 'A "very good" car'),
        ('{"name": "He said "go", then left", "x": 1}', 'He said "go", then left'),
        ('{"name": "two\nlines\tand a tab"}', "two\nlines\tand a tab"),
        ('{"name": "a \\"quoted\\" word"}', 'a "quoted" word'),
        ('{"name": "Tom &amp; Co"}', "Tom &amp; Co"),  # as it is written; text is cleaned later
        ('{"name": "ends with \\\\", "x": 1}', "ends with \\"),
    ],
)
def test_stray_characters_in_a_text_do_not_end_it(text, name):
    (found,) = read(text)
    assert found["name"] == name


@pytest.mark.parametrize("text", ["", " \n", "null", "[]", "[null, 1]", "3"])
def test_a_script_that_says_nothing_is_no_problem(text):
    assert read(text) == []


@pytest.mark.parametrize("text", ["{", "not json", '{"name": ', "[" * 100_000, "<html>"])
def test_what_cannot_be_read_is_a_problem_and_the_rest_is_read(text):
    page = (
        f'<script type="application/ld+json">{text}</script>'
        '<script type="application/LD+JSON; charset=utf-8">{"@type": "Car"}</script>'
    )
    assert blocks(tree(page.encode())) == ([{"@type": "Car"}], ["jsonld/unreadable"])


@given(VALUES)
def test_valid_json_is_left_as_it_is(value):
    for text in (json.dumps(value), json.dumps(value, indent=1, ensure_ascii=False)):
        assert with_quotes(text) == text


@given(st.text(alphabet='{}[]":,\\/*\n ab&;<!-', max_size=80))
def test_whatever_text_comes_reading_ends(text):
    found = read(text)
    assert found is None or all(isinstance(each, dict) for each in found)
