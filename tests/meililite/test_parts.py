"""Small parts of the front: paths, moments, sizes."""

import pytest

from meililite.errors import ApiError
from meililite.federation.facets import check_orders, merge
from meililite.federation.scores import compare
from meililite.front.http import too_large
from meililite.front.router import Router
from meililite.registry.moments import duration, rfc3339


async def _handler(call):
    return call


def test_paths():
    router = Router()
    router.add("GET", "/tasks/{uid}", "get", _handler)
    router.add("POST", "/tasks/cancel", "cancel", _handler)
    assert router.find("GET", "/tasks/a%20b")[1] == {"uid": "a b"}
    assert router.find("POST", "/tasks/cancel/")[0].action == "cancel"
    assert router.find("DELETE", "/tasks/1")[0] == 405
    assert router.find("GET", "/tasks")[0] == 404
    assert router.find("GET", "/tasks/1/2")[0] == 404


def test_moments():
    assert rfc3339(0) == "1970-01-01T00:00:00Z"
    assert rfc3339(1_250_000) == "1970-01-01T00:00:01.25Z"
    assert duration(0, 1_500) == "PT0.001500S"
    assert duration(0, 2_003_000) == "PT2.003S"
    assert duration(0, 3_000_000) == "PT3S"
    assert duration(0, 86_400_000_000) == "P1D"
    assert duration(0, 86_401_000_000) == "P1DT1S"
    assert duration(5, None) is None


def test_limits_are_said_in_their_own_units():
    for limit, said in ((10**8, "100 MB"), (10 * 2**20, "10 MiB"), (3, "3 B"), (1_500, "1.5 KB")):
        assert too_large(limit).message.endswith(f"size is {said}.")


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (([["rank", 0.9]], 0.9), ([["rank", 0.8]], 0.8)),
        (([["order", True, 1]], 0), ([["order", True, 2]], 0)),
        (([["order", False, 2]], 0), ([["order", False, 1]], 0)),
        (([["order", True, 9]], 0), ([["order", True, "a"]], 0)),
        (([["order", False, "a"]], 0), ([["order", False, None]], 0)),
        (
            ([["rank", 1], ["order", True, 1], ["rank", 0.1]], 0),
            ([["rank", 1], ["order", True, 1]], 0),
        ),
        (([["order", True, 1]], 0.7), ([["rank", 1]], 0.3)),
        (([["order", True, 1]], 0.7), ([["order", False, 1]], 0.3)),
        (([["place", True, 5]], 0), ([["place", True, None]], 0)),
    ],
)
def test_hits_of_different_queries_compare(better, worse):
    assert compare(better, worse) > 0
    assert compare(worse, better) < 0
    assert compare(better, better) == 0


def test_facets_of_several_indexes_become_one():
    orders = {"a": {"*": "count"}, "b": {"*": "count"}}
    facets = {
        "a": [{"make": {"x": 1, "y": 5}}, {"n": {"min": 1, "max": 2}}],
        "b": [{"make": {"x": 7}, "year": {"1": 1}}, {"n": {"min": 0, "max": 1}}],
    }
    check_orders(facets, orders)
    assert merge(facets, orders, 1) == {
        "facetDistribution": {"make": {"x": 8}, "year": {"1": 1}},
        "facetStats": {"n": {"min": 0, "max": 2}},
    }
    with pytest.raises(ApiError, match="index `a` orders by count, but index `b` orders alpha"):
        check_orders(facets, {**orders, "b": {"*": "alpha"}})
