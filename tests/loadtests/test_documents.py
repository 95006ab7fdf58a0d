import subprocess
import sys

import orjson
import pytest

from loadtests import documents
from stack.market import cars, dealers, fleet

SEED = 20260101


@pytest.fixture(scope="module")
def source() -> cars.Source:
    return cars.Source(SEED, fleet.build(SEED), dealers.build(SEED, 300))


@pytest.fixture(scope="module")
def bodies(source) -> list[dict]:
    return [
        orjson.loads(line)
        for chunk in documents.lines(source, 12_345)
        for line in chunk.splitlines()
    ]


def test_as_many_as_asked_each_with_its_own_id(bodies):
    assert len(bodies) == len({body["id"] for body in bodies}) == 12_345


def test_the_same_seed_gives_the_same_lines(source):
    assert b"".join(documents.lines(source, 700)) == b"".join(documents.lines(source, 700))


def test_words_are_those_of_the_catalog(bodies):
    bodies_known = {"SUV", "Truck", "Sedan", "Hatchback", "Coupe", "Convertible", "Wagon"}
    assert {body["body_type"] for body in bodies} == bodies_known | {"Minivan", "Van"}
    assert {body["drivetrain"] for body in bodies} <= {"AWD", "4WD", "FWD", "RWD", "2WD"}
    assert {body["transmission"] for body in bodies} == {"Automatic", "Manual", "CVT"}
    assert {body["condition"] for body in bodies} == {"New", "Used", "Certified"}
    fuels = {"Gasoline", "Hybrid", "Plug-in Hybrid", "Diesel", "Electric", "Flex Fuel"}
    assert {body["fuel_type"] for body in bodies} == fuels


def test_a_document_has_the_fields_of_the_index(bodies):
    assert bodies[0].keys() == {
        *("id", "vin", "title", "year", "make", "model", "trim", "body_type", "drivetrain"),
        *("fuel_type", "transmission", "condition", "certified", "color", "exterior_color"),
        *("interior_color", "engine", "mileage", "price", "msrp", "price_drop", "features"),
        *("photos", "url", "stock_number", "source", "offers", "dealer", "city", "state", "zip"),
        *("_geo", "grid", "buckets", "listed_at", "digest"),
    }
    assert bodies[0]["_geo"].keys() == {"lat", "lng"}


def test_a_reader_that_leaves_early_is_no_failure():
    command = (sys.executable, "-m", "loadtests.documents", "--count", "100000")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as writer:
        assert writer.stdout.readline().startswith(b"{")
        writer.stdout.close()
        assert writer.wait(60) == 0
        assert writer.stderr.read() == b""
