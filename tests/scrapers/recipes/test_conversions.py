import pytest

from scrapers.recipes.conversions import convert

BASE = "https://cars.example/list?page=2"


@pytest.mark.parametrize(
    ("kind", "texts", "converted"),
    [
        ("text", ["", "EX-L", "LX"], ["EX-L"]),
        ("price", ["$28.5k"], ["28500"]),
        ("price", ["Was $30,000 Now $28,500"], ["28500"]),
        ("price", ["From $299/mo"], ["From $299/mo"]),
        ("mileage", ["13k miles"], ["13000"]),
        ("kilometers", ["120.000"], ["74565"]),
        ("kilometers", ["10 mi"], ["10"]),
        ("year", ["05/2018"], ["2018"]),
        ("date", ["2026-11-22T10:00:00Z"], ["2026-11-22"]),
        ("date", ["11/22/2026"], ["2026-11-22"]),
        ("date", ["November 22, 2026"], ["2026-11-22"]),
        ("date", ["sometime"], ["sometime"]),
        ("drivetrain", ["All Wheel Drive"], ["AWD"]),
        ("condition", ["pre-owned"], ["Used"]),
        ("color", ["Agate Black Metallic"], ["Black"]),
        ("make", ["INFINITI"], ["INFINITI"]),
        ("fuel_type", ["moonshine"], ["moonshine"]),
        ("list", ["Heated Seats | Sunroof", "Navigation, Bose"], None),
        ("url", ["javascript:void(0)", "/cars/1", "/cars/2"], ["https://cars.example/cars/1"]),
        ("urls", ["a.jpg", "mailto:x"], ["https://cars.example/a.jpg"]),
        ("price", [], []),
    ],
)
def test_texts_become_what_they_mean_or_stay(kind, texts, converted):
    if converted is None:
        converted = ["Heated Seats", "Sunroof", "Navigation", "Bose"]
    assert convert(kind, texts, BASE) == converted


def test_a_date_is_read_as_its_format_says():
    assert convert("date", ["03.04.2026"], BASE, "%d.%m.%Y") == ["2026-04-03"]
