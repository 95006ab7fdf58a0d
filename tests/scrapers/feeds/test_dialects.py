"""Files of many dialects: each with what must come out of it beside it.

The files repeat the headers and spellings of Google, Meta and HomeNet feeds and of public data
sets (Craigslist, eBay Kleinanzeigen, CarDekho, 100,000 UK used cars, car features and MSRP);
their cars are made up.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from scrapers.feeds.columns import recognise
from scrapers.feeds.drafts import Reader
from scrapers.feeds.keys import Keys
from scrapers.feeds.opening import open_feed
from scrapers.feeds.tables import Broken, read_table
from scrapers.normalise import Refused, normalise

DIALECTS = Path(__file__).parent / "dialects"
MAPS = {
    "german.csv": [
        ("title", "Fahrzeug"),
        ("price", "Betrag"),
        ("mileage", "tacho"),
        ("zip", "Standort"),
    ]
}
FILES = sorted(path.name for path in DIALECTS.iterdir() if path.suffix != ".json")


def understood(path: Path) -> dict[str, Any]:
    """What a file's columns, rows and refused rows are understood as; empty values left out."""
    offers, refused = [], []
    with open_feed(str(path)) as feed, Keys() as keys:
        table = read_table(feed)
        layout = recognise(table, MAPS.get(path.name, ()))
        reader = Reader("file", layout)
        for record in table.records():
            if isinstance(record, Broken):
                refused.append([record.line, record.code])
                continue
            try:
                draft, said = reader.read(record.cells)
                draft.external_id = keys.key(said)
                offers.append(_said(asdict(normalise(draft))))
            except Refused as error:
                refused.append([record.line, error.code])
    columns = {name: [column.name for column in found] for name, found in layout.fields.items()}
    return {"columns": columns, "left_out": layout.left_out, "offers": offers, "refused": refused}


def _said(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _said(value) if isinstance(value, dict) else value
        for name, value in values.items()
        if value not in (None, [], False) and name != "source"
    }


@pytest.mark.parametrize("name", FILES)
def test_a_file_gives_what_stands_beside_it(name: str) -> None:
    expected = json.loads((DIALECTS / name).with_suffix(".json").read_text(encoding="utf-8"))
    assert understood(DIALECTS / name) == expected
