"""What people write is understood: sightings of real listings, and rules for the rest."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.vocabulary import fold
from scrapers.normalise.color import FAMILIES, color_family
from scrapers.normalise.name import MAKES
from scrapers.normalise.offer import CHOICES, CONDITIONS
from scrapers.normalise.vocabulary import UNKNOWN, Meaning

SIGHTINGS = Path(__file__).parent / "sightings"
FIELDS = {
    "body_style": CHOICES["body_type"].meaning,
    "drivetrain": CHOICES["drivetrain"].meaning,
    "fuel_type": CHOICES["fuel_type"].meaning,
    "make": MAKES.meaning,
    "stock_type": CONDITIONS.meaning,
    "exterior_color": color_family,
    "interior_color": color_family,
}
VALUES = {
    "body_type": "SUV Truck Sedan Hatchback Coupe Convertible Wagon Minivan Van",
    "drivetrain": "AWD 4WD FWD RWD 2WD",
    "transmission": "Automatic Manual CVT",
}
FUELS = "Gasoline|Hybrid|Plug-in Hybrid|Diesel|Electric|Flex Fuel|Hydrogen|Natural Gas"  # by value
COLORS = "Black White Gray Silver Blue Red Green Brown Beige Gold Orange Yellow Purple Pink Other"


def sightings(name: str) -> list[tuple[str, int]]:
    with (SIGHTINGS / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row["spelling"], int(row["seen"])) for row in rows]


@pytest.mark.parametrize("name", FIELDS)
def test_of_a_hundred_sightings_ninety_nine_get_a_value(name: str) -> None:
    seen = sightings(name)
    valued = sum(count for spelling, count in seen if FIELDS[name](spelling).value is not None)
    assert valued / sum(count for _, count in seen) >= 0.99


def test_the_values_are_the_catalogs() -> None:
    for name, values in VALUES.items():
        assert set(CHOICES[name].values) == set(values.split())
    assert set(CHOICES["fuel_type"].values) == set(FUELS.split("|"))
    assert set(FAMILIES) == set(COLORS.split())


def test_makes_are_written_as_their_makers_write_them() -> None:
    assert all(MAKES.meaning(make).value == make for make, _ in sightings("make"))


@pytest.mark.parametrize(
    ("spelling", "make"),
    [
        ("MERCEDES-BENZ", "Mercedes-Benz"),
        ("mercedes benz", "Mercedes-Benz"),
        ("Mercedes", "Mercedes-Benz"),
        ("RAM", "RAM"),
        ("Ram", "RAM"),
        ("Infiniti", "INFINITI"),
        ("SMART", "smart"),
        ("Mini", "MINI"),
        ("Fiat", "FIAT"),
        ("chevy", "Chevrolet"),
        ("vw", "Volkswagen"),
        ("LAND_ROVER", "Land Rover"),
        ("alfa-romeo", "Alfa Romeo"),
        ("skoda", "Škoda"),
        ("Maruti", "Maruti Suzuki"),
    ],
)
def test_makes_of_other_spellings(spelling: str, make: str) -> None:
    assert MAKES.meaning(spelling) == Meaning(make, True)


# One line a spelling that no list holds as it is: the rules must get it.
@pytest.mark.parametrize(
    ("field", "spelling", "value"),
    [
        ("body_type", "4D Sport Utility", "SUV"),
        ("body_type", "SUV / Crossover", "SUV"),
        ("body_type", "Crew Cab Pickup - Short Bed", "Truck"),
        ("body_type", "Full-size Cargo Van", "Van"),
        ("body_type", "Mini-van, Passenger", "Minivan"),
        ("body_type", "Wagon 4 Dr.", "Wagon"),
        ("body_type", "Limousine", "Sedan"),
        ("body_type", "kombi", "Wagon"),
        ("body_type", "2dr Convertible", "Convertible"),
        ("body_type", "CROSSOVER", "SUV"),
        ("body_type", "5dr HB", "Hatchback"),
        ("drivetrain", "all-wheel drive with locking differential", "AWD"),
        ("drivetrain", "4MATIC®", "AWD"),
        ("drivetrain", "4X4", "4WD"),
        ("drivetrain", "Front Wheel Drive (FWD)", "FWD"),
        ("drivetrain", "2-Wheel Drive, Rear", "RWD"),
        ("drivetrain", "front-engine rear-wheel drive", "RWD"),
        ("drivetrain", "Dual Motor", "AWD"),
        ("fuel_type", "Gasoline/Mild Electric Hy", "Hybrid"),
        ("fuel_type", "Plug-In Electric/Gas", "Plug-in Hybrid"),
        ("fuel_type", "Gas/Electric Hybrid", "Hybrid"),
        ("fuel_type", "Electric Fuel System", "Electric"),
        ("fuel_type", "Premium Unleaded (Required)", "Gasoline"),
        ("fuel_type", "Gasoline/E85 Ethanol", "Flex Fuel"),
        ("fuel_type", "benzin", "Gasoline"),
        ("fuel_type", "Hydrogen Fuel Cell", "Hydrogen"),
        ("fuel_type", "Compressed Natural Gas (CNG)", "Natural Gas"),
        ("transmission", "8-Speed Automatic w/OD", "Automatic"),
        ("transmission", "Automatic CVT", "CVT"),
        ("transmission", "Continuously Variable (ECVT)", "CVT"),
        ("transmission", "6-Speed Manual", "Manual"),
        ("transmission", "6-Speed M/T", "Manual"),
        ("transmission", "9-Speed A/T", "Automatic"),
        ("transmission", "7-Speed Automated Manual", "Automatic"),
        ("transmission", "7-Speed DSG® with Tiptronic®", "Automatic"),
        ("transmission", "manuell", "Manual"),
        ("transmission", "Automatik", "Automatic"),
    ],
)
def test_spellings_of_other_sites(field: str, spelling: str, value: str) -> None:
    assert CHOICES[field].meaning(spelling) == Meaning(value, True)


@pytest.mark.parametrize(
    ("spelling", "condition"),
    [
        ("https://schema.org/UsedCondition", "Used"),
        ("NewCondition", "New"),
        ("n", "New"),
        ("U", "Used"),
        ("CPO", "Certified"),
        ("Certified Pre-Owned", "Certified"),
        ("Pre-Owned", "Used"),
        ("like new", "Used"),
        ("Gebraucht", "Used"),
        ("Previously Owned", "Used"),
    ],
)
def test_conditions(spelling: str, condition: str) -> None:
    assert CONDITIONS.meaning(spelling) == Meaning(condition, True)


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("Agate Black Metallic", "Black"),
        ("Ice Cap", "White"),
        ("Black Jade Green", "Green"),
        ("Black Cherry Metallic", "Red"),
        ("White Platinum Metallic Tri-Coat", "White"),
        ("Everest White Pearl Tricoat/Super Black", "White"),
        ("Wind Chill Pearl w/Midnight Black Metallic Roof", "White"),
        ("Cactus Green / Gray", "Green"),
        ("Two-Tone (Red, Gray)", "Red"),
        ("STEEL BLUE", "Blue"),
        ("Gun Metallic", "Gray"),
        ("schwarz", "Black"),
        ("weiß", "White"),
        ("grün", "Green"),
        ("Rosso Corsa", "Red"),
        ("gris fonce", "Gray"),
        ("Blk", "Black"),
        ("multi-color", "Other"),
    ],
)
def test_colors_have_a_family(name: str, family: str) -> None:
    assert color_family(name) == Meaning(family, True)


def test_a_code_is_no_color_and_not_specified_is_known_to_say_nothing() -> None:
    assert color_family("41") == UNKNOWN
    assert color_family("Not Specified") == Meaning(None, True)


@pytest.mark.parametrize("name", FIELDS)
@given(text=st.text(max_size=80))
def test_any_text_is_understood_or_unknown(
    name: str, text: str
) -> None:  # never an error, whatever a page holds
    meaning = FIELDS[name](text)
    assert meaning.known or meaning.value is None


@given(st.sampled_from([spelling for name in FIELDS for spelling, _ in sightings(name)]))
def test_case_and_margins_do_not_matter(spelling: str) -> None:
    understand: Callable[[str], Meaning]
    for understand in FIELDS.values():
        assert understand(spelling) == understand(f" {spelling.upper()} ")


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
