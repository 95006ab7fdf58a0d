"""What the indexer asks for by itself."""

import asyncio

import pytest

from indexer import watch


@pytest.mark.parametrize("ended", ["Canceled by request.", "The gate did not let it pass."])
async def test_a_lost_index_is_made_again_soon_after_a_reindex_that_failed(
    stage, monkeypatch, ended
):
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(watch, "WITHOUT_SECONDS", 0.5)
    await stage.add("A")
    async with stage.indexing():
        await stage.settled()
        first = await stage.live()
        await stage.db.execute(
            "INSERT INTO jobs (kind, key, state, error, finished_at)"
            " VALUES ('reindex', 'cars', 'failed', $1, now())",
            ended,
        )
        task = await stage.engine.call("DELETE", "/indexes/cars")
        await stage.engine.wait(task["taskUid"])
        end = asyncio.get_running_loop().time() + 20
        while (now := await stage.live()) is None or now.id == first.id:
            assert asyncio.get_running_loop().time() < end, "no other generation is live"
            await asyncio.sleep(0.05)
        await stage.settled()
        assert set(await stage.indexed()) == {"A"}
