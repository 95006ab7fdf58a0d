"""Which of a car's offers its listing repeats."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from catalog.database import connect

Offer = tuple[str, bool, int | None]
"""Source, whether it is live, price."""


@pytest.fixture
async def truth(postgres_url: str) -> AsyncIterator[asyncpg.Pool]:
    """A database with three sources, two of them of the same rank."""
    async with connect(postgres_url) as pool:
        await pool.execute(
            "DELETE FROM listings; DELETE FROM offers; DELETE FROM sources;"
            "INSERT INTO sources (name, vertical, start_url, parser, every, precedence) VALUES"
            " ('high', 'cars', '', '', 60, 1), ('equal', 'cars', '', '', 60, 1),"
            " ('low', 'cars', '', '', 60, 2)"
        )
        yield pool


async def shown(truth: asyncpg.Pool, *offers: Offer) -> Offer:
    """What the listing of these offers repeats; the first was known first."""
    for offer in offers:
        await truth.execute(
            "INSERT INTO offers (source, external_id, listing_key, make, active, price)"
            " VALUES ($1, 'x', 'A', 'Kia', $2, $3)",
            *offer,
        )
    await truth.execute("SELECT refresh_listings('{A}')")
    return tuple(await truth.fetchrow("SELECT source, active, price FROM listings"))


@pytest.mark.parametrize("turned", [1, -1])
@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (("low", True, 900), ("high", False, 100)),  # live before gone
        (("high", True, None), ("low", True, 100)),  # then the source's rank
        (("high", True, 900), ("equal", True, None)),  # then a known price
        (("high", True, 100), ("equal", True, 900)),  # then the lower one
        (("high", False, 900), ("low", False, 100)),  # also when all are gone
    ],
)
async def test_the_better_offer_is_shown_whichever_came_first(
    truth: asyncpg.Pool, better: Offer, worse: Offer, turned: int
) -> None:
    assert await shown(truth, *(better, worse)[::turned]) == better


@pytest.mark.parametrize("price", [100, None])
@pytest.mark.parametrize("turned", [1, -1])
async def test_of_equal_offers_the_older_is_shown(
    truth: asyncpg.Pool, price: int | None, turned: int
) -> None:
    offers = (("high", True, price), ("equal", True, price))[::turned]
    assert await shown(truth, *offers) == offers[0]
