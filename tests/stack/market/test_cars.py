from collections import Counter

import pytest
import ultravin

from stack.market import cars, fleet, vocabulary

BODY_WORDS = {
    "SUV": "Utility Vehicle",
    "Truck": ("Pickup", "Truck"),
    "Sedan": "Sedan",
    "Hatchback": "Hatchback",
    "Coupe": "Coupe",
    "Convertible": ("Convertible", "Roadster"),
    "Wagon": "Wagon",
    "Minivan": "Minivan",
    "Passenger Van": "Van",
    "Cargo Van": "Cargo Van",
}


@pytest.fixture(scope="module")
def stock(market) -> list[cars.Car]:
    return market.table.cars


@pytest.fixture(scope="module")
def decoded(stock) -> list[tuple[cars.Car, dict[str, str]]]:
    """Every tenth car with what its VIN says."""
    chosen = stock[::10]
    answers = ultravin.decode_batch([car.vin for car in chosen], now=fleet.NOW)
    return [(car, answer["attributes"]) for car, answer in zip(chosen, answers, strict=True)]


def test_the_vin_says_the_make_and_year(decoded):
    for car, said in decoded:
        assert (car.kind.make.upper(), str(car.kind.year)) == (said["Make"], said["Model Year"])


def test_the_vin_says_the_model(decoded):
    shown = {(row[0], row[1].lower()): row[2] for row in vocabulary.rows("models")}
    for car, said in decoded:
        assert car.kind.model == shown[car.kind.make, said["Model"].lower()]


def test_the_vin_says_the_body(decoded):
    for car, said in decoded:
        words = BODY_WORDS[car.kind.body]
        allowed = (words,) if isinstance(words, str) else words
        assert any(word in said["Body Class"] for word in allowed), car.vin


def test_the_vin_says_the_drive_where_it_says_one(decoded):
    for car, said in decoded:
        drive = said.get("Drive Type", "")
        if "/" in drive and drive != "2WD/4WD":
            assert drive.startswith(car.kind.drive), car.vin
        if drive == "4x2":
            assert car.kind.drive in {"FWD", "RWD"}, car.vin


def test_the_vin_says_the_engine_where_it_says_one(decoded):
    for car, said in decoded:
        if liters := said.get("Displacement (L)"):
            assert car.kind.engine.startswith(f"{float(liters):.1f}L"), car.vin
        if (count := said.get("Engine Number of Cylinders")) and car.kind.engine != "Electric":
            assert count in car.kind.engine.split("L", 1)[-1], car.vin


def test_the_vin_says_the_fuel(decoded):
    for car, said in decoded:
        primary = said.get("Fuel Type - Primary", "Gasoline")
        if car.kind.fuel in {"Diesel", "Electric"}:
            assert primary == car.kind.fuel, car.vin
        if primary == "Diesel":
            assert car.kind.fuel in {"Diesel", "Hybrid", "Mild Hybrid"}, car.vin


def test_the_vin_says_the_trim_where_it_says_one(decoded):
    for car, said in decoded:
        if trims := car.kind.trims:
            assert car.trim in trims
            assert car.trim in said["Trim"]


def test_the_same_seed_draws_the_same_cars(source):
    assert cars.stock(source, 500) == cars.stock(source, 500)
    assert cars.arrivals(source, 3, 50, 900) == cars.arrivals(source, 3, 50, 900)
    assert cars.stock(source._replace(seed=1), 500) != cars.stock(source, 500)


def test_days_differ(source):
    first, second = cars.arrivals(source, 3, 50, 900), cars.arrivals(source, 4, 50, 950)
    assert not {car.uuid for car in first} & {car.uuid for car in second}


def test_a_third_is_new_and_some_are_certified(stock):
    count = len(stock)
    assert sum(car.new for car in stock) / count == pytest.approx(9043 / 24373, abs=0.02)
    assert 0.05 < sum(car.certified for car in stock) / count < 0.12
    assert not any(car.new and car.certified for car in stock)


def test_drivetrains_are_spelled_as_seen(stock):
    spelled = {row[0] for row in vocabulary.rows("drivetrains")}
    seen = Counter(car.drivetrain for car in stock)
    assert set(seen) <= spelled
    assert {"Four-wheel Drive", "4WD", "All-wheel Drive", "AWD", "Unknown", "FWD"} <= set(seen)
    assert seen["4WD"] / seen["Four-wheel Drive"] == pytest.approx(305 / 7445, abs=0.02)


def test_a_drivetrain_is_spelled_in_its_family(stock):
    family = {row[0]: row[2] for row in vocabulary.rows("drivetrains")}
    for car in stock:
        assert family[car.drivetrain] == car.kind.drive or car.drivetrain == "Unknown"


def test_fuels_and_colors_are_spelled_as_seen(stock):
    assert {car.fuel for car in stock} <= {row[0] for row in vocabulary.rows("fuel_types")}
    assert "Gasoline/Mild Electric Hy" in {car.fuel for car in stock}
    assert {"OXFORD WHITE", "Oxford White", "Black"} <= {car.exterior for car in stock}
    assert {"BLACK", "Black", "TAN"} <= {car.interior for car in stock}


def test_there_is_dirt_but_not_much(stock):
    count = len(stock)
    assert 0.005 < sum(not car.asked for car in stock) / count < 0.02
    assert 0.002 < sum(car.mileage is None for car in stock) / count < 0.01
    assert 2 <= sum((car.mileage or 0) > 400_000 for car in stock) <= 12


def test_a_few_cars_stand_at_two_dealers(stock):
    places: dict[str, set[int]] = {}
    for car in stock:
        places.setdefault(car.vin, set()).add(car.dealer)
    twice = [dealers for dealers in places.values() if len(dealers) > 1]
    assert 3 <= len(twice) <= 60
    assert len({car.uuid for car in stock}) == len(stock)


def test_prices_fall_with_age_and_mileage_rises(stock):
    used = [car for car in stock if car.kind.make == "Honda" and not car.new and car.asked]
    old = [car for car in used if car.kind.year <= 2016 and car.mileage]
    young = [car for car in used if car.kind.year >= 2022 and car.mileage]
    assert median(car.asked for car in old) < median(car.asked for car in young) / 1.5
    assert median(car.mileage for car in old) > median(car.mileage for car in young) * 2


def median(values):
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


def test_new_cars_stand_at_dealers_of_their_make(source, stock):
    sold = {dealer.franchise for dealer in source.dealers.all}
    for car in stock:
        if car.new and car.kind.make in sold:
            assert source.dealers.all[car.dealer].franchise == car.kind.make


def test_new_cars_have_a_list_price_and_few_miles(stock):
    assert all(
        car.msrp and car.mileage is not None and car.mileage < 100 for car in stock if car.new
    )
    assert all(car.msrp is None for car in stock if not car.new)
