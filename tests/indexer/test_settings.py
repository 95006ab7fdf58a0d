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


def test_the_order_of_searchable_attributes_and_rules_is_a_difference():
    one = {"searchableAttributes": ["a", "b"], "rankingRules": ["sort", "words"]}
    other = {"searchableAttributes": ["b", "a"], "rankingRules": ["words", "sort"]}
    assert settings.differences(one, other) == ["searchableAttributes", "rankingRules"]
    assert settings.digest(one) != settings.digest(other)


def test_what_is_not_wanted_is_the_engines_default():
    actual = {"faceting": {"maxValuesPerFacet": 300, "sortFacetValuesBy": {}}, "dictionary": []}
    assert settings.differences({"faceting": {"maxValuesPerFacet": 300}}, actual) == []
    assert settings.differences({"faceting": {"maxValuesPerFacet": 9}}, actual) == [
        "faceting.maxValuesPerFacet"
    ]


def test_a_synonym_too_many_is_a_difference():
    wanted, actual = {"synonyms": {"a": ["b"]}}, {"synonyms": {"a": ["b"], "c": ["d"]}}
    assert settings.differences(wanted, actual) == ["synonyms"]


def test_an_index_without_settings_is_named(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"cars": {}}))
    with pytest.raises(settings.SettingsFileError, match="no settings for the index boats"):
        settings.wanted("boats", path)
    path.write_text("{")
    with pytest.raises(settings.SettingsFileError, match="cannot be read"):
        settings.wanted("cars", path)
