"""What lasts: a transaction that stays open, a session that sits idle, a server that is away."""

import asyncio
import random
from collections import Counter

import pytest
import pytest_asyncio

from jobs import rows
from tests.chaos.comparison import compare
from tests.chaos.servers import kill, running, started
from tests.chaos.settling import settle
from tests.chaos.stock import stock
from tests.chaos.writers import writing

pytestmark = [
    pytest.mark.prove,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="module"),
]

AWAY_SECONDS = 5.0
LIVE = "SELECT id, index_uid FROM generations WHERE state = 'live'"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def servers(tmp_path_factory):
    async with running(tmp_path_factory.mktemp("patience")) as made:
        await stock(made.db)
        await made.start_indexers(None)
        await settle(made, set())
        yield made


async def _differing(servers):
    live = await servers.db.fetchrow(LIVE)
    found = await compare(servers.db, servers.engine, live["id"], live["index_uid"])
    return [found.lost, found.ghosts, found.stale, found.wrong]


async def test_an_open_transaction_delays_its_own_rows_only_and_blocks_no_reindex(servers):
    first = await servers.db.fetchval("SELECT id FROM generations WHERE state = 'live'")
    async with (
        servers.db.acquire() as idle,
        servers.db.acquire() as slow,
        idle.transaction(isolation="repeatable_read"),
        slow.transaction(),
    ):
        await idle.fetchval("SELECT count(*) FROM listings")
        await slow.execute("UPDATE listings SET price = 1 WHERE key = 'w0-0'")
        await slow.execute("UPDATE dealers SET name = 'Slow' WHERE id = 12")
        await servers.db.execute("UPDATE listings SET price = 2 WHERE key = 'w0-1'")
        await settle(servers, set())
        await rows.enqueue(servers.db, "reindex", "cars")
        await settle(servers, set())
        assert await servers.db.fetchval("SELECT id FROM generations WHERE state = 'live'") > first
        assert await _differing(servers) == [[], [], [], []]
    await settle(servers, set())
    assert await servers.db.fetchval("SELECT price FROM listings WHERE key = 'w0-0'") == 1
    assert await _differing(servers) == [[], [], [], []]


async def _search_away(servers, seconds):
    await servers.search.restart(seconds)


async def _postgres_away(servers, seconds):
    await kill(servers.postgres)
    await asyncio.sleep(seconds)
    await started(servers.postgres)


async def _valkey_away(servers, seconds):
    await kill(servers.valkey)
    await asyncio.sleep(seconds)
    await started(servers.valkey)


async def _indexers_away(servers, seconds):
    for each in servers.indexers:
        await kill(each)
    await asyncio.sleep(seconds)
    for each in servers.indexers:
        await started(each)


async def _network_away(servers, seconds):
    servers.proxy.cut()
    await asyncio.sleep(seconds)
    servers.proxy.pass_all()


@pytest.mark.parametrize(
    "away", [_search_away, _postgres_away, _valkey_away, _indexers_away, _network_away]
)
async def test_after_an_outage_under_load_all_is_right_again_by_itself(servers, away):
    counts = Counter()
    async with writing(servers.database_url, random.Random(7), counts):
        await away(servers, AWAY_SECONDS)
    await settle(servers, set())
    assert counts["commits"] > 0
    assert await _differing(servers) == [[], [], [], []]
