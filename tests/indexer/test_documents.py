"""Documents are read as the view has them, and a view that hides rows deletes nothing."""

from dataclasses import replace

import orjson
import pytest

from catalog.cars import CARS
from indexer import documents


async def test_what_the_view_has_not_is_gone(stage):
    await stage.add("A", "B")
    await stage.db.execute("UPDATE listings SET active = false WHERE key = 'B'")
    read = await documents.read(stage.db, CARS, ["A", "B", "C"])
    assert list(read.bodies) == ["A"]
    assert read.gone == ["B", "C"]


async def test_a_body_is_one_line_of_json_whatever_is_in_it(stage):
    await stage.add("A", "B", title='two\nlines, "quotes" and \u2028 more')
    lines = (await documents.read(stage.db, CARS, ["A", "B"])).ndjson().split(b"\n")
    assert [orjson.loads(line)["title"] for line in lines] == [
        'two\nlines, "quotes" and \u2028 more'
    ] * 2


async def test_a_batch_is_bounded_in_bytes_and_the_rest_is_not_taken_for_gone(stage, monkeypatch):
    monkeypatch.setattr(documents, "BATCH_BYTES", 2_000)
    await stage.add(*(f"K{n}" for n in range(50)))
    read = await documents.read(stage.db, CARS, [f"K{n}" for n in range(50)])
    assert 0 < len(read.bodies) < 50
    assert read.gone == []


async def test_a_view_that_hides_active_rows_stops_the_batch(stage):
    await stage.add("A", "B")
    await stage.db.execute(
        "CREATE OR REPLACE VIEW half AS SELECT * FROM cars_documents WHERE id <> 'B'"
    )
    with pytest.raises(documents.ViewIsWrong, match="active rows of listings \\(B"):
        await documents.read(stage.db, replace(CARS, view="half"), ["A", "B"])
