import httpx

from catalog.cars import CARS
from service.understanding.parameters import parameters

FILTERS = "/api/v1/listings/filters"


def test_everything_that_can_be_asked_for_is_told(api: httpx.Client, documents):
    answer = api.get(FILTERS).json()
    data = answer["data"]
    assert data["total"] == len(documents)
    filters = {one["name"]: one for one in data["filters"]}
    assert list(filters) == ["q", *CARS.facets, "year", "price", "mileage", "place"]
    assert filters["feature"] == {
        "name": "feature",
        "type": "facet",
        "label": "Features",
        "parameters": ["feature", "feature_all"],
        "several": True,
        "values": len({feature for one in documents for feature in one["features"]}),
        "more": False,
    }
    prices = [one["price"] for one in documents if one["price"] is not None]
    assert filters["price"] == {
        "name": "price",
        "type": "range",
        "label": "Price",
        "parameters": ["price_min", "price_max"],
        "unit": "USD",
        "min": min(prices),
        "max": max(prices),
    }
    assert data["sorts"][-1] == {
        "name": "distance",
        "label": "Distance, nearest first",
        "needs_place": True,
    }


def test_every_parameter_that_filters_belongs_to_a_filter(api: httpx.Client):
    answers = ("sort", "parse", "page", "per_page", "offset", "limit", "facets", "fields")
    told = [
        name for one in api.get(FILTERS).json()["data"]["filters"] for name in one["parameters"]
    ]
    assert {*told, *answers, "highlight", "zoom"} >= set(parameters(CARS)) >= set(told)
    assert len(told) == len(set(told))


def test_all_collections_are_told_together(api: httpx.Client):
    answer = api.get("/api/v1/filters").json()
    assert answer["meta"]["collections"] == ["listings"]
    assert answer["data"] == {"listings": api.get(FILTERS).json()["data"]}
    assert api.get("/api/v1/filters?make=Kia").json()["parameter"] == "make"
