"""The fields that people are told of are those that the view writes."""

from typing import Any

import jsonschema_rs
import orjson
import pytest

from catalog.cars import CARS
from catalog.database import connect

INTERNAL = {"digest", "_geo", "grid", "buckets"}
SOURCE = """
INSERT INTO sources (name, vertical, start_url, parser, every) VALUES ('s', 'cars', '', '', 60)
"""
DEALER = "INSERT INTO dealers (id, source, external_id, name) VALUES (1, 's', 'd', 'Loop Motors')"
FULL = """
INSERT INTO listings (key, active, vin, title, year, make, mileage, price, features, photos, zip,
                      lat, lng, dealer_id, source, offers, price_drop)
VALUES ('FULL', true, 'FULL', 'A car', 2020, 'Kia', 10, 20000, '{Bluetooth}', '{x}', '60601',
        41.9, -87.6, 1, 's', 1, 500)
"""
EMPTY = "INSERT INTO listings (key, active) VALUES ('EMPTY', true)"


@pytest.fixture
async def written(postgres_url: str) -> list[dict[str, Any]]:
    async with connect(postgres_url) as pool:
        for statement in (SOURCE, DEALER, FULL, EMPTY):
            await pool.execute(statement)
        bodies = await pool.fetch(f"SELECT body::text FROM {CARS.view} ORDER BY id")
    return [orjson.loads(row["body"]) for row in bodies]


async def test_every_field_of_the_view_is_declared_and_has_its_type(written):
    schema = {"properties": CARS.fields, "additionalProperties": False}
    assert [document["id"] for document in written] == ["EMPTY", "FULL"]
    for document in written:
        shown = {name: value for name, value in document.items() if name not in INTERNAL}
        assert set(shown) == set(CARS.fields)
        jsonschema_rs.validate(schema, shown)
    assert set(written[1]["dealer"]) == set(CARS.fields["dealer"]["properties"])
