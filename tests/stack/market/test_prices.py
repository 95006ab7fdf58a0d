import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stack.market import prices


def test_one_cars_history_ends_with_the_price_that_all_cars_are_given(market):
    for day in (0.0, 3.7, 40.0):
        table = market.table
        cuts = prices.cuts(day, table.arrived, table.drop_first, table.drop_every)
        amounts = prices.after(cuts, table.asked, table.drop_rate).tolist()
        for car, amount in zip(table.cars, amounts, strict=True):
            changes = prices.history(car, day)
            assert (changes[-1].price if changes else 0) == amount


def test_prices_only_fall_and_days_only_pass(market):
    for car in market.table.cars[:2000]:
        changes = prices.history(car, 60.0)
        assert [c.price for c in changes] == sorted({c.price for c in changes}, reverse=True)
        assert [c.day for c in changes] == sorted(c.day for c in changes)
        assert all(change.day <= 60.0 for change in changes)


def test_a_car_without_a_price_has_no_history(market):
    car = next(car for car in market.table.cars if not car.asked)
    assert prices.history(car, 30.0) == []


@given(st.integers(0, 600_000), st.floats(0.008, 0.04), st.integers(0, prices.DROPS))
def test_prices_end_as_dealers_write_them(asked, rate, times):
    price = int(prices.after(np.array([times]), np.array([asked]), np.array([rate]))[0])
    assert price == 0 if asked == 0 else price % 100 == 95
    assert abs(price - asked * (1 - rate * times)) <= 600 or asked < 100


def test_after_some_cuts_the_price_stays(market):
    car = next(car for car in market.table.cars if car.asked)
    assert len(prices.history(car, 10_000.0)) <= prices.DROPS + 1
    assert prices.history(car, 10_000.0) == prices.history(car, 20_000.0)
