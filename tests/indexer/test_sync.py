"""From a change in Postgres to the document that a search finds."""


async def test_a_search_finds_an_index_from_the_start(stage):
    async with stage.indexing():
        await stage.settled()
        assert await stage.indexed() == {}


async def test_insert_update_deactivate_and_delete_arrive(stage):
    async with stage.indexing():
        await stage.settled()
        await stage.add("A", "B", "C")
        await stage.settled()
        assert set(await stage.indexed()) == {"A", "B", "C"}
        await stage.db.execute("UPDATE listings SET price = 9000 WHERE key = 'A'")
        await stage.db.execute("UPDATE listings SET active = false WHERE key = 'B'")
        await stage.db.execute("DELETE FROM listings WHERE key = 'C'")
        await stage.settled()
        indexed = await stage.indexed()
        assert {key: each["price"] for key, each in indexed.items()} == {"A": 9000}
        assert await stage.differing() == {}


async def test_what_was_there_before_the_first_start_is_loaded(stage):
    await stage.add(*(f"K{n}" for n in range(300)))
    async with stage.indexing():
        await stage.settled()
        assert len(await stage.indexed()) == 300
        assert await stage.differing() == {}


async def test_a_bulk_update_in_plain_sql_arrives(stage):
    await stage.add(*(f"K{n}" for n in range(300)))
    async with stage.indexing():
        await stage.settled()
        await stage.db.execute("UPDATE listings SET mileage = 5 WHERE key < 'K2'")
        await stage.settled()
        assert await stage.differing() == {}
        assert {each["mileage"] for each in (await stage.indexed()).values()} == {5, None}


async def _sent(stage):
    """How many tasks with documents the search server was given."""
    wanted = {"types": "documentAdditionOrUpdate,documentDeletion", "limit": 1}
    return (await stage.engine.call("GET", "/tasks", params=wanted))["total"]


async def test_a_change_that_is_rolled_back_sends_nothing(stage):
    await stage.add("A", "B")
    async with stage.indexing():
        await stage.settled()
        before = await _sent(stage)
        async with stage.db.acquire() as db:
            transaction = db.transaction()
            await transaction.start()
            await db.execute("UPDATE listings SET price = 1 WHERE key = 'A'")
            await stage.db.execute("UPDATE listings SET price = 2 WHERE key = 'B'")
            await stage.settled()
            await transaction.rollback()
        await stage.db.execute("UPDATE listings SET price = 3 WHERE key = 'B'")
        await stage.settled()
        found = await stage.indexed()
        assert (found["A"]["price"], found["B"]["price"]) == (10_000, 3)
        assert await _sent(stage) == before + 2


async def test_what_commits_late_with_an_early_number_arrives(stage):
    await stage.add("early", "late")
    async with stage.indexing():
        await stage.settled()
        async with stage.db.acquire() as slow, slow.transaction():
            await slow.execute("UPDATE listings SET price = 1 WHERE key = 'early'")
            await stage.db.execute("UPDATE listings SET price = 2 WHERE key = 'late'")
            await stage.settled()
            assert (await stage.indexed())["late"]["price"] == 2
        await stage.settled()
        assert (await stage.indexed())["early"]["price"] == 1


async def test_a_dealers_new_name_reaches_a_car_that_moves_to_it_meanwhile(stage):
    await stage.add("mover", dealer=1)
    await stage.add("stays", dealer=2)
    async with stage.indexing():
        await stage.settled()
        async with stage.db.acquire() as db, db.transaction():
            await db.execute("UPDATE listings SET dealer_id = 2 WHERE key = 'mover'")
            await stage.db.execute("UPDATE dealers SET name = 'Lake II' WHERE id = 2")
            await stage.settled()
        await stage.settled()
        names = {key: each["dealer"]["name"] for key, each in (await stage.indexed()).items()}
        assert names == {"mover": "Lake II", "stays": "Lake II"}
        assert await stage.differing() == {}
