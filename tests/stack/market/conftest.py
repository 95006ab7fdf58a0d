from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from stack.market import cars, dealers, fleet, server
from stack.market.clock import Clock
from stack.market.lot import Lot

SEED = 20260101
SIZE = 12_000
TOKEN = "a token of the tests"
Open = Callable[..., Lot]


@pytest.fixture(scope="session")
def source() -> cars.Source:
    return cars.Source(SEED, fleet.build(SEED), dealers.build(SEED, 300))


@pytest.fixture(scope="session")
def market(source, tmp_path_factory) -> Lot:
    """A whole market at its first moment; tests only look at it."""
    clock = Clock(tmp_path_factory.mktemp("market"), {"seed": SEED})
    return Lot(source, SIZE, clock)


@pytest.fixture
def open_lot(source, tmp_path: Path) -> Open:
    """Open a small market of the test's own; the same folder is the same market."""

    def open_it(folder: str = "market", size: int = 300) -> Lot:
        return Lot(source, size, Clock(tmp_path / folder, {"seed": SEED, "cars": size}))

    return open_it


@pytest.fixture
def lot(open_lot: Open) -> Lot:
    return open_lot()


@pytest.fixture
async def client(lot: Lot) -> AsyncIterator[TestClient]:
    async with TestClient(TestServer(server.application(lot, TOKEN))) as asking:
        yield asking


@pytest.fixture
async def wide_client(market: Lot) -> AsyncIterator[TestClient]:
    """Asks the whole market; such a test may not turn its clock."""
    async with TestClient(TestServer(server.application(market, TOKEN))) as asking:
        yield asking
