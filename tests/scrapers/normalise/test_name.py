"""Names of cars."""

import pytest

from scrapers.normalise.name import Name, only_maker, split_name, tidy_model, without_condition


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("2019 Toyota Land Cruiser Base 4WD", Name(2019, "Toyota", "Land Cruiser")),
        ("Certified Pre-Owned 2021 BMW 3 Series 330i", Name(2021, "BMW", "3 Series")),
        ("Maruti Swift Dzire VDI", Name(None, "Maruti Suzuki", "Swift Dzire")),
        ("Mercedes-Benz C-Class C 300", Name(None, "Mercedes-Benz", "C-Class")),
        ("2016 Range Rover Sport HSE", Name(2016, "Land Rover", "Range Rover Sport")),
        ("2011 Mini Cooper S Base", Name(2011, "MINI", "Cooper S")),
        ("2012 Dodge Ram 1500 SLT", Name(2012, "RAM", "1500")),
        ("2014 ram 1500 tradesman", Name(2014, "RAM", "1500")),
        ("ford f150 2012 lariat", Name(2012, "Ford", "F-150")),
        ("Hyundai Quux Deluxe", Name(None, "Hyundai", "Quux")),
        ("2015 (15) ford focus 1.0 Zetec", Name(2015, "Ford", "Focus")),
        ("Must see! 2012 Honda Civic EX", Name(2012, "Honda", "Civic")),
        ("A smart buy for you", Name(None, None, None)),
        ("Great deal, must sell", Name(None, None, None)),
        ("", Name(None, None, None)),
    ],
)
def test_a_title_is_taken_apart(title: str, name: Name) -> None:
    assert split_name(title) == name


@pytest.mark.parametrize(
    ("title", "left"),
    [
        ("Used 2022 Toyota Corolla Cross LE", "2022 Toyota Corolla Cross LE"),
        ("New 2025 Kia Rio", "2025 Kia Rio"),
        ("Pre-Owned 2019 Kia Rio", "2019 Kia Rio"),
        ("CERTIFIED PRE-OWNED: 2019 Kia Rio", "2019 Kia Rio"),
        ("Certified Pre Owned 2019 Kia Rio", "2019 Kia Rio"),
        ("Used (2019) Kia Rio", "Used (2019) Kia Rio"),
        ("New Beetle 2004", "New Beetle 2004"),
        ("Newly painted 2004 Kia", "Newly painted 2004 Kia"),
        ("2022 Kia Rio, used", "2022 Kia Rio, used"),
    ],
)
def test_a_condition_before_the_year_is_no_part_of_the_title(title: str, left: str) -> None:
    assert without_condition(title) == left


@pytest.mark.parametrize(
    ("make", "model", "tidy"),
    [
        ("Ford", "f-150", "F-150"),
        ("Ford", "F150", "F-150"),
        ("Toyota", "RAV4", "RAV4"),
        ("Toyota", "toyota camry", "Camry"),
        ("Honda", "CIVIC", "Civic"),
        ("Chevrolet", "silverado 1500 crew", "Silverado 1500 Crew"),
        ("Quux", "FLYER GT", "Flyer GT"),
        (None, "Camry", "Camry"),
        ("Ford", None, None),
    ],
)
def test_a_model_is_written_as_its_maker_does(
    make: str | None, model: str | None, tidy: str | None
) -> None:
    assert tidy_model(make, model) == tidy


def test_a_model_of_one_maker_only_names_its_make() -> None:
    assert only_maker("camry") == "Toyota"
    assert only_maker("Continental") is None  # Lincoln's and Bentley's
    assert only_maker("Quux") is None
