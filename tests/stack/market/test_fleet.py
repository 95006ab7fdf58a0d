from collections import Counter

import numpy as np
import pytest
import ultravin

from stack.market import fleet, vocabulary

DRAWN = 20_000


@pytest.fixture(scope="module")
def drawn(source) -> list[fleet.Kind]:
    chosen = source.fleet.draw(np.random.default_rng(1), DRAWN)
    return [source.fleet.kinds[at] for at in chosen]


@pytest.mark.parametrize(("table", "part"), [("makes", "make"), ("body_styles", "body")])
def test_shares_are_those_of_the_vocabulary(drawn, table, part):
    seen = Counter(getattr(kind, part) for kind in drawn)
    for word, share in vocabulary.shares(table).items():
        assert seen[word] / DRAWN == pytest.approx(share, abs=0.012), word


def test_most_are_suvs_trucks_and_sedans(drawn):
    common = [word for word, _ in Counter(kind.body for kind in drawn).most_common(3)]
    assert common == ["SUV", "Truck", "Sedan"]


def test_the_commonest_models_are_those_of_the_streets(drawn):
    common = [model for model, _ in Counter(kind.model for kind in drawn).most_common(12)]
    assert {"Silverado 1500", "F-150", "RAV4", "CR-V"} <= set(common)


def test_the_same_seed_gives_the_same_fleet():
    first, second = fleet.build(7, size=200), fleet.build(7, size=200)
    assert first.kinds == second.kinds
    assert (first.letters == second.letters).all()
    assert (first.cumulative == second.cumulative).all()
    assert fleet.build(8, size=200).kinds != first.kinds


def test_makes_are_spelled_as_shoppers_do(drawn):
    makes = {kind.make for kind in drawn}
    assert {"Toyota", "BMW", "Mercedes-Benz", "RAM", "GMC", "MINI", "Land Rover"} <= makes


@pytest.mark.parametrize(
    ("said", "fuel"),
    [
        ({"Fuel Type - Primary": "Gasoline"}, "Gasoline"),
        ({"Fuel Type - Primary": "Diesel"}, "Diesel"),
        ({"Fuel Type - Primary": "Electric"}, "Electric"),
        ({"Fuel Type - Primary": "Gasoline", "Fuel Type - Secondary": "Electric"}, "Hybrid"),
        (
            {
                "Fuel Type - Primary": "Electric",
                "Fuel Type - Secondary": "Gasoline",
                "Electrification Level": "PHEV (Plug-in Hybrid Electric Vehicle)",
            },
            "Plug-in Hybrid",
        ),
        ({"Electrification Level": "Mild HEV (Hybrid Electric Vehicle)"}, "Mild Hybrid"),
        ({"Fuel Type - Primary": "Flexible Fuel Vehicle (FFV)"}, "Flex Fuel"),
        ({"Fuel Type - Primary": "Fuel Cell"}, ""),
    ],
)
def test_fuel_follows_what_the_vin_says(said, fuel):
    assert fleet._fuel(said) == fuel


def test_vins_with_a_makers_name_in_the_serial_number_are_left_out():
    years = {"min_year": 2019, "max_year": 2024}
    some = ultravin.generate(300, make="FORD", vehicle_type=2, now=fleet.NOW, **years)
    assert any(vin[2] == "9" for vin in some)
    kept = [answer["vin"] for answer in fleet._decoded("Ford", 0, 300)]
    assert len(kept) > 1_000
    assert not any(vin[2] == "9" for vin in kept)


def test_every_kind_decodes_without_error(source):
    vins = ["".join(map(chr, letters)) for letters in source.fleet.letters[::50]]
    answers = ultravin.decode_batch(vins, now=fleet.NOW)
    assert all(answer["error_codes"] == [0] for answer in answers)
