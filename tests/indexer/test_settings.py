"""Settings are compared by what they mean."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import settings

NAMES = st.lists(st.text(min_size=1, max_size=5), unique=True, max_size=6)


@given(NAMES, st.randoms())
def test_the_order_of_a_set_is_no_difference(names, random):
    shuffled = random.sample(names, len(names))
    one, other = {"filterableAttributes": names}, {"filterableAttributes": shuffled}
    assert settings.differences(one, other) == []
    assert settings.digest(one) == settings.digest(other)


def test_patterns_of_fields_are_of_a_set_too():
    pattern = {"attributePatterns": ["a*"], "features": {"facetSearch": False}}
    turned = dict(reversed(pattern.items()))
    one, other = {"filterableAttributes": ["b", pattern]}, {"filterableAttributes": [turned, "b"]}
    assert settings.differences(one, other) == []
    assert settings.digest(one) == settings.digest(other)


def test_the_order_of_searchable_attributes_and_rules_is_a_difference():
    one = {"searchableAttributes": ["a", "b"], "rankingRules": ["sort", "words"]}
    other = {"searchableAttributes": ["b", "a"], "rankingRules": ["words", "sort"]}
    assert settings.differences(one, other) == ["searchableAttributes", "rankingRules"]
    assert settings.digest(one) != settings.digest(other)


def test_what_is_not_wanted_is_the_engines_default():
    order = {"sortFacetValuesBy": {"*": "alpha"}}
    actual = {"faceting": {"maxValuesPerFacet": 300} | order, "dictionary": []}
    assert settings.differences({"faceting": {"maxValuesPerFacet": 300}}, actual) == []
    assert settings.differences({"faceting": {"maxValuesPerFacet": 9}}, actual) == [
        "faceting.maxValuesPerFacet"
    ]


def test_a_synonym_too_many_is_a_difference():
    wanted, actual = {"synonyms": {"a": ["b"]}}, {"synonyms": {"a": ["b"], "c": ["d"]}}
    assert settings.differences(wanted, actual) == ["synonyms"]


def test_an_order_of_values_too_many_is_a_difference():
    wanted = {"faceting": {"sortFacetValuesBy": {"*": "alpha"}}}
    actual = {"faceting": {"sortFacetValuesBy": {"*": "alpha", "make": "count"}}}
    assert settings.differences(wanted, actual) == ["faceting.sortFacetValuesBy"]


def test_an_index_without_settings_is_named(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"cars": {}}))
    with pytest.raises(settings.SettingsFileError, match="no settings for the index boats"):
        settings.wanted("boats", path)
    path.write_text("{")
    with pytest.raises(settings.SettingsFileError, match="cannot be read"):
        settings.wanted("cars", path)
    with pytest.raises(settings.SettingsFileError, match="cannot be read"):
        settings.wanted("cars", tmp_path / "none.json")


def _whole(**changed):
    """The settings of an index as the engine shows them, those of the file among them."""
    wanted = settings.wanted("cars")
    return settings._completed(wanted, settings._DEFAULTS | wanted) | changed


@pytest.mark.parametrize(
    ("changed", "in_place"),
    [
        ({"synonyms": {"van": ["bus"]}}, True),
        ({"searchCutoffMs": 500}, True),
        ({"pagination": {"maxTotalHits": 5}}, True),
        ({"displayedAttributes": ["id"]}, True),
        ({"rankingRules": ["words", "sort", "price:asc"]}, True),  # the price can be sorted by
        ({"rankingRules": ["words", "sort", "engine:asc"]}, False),  # the engine can not
        ({"rankingRules": ["words", "sort", "engine:desc"]}, False),
        ({"sortableAttributes": ["_geo", "price", "make"]}, True),  # filters have all of these
        ({"sortableAttributes": ["_geo", "price", "vin", "photos"]}, False),
        ({"filterableAttributes": ["make"]}, False),
        ({"stopWords": ["the"]}, False),
        ({"dictionary": ["J. R. R."]}, False),
        ({"distinctAttribute": "vin"}, True),
        ({"distinctAttribute": "photos"}, False),
        ({"searchableAttributes": ["title"]}, False),
        ({"prefixSearch": "disabled"}, False),
    ],
)
def test_what_is_only_read_when_searching_changes_in_place(changed, in_place):
    wanted = settings.wanted("cars") | changed
    [change] = settings.changes(wanted, _whole())
    assert (change.name.split(".")[0], change.in_place) == (next(iter(changed)), in_place)


def test_another_order_of_searchable_attributes_changes_in_place():
    wanted = settings.wanted("cars")
    turned = wanted | {"searchableAttributes": wanted["searchableAttributes"][::-1]}
    [change] = settings.changes(turned, _whole())
    assert change.in_place


@pytest.mark.parametrize(
    ("name", "in_place"),
    [("enabled", True), ("disableOnWords", True), ("disableOnAttributes", False)],
)
def test_typos_change_in_place_unless_words_are_stored_otherwise(name, in_place):
    live = _whole()
    live["typoTolerance"] = live["typoTolerance"] | {name: "another"}
    [change] = settings.changes(settings.wanted("cars"), live)
    assert (change.name, change.in_place) == (f"typoTolerance.{name}", in_place)


@pytest.mark.parametrize(
    ("above", "name", "value"),
    [
        ("faceting", "maxValuesPerFacet", 7),
        ("faceting", "sortFacetValuesBy", {"*": "alpha"}),
        ("typoTolerance", "minWordSizeForTypos", {"oneTypo": 6, "twoTypos": 10}),
    ],
)
def test_limits_of_facets_and_of_typos_change_in_place(above, name, value):
    live = _whole()
    live[above] = live[above] | {name: value}
    changes = settings.changes(settings.wanted("cars"), live)
    below = [f".{each}" for each in value] if name == "minWordSizeForTypos" else [""]
    assert [each.name for each in changes] == [f"{above}.{name}{each}" for each in below]
    assert all(each.in_place for each in changes)


def test_a_part_that_the_file_does_not_name_goes_back_to_its_default():
    assert settings.update({}, ["faceting.maxValuesPerFacet"]) == {
        "faceting": {"maxValuesPerFacet": None}
    }


def test_what_was_changed_by_hand_and_is_not_in_the_file_goes_back_to_its_default():
    live = _whole(dictionary=["x"], facetSearch=False)
    changes = settings.changes(settings.wanted("cars"), live)
    names = [each.name for each in changes]
    assert names == ["dictionary", "facetSearch"]
    assert settings.update(settings.wanted("cars"), names) == dict.fromkeys(names)


def test_the_request_has_only_what_changes():
    wanted = settings.wanted("cars")
    names = ["typoTolerance.minWordSizeForTypos.oneTypo", "synonyms"]
    assert settings.update(wanted, names) == {
        "typoTolerance": {"minWordSizeForTypos": {"oneTypo": 5}},
        "synonyms": wanted["synonyms"],
    }
