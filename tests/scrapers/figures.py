"""What tests look at after a run: its numbers, and how much can be found."""

from typing import Any

import asyncpg

NUMBERS = ("items", "new", "changed", "unchanged", "failed", "gone")


def numbers(run: dict[str, Any]) -> dict[str, int]:
    """The numbers of a run that are not 0."""
    return {name: run[name] for name in NUMBERS if run[name]}


async def live(pool: asyncpg.Pool) -> int:
    """How many listings are active."""
    return int(await pool.fetchval("SELECT count(*) FROM listings WHERE active"))
