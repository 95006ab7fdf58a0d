"""The documents of cars as people see them: each field's JSON Schema (draft 2020-12)."""

from typing import Any


def _text(example: str, description: str = "") -> dict[str, Any]:
    told = {"description": description} if description else {}
    return {"type": ["string", "null"], **told, "examples": [example]}


def _whole(example: int, description: str = "") -> dict[str, Any]:
    told = {"description": description} if description else {}
    return {"type": ["integer", "null"], **told, "examples": [example]}


def _texts(*examples: str) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string"}, "examples": [list(examples)]}


CAR_FIELDS: dict[str, dict[str, Any]] = {
    "id": {
        "type": "string",
        "description": "the key: the VIN where there is one",
        "examples": ["4T1G11AK5LU123456"],
    },
    "vin": _text("4T1G11AK5LU123456"),
    "title": _text("2020 Toyota Camry SE"),
    "year": _whole(2020),
    "make": _text("Toyota"),
    "model": _text("Camry"),
    "trim": _text("SE"),
    "body_type": _text("Sedan"),
    "drivetrain": _text("FWD"),
    "fuel_type": _text("Gasoline"),
    "transmission": _text("Automatic"),
    "condition": _text("Used"),
    "color": _text("Red", "the family of the exterior color"),
    "exterior_color": _text("Supersonic Red", "as the source writes it"),
    "interior_color": _text("Black"),
    "engine": _text("2.5L I4"),
    "mileage": _whole(41200, "miles"),
    "price": _whole(18995, "whole dollars; null where it is to be asked for"),
    "msrp": _whole(26170, "whole dollars"),
    "price_drop": _whole(1000, "dollars off at the last change of the price"),
    "features": _texts("Bluetooth", "Heated Seats"),
    "photos": _texts("https://example.com/camry.jpg"),
    "description": _text("One owner, no accidents."),
    "url": _text("https://example.com/camry", "the source's page"),
    "stock_number": _text("P1234"),
    "source": _text("market"),
    "offers": {"type": "integer", "description": "live offers", "examples": [1]},
    "dealer": {
        "type": ["object", "null"],
        "properties": {
            "id": {"type": "integer", "examples": [7]},
            "name": {"type": "string", "examples": ["Loop Motors"]},
            "phone": _text("(312) 555-0100"),
            "city": _text("Chicago"),
            "state": _text("IL"),
            "zip": _text("60601"),
        },
        "required": ["id", "name"],
    },
    "city": _text("Chicago"),
    "state": _text("IL"),
    "zip": _text("60601"),
    "listed_at": {
        "type": "integer",
        "description": "seconds since 1970",
        "examples": [1760000000],
    },
}
