"""Which documents of an index count as lost from the table, and which are known to be leaving."""

import pytest

from catalog.cars import CARS
from indexer import emptied, generations

INDEXED = "CREATE TEMP TABLE indexed (id text, digest text)"
PENDING = "INSERT INTO pending (generation_id, document, since) VALUES ($1, $2, now())"


@pytest.fixture
async def followed(stage):
    """The live generation and a coming one."""
    async with stage.leased() as lease, lease.transaction() as db:
        live = await generations.begin(db, CARS, "view", "settings", None)
        await generations.change(db, live.id, state="live", index_uid="cars")
        coming = await generations.begin(db, CARS, "view", "settings", None)
    return live, coming


async def test_lost_is_what_the_table_has_not_and_nobody_is_told_of(stage, followed):
    live, coming = followed
    await stage.add("shown", "hidden")
    await stage.db.execute("UPDATE listings SET active = false WHERE key = 'hidden'")
    await stage.db.execute("DELETE FROM outbox")
    await stage.db.execute(
        "INSERT INTO outbox (kind, key) VALUES ('listing', 'leaves'), ('dealer', 'a dealer')"
    )
    await stage.db.execute(PENDING, live.id, "on its way")
    await stage.db.execute(PENDING, coming.id, "elsewhere")
    lost = ["hidden", "a dealer", "elsewhere", "unheard of"]
    async with stage.db.acquire() as db:
        await db.execute(INDEXED)
        await db.copy_records_to_table(
            "indexed",
            schema_name="pg_temp",
            columns=["id"],
            records=[(key,) for key in [*lost, *lost, "shown", "leaves", "on its way"]],
        )
        assert await emptied.lost(db, CARS) == len(lost)
        await db.execute("DROP TABLE pg_temp.indexed")


@pytest.mark.parametrize("told", ["live", "coming", "nobody"])
async def test_what_leaves_another_index_is_missed_in_the_live_one(stage, followed, told):
    body = [{"id": f"G{n}"} for n in range(20)]
    task = await stage.engine.call("POST", "/indexes/cars/documents?primaryKey=id", json=body)
    await stage.engine.wait(task["taskUid"])
    generation = {"live": followed[0], "coming": followed[1], "nobody": None}[told]
    for each in body if generation else ():
        await stage.db.execute(PENDING, generation.id, each["id"])
    refused = await emptied.refusal(stage.db, stage.engine, CARS)
    assert (refused is None) == (told == "live")
