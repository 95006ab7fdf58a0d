"""What the vertical of cars says of its documents is what their index has."""

import json

from catalog.cars import CARS
from config.settings import ROOT

INDEX = json.loads((ROOT / "meilisearch-settings.json").read_text())[CARS.name]


def test_words_are_looked_for_where_the_index_looks():
    assert list(CARS.texts) == INDEX["searchableAttributes"]


def test_what_can_be_asked_for_can_be_filtered_and_sorted():
    asked = {facet.field for facet in CARS.facets.values()} | {one.name for one in CARS.ranges}
    assert asked <= set(INDEX["filterableAttributes"])
    rules = {rule.partition(":")[0] for sort in CARS.sorts for rule in sort.rules}
    assert {rule.partition("Point")[0] for rule in rules} <= set(INDEX["sortableAttributes"])
