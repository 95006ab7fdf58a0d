"""docs/sources.md, followed to the letter: a site in ten lines, and its cars are found."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from config.settings import ROOT, load
from jobs import rows
from jobs.handlers import Context
from scrapers.handlers import crawl_source
from scrapers.recipes import reading
from scrapers.sources.entries import read
from scrapers.sources.rows import load_into
from stack.market import cars, dealer_site, dealers, fleet, server
from stack.market.clock import Clock
from stack.market.lot import Lot
from tests.indexer.conftest import Stage, stage  # noqa: F401 -- a fixture
from tests.service.conftest import served

DOCS = (ROOT / "docs" / "sources.md").read_text()
BLOCKS = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
RECIPES = [block for block in BLOCKS if block.startswith("list:")]
ENTRIES = [block for block in BLOCKS if block not in RECIPES]
DEALER = "5000011"


@pytest.fixture
def lot(tmp_path: Path) -> Lot:
    source = cars.Source(20260101, fleet.build(20260101, 100), dealers.build(20260101, 2))
    return Lot(source, 100, Clock(tmp_path / "market", {"seed": 20260101}))


@pytest.fixture
async def market(lot: Lot) -> AsyncIterator[str]:
    async with TestServer(server.application(lot, "a token")) as running:
        yield str(running.make_url("")).rstrip("/")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """`sources.yml` and the recipe as the walk-through has them."""
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes" / "dealer.yml").write_text(RECIPES[0])
    (tmp_path / "sources.yml").write_text(ENTRIES[0])
    return tmp_path / "sources.yml"


def test_it_is_ten_lines():
    assert len((RECIPES[0] + ENTRIES[0]).splitlines()) == 10
    assert "That is ten lines." in DOCS


@pytest.mark.parametrize("block", RECIPES)
def test_each_recipe_of_the_page_can_be_read(block):
    assert reading.parse(block, "docs/sources.md")


@pytest.mark.parametrize("block", ENTRIES)
def test_each_entry_of_the_page_can_be_read(files, block):
    files.write_text(block)
    assert read(files)


async def test_a_site_in_ten_lines_ends_in_cars_that_are_found(
    stage: Stage,  # noqa: F811 -- the fixture
    market: str,
    lot: Lot,
    files: Path,
):
    await stage.db.execute("DELETE FROM dealers; DELETE FROM sources")
    settings = stage.settings.model_copy(update={"sources": files, "market_url": market})
    (source,) = await load_into(stage.db, settings)
    await rows.enqueue(stage.db, "crawl", source.name)
    job = await rows.claim(stage.db, ["crawl"], "tester")
    assert job
    contact = load(contact="mailto:tester@example.org").contact
    crawling = settings.model_copy(update={"contact": contact})
    result = await crawl_source(job, Context(job, stage.db, crawling, asyncio.Event()))
    await stage.db.execute("DELETE FROM jobs")
    stock = dealer_site.stock(lot, dealer_site.index_of(lot, DEALER) or 0)
    assert (result["state"], result["new"], result["failed"]) == ("done", len(stock), 0)
    assert len(stock) > dealer_site.PER_PAGE, "it has more than one page"
    async with stage.indexing():
        await stage.settled()
    with served(settings) as api:
        found = api.get("/api/v1/listings", params={"per_page": 100}).json()
    vins = {lot.table.cars[at].vin for at in stock}
    assert found["meta"]["total"] == len(stock)
    assert {car["vin"] for car in found["data"]} == vins
