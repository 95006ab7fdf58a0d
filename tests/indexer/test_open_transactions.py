"""A transaction that stays open delays what it changed, and nothing else."""

from jobs import rows


async def test_an_open_writer_delays_its_own_rows_only(stage):
    await stage.add("open", "other", price=1)
    async with stage.indexing():
        await stage.settled()
        async with stage.db.acquire() as slow, slow.transaction():
            await slow.execute("UPDATE listings SET price = 2 WHERE key = 'open'")
            for price in (2, 3):
                await stage.db.execute("UPDATE listings SET price = $1 WHERE key = 'other'", price)
                await stage.settled()
                prices = {key: each["price"] for key, each in (await stage.indexed()).items()}
                assert prices == {"open": 1, "other": price}
        await stage.settled()
        assert (await stage.indexed())["open"]["price"] == 2


async def test_a_reindex_passes_sessions_that_are_idle_in_transactions(stage):
    await stage.add("changed", "other", price=1)
    async with stage.indexing():
        await stage.settled()
        first = await stage.live()
        async with (
            stage.db.acquire() as reader,
            stage.db.acquire() as writer,
            reader.transaction(isolation="repeatable_read"),
            writer.transaction(),
        ):
            await reader.fetchval("SELECT count(*) FROM listings, generations, pending, outbox")
            await writer.execute("UPDATE listings SET price = 2 WHERE key = 'changed'")
            await rows.enqueue(stage.db, "reindex", "cars")
            await stage.settled()
            assert (await stage.live()).id > first.id
        await stage.settled()
        assert (await stage.indexed())["changed"]["price"] == 2
        assert await stage.differing() == {}
