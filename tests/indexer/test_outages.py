"""A server is away for a while under load, or comes back with old data: all is right afterwards.

A minute's outage differs from these seconds only in how long the writer's pauses get, and those
end at five.
"""

import asyncio
import random
import shutil
import subprocess
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count

import pytest

from catalog.database import DATABASE_ERRORS, connect, migrate
from config.settings import load
from engine.client import Engine
from stack.engine import meililite
from stack.postgres import postgres
from stack.process import Process
from stack.valkey import valkey
from tests.indexer.conftest import EMPTY, Stage
from tests.indexer.proxy import proxy

OUTAGE_SECONDS = 6.0
KEY = "a master key of this test"

pytestmark = [pytest.mark.prove, pytest.mark.timeout(240)]


@dataclass
class House:
    """A stage whose servers are the test's own."""

    stage: Stage
    servers: dict[str, Process]

    async def stop(self, name):
        await asyncio.to_thread(self.servers[name].stop)

    async def start(self, name):
        self.servers[name].start()
        await asyncio.to_thread(self.servers[name].wait_ready)


@pytest.fixture
async def house(tmp_path):
    programs = [
        postgres(tmp_path / "pg"),
        valkey(tmp_path / "vk"),
        meililite(tmp_path / "search", KEY),
    ]
    servers = {program.name: Process(program, tmp_path) for program in programs}
    try:
        for process in servers.values():
            process.start()
            await asyncio.to_thread(process.wait_ready)
        database, redis, search = (program.address for program in programs)
        await migrate(database)
        settings = load(
            database_url=database, redis_url=redis, meili_url=search, meili_master_key=KEY
        )
        async with connect(database) as db, Engine(search, KEY) as engine:
            await db.execute(EMPTY)
            yield House(Stage(settings, db, engine), servers)
    finally:
        for process in reversed(servers.values()):
            await asyncio.to_thread(process.stop)


@asynccontextmanager
async def _changes(stage):
    """Changes go on, as far as Postgres takes them; how many it took, in the list's one place."""
    made, over, dice, numbers = [0], asyncio.Event(), random.Random(5), count()

    async def change():
        while not over.is_set():
            number = next(numbers)
            try:
                await stage.db.execute(
                    "UPDATE listings SET price = $2 WHERE key = $1",
                    f"K{dice.randrange(200)}",
                    number,
                )
                await stage.add(f"N{number}", dealer=2)
                await stage.db.execute("DELETE FROM listings WHERE key = $1", f"N{number - 9}")
                made[0] += 1
            except DATABASE_ERRORS:
                await asyncio.sleep(0.1)
            await asyncio.sleep(0.01)

    task = asyncio.create_task(change())
    try:
        yield made
    finally:
        over.set()
        await task


@pytest.mark.parametrize("name", ["postgres", "valkey", "search"])
async def test_after_an_outage_under_load_all_is_right_by_itself(house, name):
    stage = house.stage
    await stage.add(*(f"K{n}" for n in range(200)))
    async with stage.indexing():
        await stage.settled(60)
        async with _changes(stage) as made:
            await _until(made, 20)
            await house.stop(name)
            await asyncio.sleep(OUTAGE_SECONDS)
            await house.start(name)
            await _until(made, made[0] + 20)
        await stage.settled(90)
        assert await stage.differing() == {}
        assert await stage.db.fetchval("SELECT count(*) FROM batches WHERE state = 'open'") == 0


async def _until(made, count):
    async with asyncio.timeout(60):
        while made[0] < count:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("copy", ["old", "empty"])
async def test_a_search_server_that_comes_back_with_old_data_or_none_is_repaired(
    house, tmp_path, copy
):
    stage, data = house.stage, tmp_path / "search" / "data"
    await stage.add(*(f"K{n}" for n in range(200)))
    async with stage.indexing():
        await stage.settled(60)
        await house.stop("search")
        shutil.copytree(data, tmp_path / "old")
        (tmp_path / "empty").mkdir()
        await house.start("search")
        await stage.settled(60)
        await stage.db.execute("UPDATE listings SET price = 7")
        await stage.db.execute("DELETE FROM listings WHERE key = 'K0'")
        await stage.settled(60)
        assert await stage.differing() == {}
        before = await stage.live()
        await house.stop("search")
        shutil.rmtree(data)
        shutil.move(tmp_path / copy, data)
        await house.start("search")
        async with asyncio.timeout(90):
            while (now := await stage.live()) is None or now.id == before.id:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await stage.settled(60)
        assert await stage.differing() == {}
        assert {each["price"] for each in (await stage.indexed()).values()} == {7}


@pytest.mark.parametrize(("name", "folder"), [("search", "search/data"), ("postgres", "pg")])
async def test_what_was_put_back_is_noticed_also_when_nobody_looked_for_a_while(
    house, tmp_path, name, folder
):
    """Meanwhile somebody else's tasks have passed the number of the last one."""
    stage, data = house.stage, tmp_path / folder
    await stage.add(*(f"K{n}" for n in range(200)))
    async with stage.indexing():
        await stage.settled(60)
        await house.stop(name)
        copying = ["cp", "-a", data, tmp_path / "copy"]  # with its owner
        await asyncio.to_thread(subprocess.run, copying, check=True)
        await house.start(name)
        await stage.db.expire_connections()
        await stage.settled(60)
        await stage.db.execute("UPDATE listings SET price = 7 WHERE key <> 'K0'")
        await stage.db.execute("DELETE FROM listings WHERE key = 'K1'")
        await stage.settled(60)
    before = await stage.live()
    await house.stop(name)
    shutil.rmtree(data)
    shutil.move(tmp_path / "copy", data)
    await house.start(name)
    await stage.db.expire_connections()
    for n in range(5):
        await stage.engine.call("POST", "/indexes/others/documents", json=[{"id": n}])
    async with stage.indexing():
        await stage.add("new")
        await stage.settled(60)
        async with asyncio.timeout(90):
            while (now := await stage.live()) is None or now.id == before.id:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await stage.settled(60)
    assert await stage.differing() == {}
    assert len(await stage.indexed()) == (200 if name == "search" else 201)


async def test_a_request_that_arrives_after_the_search_server_was_emptied_does_no_harm(
    house, tmp_path
):
    """Its task has a smaller number than those that were there when it was sent."""
    stage = house.stage
    await stage.add("A", price=1)
    async with proxy(stage.settings.meili_url) as between, stage.indexing(meili_url=between.url):
        await stage.settled(90)
        for n in range(60):
            await stage.engine.call("POST", "/indexes/others/documents", json=[{"id": n}])
        await stage.add("B")
        await stage.settled(90)
        between.once("hold", "POST /indexes/cars/documents?")
        await stage.db.execute("UPDATE listings SET price = 2 WHERE key = 'A'")
        async with asyncio.timeout(60):
            await between.met.wait()
        await stage.db.execute("UPDATE listings SET price = 3 WHERE key = 'A'")
        await stage.settled(90)
        before = await stage.live()
        await house.stop("search")
        shutil.rmtree(tmp_path / "search" / "data")
        await house.start("search")

        async def is_made_anew():
            live = await stage.live()
            return live is not None and live.id > before.id

        await stage.until(is_made_anew, 90)
        await stage.settled(90)
        (uid,) = await between.release()
        assert (await stage.engine.wait(uid))["status"] == "succeeded"

        async def was_noticed():
            return not await stage.db.fetchval("SELECT count(*) FROM batches")

        await stage.until(was_noticed, 30)
        await stage.settled(90)
        assert (await stage.indexed())["A"]["price"] == 3
