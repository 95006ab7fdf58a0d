"""What lasts: a transaction that stays open, a session that sits idle, a server that is away."""

import pytest
import pytest_asyncio

from tests.chaos.outages import OUTAGES, away, held_open
from tests.chaos.servers import running
from tests.chaos.settling import settle
from tests.chaos.stock import stock

pytestmark = [
    pytest.mark.prove,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="module"),
]

SECONDS = 5.0  # `make outages` lets it be a minute


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def servers(tmp_path_factory):
    async with running(tmp_path_factory.mktemp("patience")) as made:
        await stock(made.db)
        await made.start_indexers(None)
        await settle(made, set())
        yield made


async def test_an_open_transaction_delays_its_own_rows_only_and_blocks_no_reindex(servers):
    for found in await held_open(servers, SECONDS):
        assert found.equal, found


@pytest.mark.parametrize("name", OUTAGES)
async def test_after_an_outage_under_load_all_is_right_again_by_itself(servers, name):
    found = await away(servers, name, SECONDS)
    assert found.equal, found
