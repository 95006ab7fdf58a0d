import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import MultiDict

from stack.market import search
from stack.market.places import miles, places


def find(market, *asked: tuple[str, str]) -> list:
    found = search.matches(market, search.read(MultiDict(asked)))
    return [market.table.cars[at] for at in found]


def test_all_live_cars_match_nothing_asked(market):
    assert len(find(market)) == len(market.live)


def test_makes_and_models(market):
    hondas = find(market, ("makes[]", "honda"))
    assert {car.kind.make for car in hondas} == {"Honda"}
    civics = find(market, ("makes[]", "honda"), ("models[]", "honda-civic"))
    assert {car.kind.model for car in civics} == {"Civic"}
    both = find(market, ("makes[]", "honda"), ("makes[]", "land_rover"))
    assert {car.kind.make for car in both} == {"Honda", "Land Rover"}


@pytest.mark.parametrize("name", ["makes[]", "models[]", "stock_type", "zip", "color", "year_min"])
def test_unknown_values_are_silently_ignored(market, name):
    assert len(find(market, (name, "nonsense"), ("maximum_distance", "50"))) == len(market.live)


def test_an_unknown_value_beside_a_known_one_adds_nothing(market):
    assert find(market, ("makes[]", "honda"), ("makes[]", "trabant")) == find(
        market, ("makes[]", "honda")
    )


def test_stock_types_part_the_market(market):
    new, used = find(market, ("stock_type", "new")), find(market, ("stock_type", "used"))
    assert all(car.new for car in new)
    assert not any(car.new for car in used)
    assert len(new) + len(used) == len(market.live)
    assert all(car.certified for car in find(market, ("stock_type", "cpo")))


def test_years_and_prices_are_inclusive(market):
    cars = find(market, ("year_min", "2019"), ("year_max", "2020"), ("list_price_max", "20095"))
    assert {car.kind.year for car in cars} == {2019, 2020}
    prices = [int(market.price[market.table.position[car.uuid]]) for car in cars]
    assert max(prices) <= 20_095
    assert min(prices) > 0


def test_distance_counts_from_the_zip_code(market):
    near = find(market, ("zip", "60601"), ("maximum_distance", "50"))
    loop = places()["60601"]
    dealers = market.source.dealers
    away = miles(loop.lat, loop.lng, dealers.lats, dealers.lngs)
    expected = [at for at in market.live if away[market.table.cars[at].dealer] <= 50]
    assert len(near) == len(expected) > 100


def test_a_sold_car_is_not_found(lot):
    uuid = lot.table.cars[int(lot.live[0])].uuid
    lot.clock.sell([uuid])
    lot.refresh()
    found = search.matches(lot, search.read(MultiDict()))
    assert uuid not in {lot.table.cars[at].uuid for at in found}


@given(st.integers(0, 3000), st.integers(1, 100))
def test_the_pages_show_every_car_and_some_near_an_edge_twice(total, size):
    found = np.arange(total)
    last = search.pages(total, size)
    shown = [search.page_of(found, page, size).tolist() for page in range(1, last + 1)]
    assert all(0 < len(page) <= size for page in shown)
    assert sorted({car for page in shown for car in page}) == list(range(total))
    assert search.page_of(found, last + 1, size).tolist() == []
    repeats = sum(map(len, shown)) - total
    assert repeats == ((last - 1) // search.REPEAT_EVERY if size > 1 and last else 0)


@pytest.mark.parametrize(("asked", "size"), [("100", 100), ("500", 100), ("0", 20), ("x", 20)])
def test_page_sizes_are_bounded(asked, size):
    assert search.read(MultiDict(page_size=asked)).page_size == size


def test_the_address_of_the_next_page_asks_the_same(market):
    asked = MultiDict([("makes[]", "honda"), ("makes[]", "kia"), ("zip", "60601"), ("page", "2")])
    query = search.read(asked)
    text = search.address(query, 3)
    pairs = [pair.split("=") for pair in text.split("?")[1].split("&")]
    again = search.read(MultiDict((n.replace("%5B%5D", "[]"), value) for n, value in pairs))
    assert again == query._replace(page=3)
