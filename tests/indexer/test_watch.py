"""What the indexer asks for by itself."""

import asyncio

import pytest

from indexer import watch


async def test_a_count_that_takes_long_does_not_keep_an_index_from_being_made(stage, monkeypatch):
    asked = []

    async def takes_long(*args):
        asked.append(args[-1])
        raise TimeoutError

    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(watch, "ASK_AGAIN_SECONDS", 0.1)
    monkeypatch.setattr(watch, "WITHOUT_SECONDS", 0.1)
    refusal = watch.emptied.refusal
    await stage.db.execute(
        "INSERT INTO jobs (kind, key, state, error, finished_at)"
        " VALUES ('reindex', 'cars', 'failed', 'It failed.', now())"
    )

    async def slow_for_the_watch(*args):
        return await (takes_long(*args) if len(args) == 4 else refusal(*args))

    monkeypatch.setattr(watch.emptied, "refusal", slow_for_the_watch)
    async with stage.indexing():
        await stage.until(stage.live)
    assert asked == [watch.COUNT_SECONDS] * len(asked) != []


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
