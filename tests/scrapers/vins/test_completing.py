"""The page counts; the VIN says what it leaves out, unless it is another car's."""

import pytest

from catalog.cars import OfferRow
from scrapers.vins.completing import complete
from scrapers.vins.facts import Facts

TOLD = Facts(
    year=2021, make="Ford", model="F-150", body_type="Truck", drivetrain="4WD", fuel_type="Gasoline"
)


def completed(told: Facts = TOLD, **said) -> OfferRow:
    row = OfferRow(source="lot", external_id="1", **said)
    complete(row, told)
    return row


def test_what_the_page_leaves_out_is_filled_in() -> None:
    row = completed(price=20_000)
    assert (row.year, row.make, row.model, row.body_type) == (2021, "Ford", "F-150", "Truck")
    assert row.title == "2021 Ford F-150"
    assert row.problems == []


def test_what_the_page_says_stays() -> None:
    row = completed(year=2021, make="Ford", model="F-150", drivetrain="RWD", title="A truck")
    assert (row.drivetrain, row.title, row.fuel_type) == ("RWD", "A truck", "Gasoline")
    assert row.problems == []


@pytest.mark.parametrize(
    ("said", "problems"),
    [
        ({"make": "Kia", "year": 2019}, ["vin/make_differs"]),
        ({"make": "Ford", "year": 2019}, ["vin/year_differs"]),
        ({"make": "Ford", "model": "Focus"}, ["vin/model_differs"]),
        ({"year": 2020, "model": "Ranger"}, ["vin/year_differs", "vin/model_differs"]),
    ],
)
def test_a_disagreement_is_a_problem_and_fills_nothing(said: dict, problems: list[str]) -> None:
    row = completed(**said)
    assert row.problems == problems
    assert row.body_type is None


def test_the_year_of_a_vin_comes_again_after_thirty() -> None:
    assert completed(year=1991).problems == []


@pytest.mark.parametrize(
    ("make", "page", "told"),
    [
        ("BMW", "3 Series", "330i"),
        ("Mercedes-Benz", "C 300", "C-Class"),
        ("Mercedes-Benz", "GLC 300", "GLC-Class"),
        ("Chevrolet", "Silverado 1500", "Silverado"),
        ("Chevrolet", "Silverado 2500", "Silverado HD"),
        ("Volvo", "V60 Cross Country", "V60CC"),
        ("Ford", "F150", "F-150"),
        ("Ford", "Mustang", "Mustang Mach-E"),
    ],
)
def test_a_model_has_several_names(make: str, page: str, told: str) -> None:
    assert completed(Facts(make=make, model=told), make=make, model=page).problems == []


@pytest.mark.parametrize(
    ("page", "told"), [("Camry", "Corolla"), ("Model 3", "Model Y"), ("CR-V", "Civic")]
)
def test_models_that_begin_alike_are_still_two(page: str, told: str) -> None:
    assert completed(Facts(model=told), model=page).problems == ["vin/model_differs"]


def test_what_was_read_from_a_card_alone_waits_for_its_page() -> None:
    row = completed(make="Ford", card_digest="a")
    assert row.body_type is None
    assert completed(make="Kia", card_digest="a").problems == ["vin/make_differs"]
