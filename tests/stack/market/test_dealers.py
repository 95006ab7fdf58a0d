import numpy as np
import pytest

from stack.market import dealers
from stack.market.places import miles, places


def test_dealers_stand_at_real_zip_codes(source):
    for dealer in source.dealers.all:
        assert places()[dealer.place.zip] == dealer.place


@pytest.mark.parametrize(("zip_code", "least"), [("60601", 8), ("10001", 12), ("77002", 5)])
def test_large_metros_have_several(source, zip_code, least):
    center = places()[zip_code]
    near = miles(center.lat, center.lng, source.dealers.lats, source.dealers.lngs) <= 50
    assert near.sum() >= least


def test_some_stand_in_towns_far_from_all_metros(source):
    states = {dealer.place.state for dealer in source.dealers.all}
    assert len(source.dealers.all) == 300
    assert len(states) > 35


def test_phones_are_fictional_and_ids_differ(source):
    assert all(" 555-01" in dealer.phone for dealer in source.dealers.all)
    assert len({dealer.id for dealer in source.dealers.all}) == 300


def test_the_same_seed_gives_the_same_dealers():
    assert dealers.build(5, 40).all == dealers.build(5, 40).all
    assert dealers.build(6, 40).all != dealers.build(5, 40).all


def test_a_make_that_nobody_sells_new_may_stand_anywhere(source):
    drawn = source.dealers.draw_selling("Trabant", np.random.default_rng(1), 50)
    assert len(set(drawn.tolist())) > 10


def test_miles_between_known_cities():
    new_york, chicago = places()["10001"], places()["60601"]
    apart = miles(new_york.lat, new_york.lng, np.array([chicago.lat]), np.array([chicago.lng]))
    assert apart[0] == pytest.approx(712, abs=5)
