import pytest

from stack.market import cars
from stack.market.lot import GONE_SHOWN, Lot, slug


def shown(lot: Lot) -> dict[str, int]:
    """What a visitor sees: the live cars and their prices."""
    return {lot.table.cars[at].uuid: int(lot.price[at]) for at in lot.live}


def pass_days(lot: Lot, days: float) -> None:
    lot.clock.advance(days)
    lot.refresh()


def test_the_market_opens_with_what_was_promised(market):
    assert len(market.live) >= 12_000


def test_the_number_of_cars_sways_but_stays(market, open_lot):
    lot = open_lot(size=12_000)
    for _ in range(4):
        pass_days(lot, 37.3)
        assert 12_000 * 0.98 < len(lot.live) < 12_000 * 1.08


def test_time_brings_sales_arrivals_and_lower_prices(lot):
    before = shown(lot)
    pass_days(lot, 7)
    after = shown(lot)
    assert before.keys() - after.keys()
    assert after.keys() - before.keys()
    assert any(after[uuid] < before[uuid] for uuid in before.keys() & after.keys())
    assert all(after[uuid] <= before[uuid] for uuid in before.keys() & after.keys())


def test_a_restart_shows_the_same_market(lot, open_lot):
    pass_days(lot, 200.4)
    assert shown(open_lot()) == shown(lot)


def test_small_steps_and_a_large_one_lead_to_the_same_market(lot, open_lot):
    for _ in range(40):
        pass_days(lot, 4.5)
    other = open_lot("another")
    pass_days(other, 180.0)
    assert shown(other) == shown(lot)


def test_another_seed_is_another_market(lot, source):
    other = Lot(source._replace(seed=3), 300, lot.clock)
    assert not shown(other).keys() & shown(lot).keys()


def test_a_price_set_by_hand_stands_through_time_and_restarts(lot, open_lot):
    at = int(lot.live[0])
    uuid = lot.table.cars[at].uuid
    pass_days(lot, 0.5)
    lot.clock.reprice([uuid], 12_345)
    lot.refresh()
    assert shown(lot)[uuid] == 12_345
    again = open_lot()
    assert shown(again)[uuid] == 12_345
    changes = again.history(again.table.position[uuid])
    assert (changes[-1].day, changes[-1].price) == (0.5, 12_345)


def test_a_sold_car_is_gone_for_a_month_and_then_missing(lot):
    uuid = lot.table.cars[int(lot.live[5])].uuid
    lot.clock.sell([uuid])
    lot.refresh()
    assert uuid not in shown(lot)
    assert lot.find(uuid) is not None
    pass_days(lot, GONE_SHOWN + 0.01)
    assert lot.find(uuid) is None


def test_every_car_that_left_lately_is_still_found(lot):
    before = set(shown(lot))
    for _ in range(10):
        pass_days(lot, GONE_SHOWN * 0.99)
        left = before - shown(lot).keys()
        assert left
        assert all(lot.find(uuid) is not None for uuid in left)
        before = set(shown(lot))


def test_a_car_that_has_not_come_yet_is_not_found(lot):
    later = [car for car in lot.table.cars if car.arrived > lot.clock.now.day]
    assert later
    assert all(lot.find(car.uuid) is None for car in later)


def test_memory_holds_only_the_days_that_may_be_seen(lot):
    pass_days(lot, 1_000)
    oldest = min(car.arrived for car in lot.table.cars)
    assert oldest >= 1_000 - cars.LONGEST - GONE_SHOWN - 2


def test_similar_cars_are_other_live_cars_of_the_make(market):
    at = int(market.live[100])
    similar = market.similar(at, 6)
    assert len(set(similar)) == 6
    assert at not in similar
    assert {market.table.cars[other].kind.make for other in similar} == {
        market.table.cars[at].kind.make
    }
    assert all(market.alive[other] for other in similar)


@pytest.mark.parametrize(
    ("name", "slugged"),
    [("Land Rover", "land_rover"), ("Mercedes-Benz", "mercedes_benz"), ("F-150", "f_150")],
)
def test_names_in_addresses(name, slugged):
    assert slug(name) == slugged
