"""The demo market as a site to crawl: small, with weather, and it counts who asks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from aiohttp.test_utils import TestServer

from stack.market import cars, control, dealers, fleet, server
from stack.market.clock import Clock
from stack.market.lot import Lot

TOKEN = "a token of the tests"
SEED = 7


@cache
def source() -> cars.Source:
    return cars.Source(SEED, fleet.build(SEED, 100), dealers.build(SEED, 10))


@dataclass
class Market:
    """A market that is open; `cars` is the truth about what it offers."""

    lot: Lot
    url: str
    client: httpx.AsyncClient

    @property
    def start_url(self) -> str:
        return f"{self.url}/shopping/results/"

    @property
    def cars(self) -> dict[str, dict[str, Any]]:
        truths = (control.truth(self.lot, int(at)) for at in self.lot.live)
        return {truth["uuid"]: truth for truth in truths}

    async def turn(self, weather: str, share: float | None = None, seed: int = 1) -> None:
        """Change the weather, and count requests anew."""
        body = {"weather": weather, "share": share, "seed": seed}
        answer = await self.client.post("/_weather", json=body)
        assert answer.status_code == 200, answer.text
        await self.client.delete("/_requests")

    async def requests(self) -> dict[str, Any]:
        told: dict[str, Any] = (await self.client.get("/_requests")).json()
        return told


@asynccontextmanager
async def open_market(folder: Path, size: int) -> AsyncIterator[Market]:
    """A market of so many cars whose time stands still."""
    lot = Lot(source(), size, Clock(folder, {"seed": SEED, "cars": size}))
    async with TestServer(server.application(lot, TOKEN)) as serving:
        url = str(serving.make_url("")).rstrip("/")
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False) as client:
            yield Market(lot, url, client)
