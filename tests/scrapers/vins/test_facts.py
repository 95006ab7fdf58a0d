"""What a VIN tells, in the catalog's words, from either of NHTSA's forms."""

import datetime

import pytest
import ultravin

from scrapers.normalise.offer import CHOICES
from scrapers.vins import offline
from scrapers.vins.facts import Facts, facts
from tests.scrapers.vins.service import recorded

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def test_the_service_and_the_tables_tell_the_same_of_a_car() -> None:
    told = recorded("decode-vin-extended")["Results"][0]
    expected = Facts(
        year=2021,
        make="Ford",
        model="F-150",
        body_type="Truck",
        drivetrain="4WD",
        fuel_type="Gasoline",
        engine="3.5L 6-cylinder",
    )
    assert facts(told) == expected
    assert facts(offline.decode([told["VIN"]])[0]) == expected


def test_a_sport_utility_is_no_minivan() -> None:
    suv, hatchback = map(facts, recorded("decode-vin-batch")["Results"])
    assert (suv.make, suv.year, suv.body_type) == ("BMW", 2011, "SUV")
    assert (hatchback.make, hatchback.body_type) == ("Tesla", "Hatchback")


@pytest.mark.parametrize(
    ("level", "primary", "fuel"),
    [
        ("BEV (Battery Electric Vehicle)", "Electric", "Electric"),
        ("PHEV (Plug-in Hybrid Electric Vehicle)", "Electric", "Plug-in Hybrid"),
        ("HEV (Hybrid Electric Vehicle) - Level Unknown", "Gasoline", "Hybrid"),
        ("Strong HEV (Hybrid Electric Vehicle)", "Gasoline", "Hybrid"),
        ("Mild HEV (Hybrid Electric Vehicle)", "Diesel", "Hybrid"),
        ("FCEV (Fuel Cell Electric Vehicle)", "", "Hydrogen"),
        ("", "Flexible Fuel Vehicle (FFV)", "Flex Fuel"),
        ("", "", None),
    ],
)
def test_how_far_it_is_electric_decides_its_fuel(
    level: str, primary: str, fuel: str | None
) -> None:
    assert facts({"ElectrificationLevel": level, "FuelTypePrimary": primary}).fuel_type == fuel


@pytest.mark.parametrize(
    ("key", "field"), [("BodyClass", "body_type"), ("FuelTypePrimary", "fuel_type")]
)
def test_ninety_nine_of_a_hundred_values_that_nhtsa_has_for_cars_are_understood(
    key: str, field: str
) -> None:
    vins = ultravin.generate(2000, seed=11, vehicle_type=2, invalid_rate=0, now=NOW)
    said = [text for answer in offline.decode(vins) if (text := answer.get(key))]
    known = sum(CHOICES[field].meaning(text).known for text in said)
    assert len(said) > 1000
    assert known / len(said) >= 0.99
