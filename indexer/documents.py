"""Documents as the view has them now: lines of NDJSON, as bytes that Python never parses."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from catalog.vertical import Vertical

BATCH_BYTES = 20_000_000
CURSOR_ROWS = 500
CHECK_SECONDS = 600.0


class ViewIsWrong(Exception):  # noqa: N818 - what is so, as a sentence says it
    """Rows are active in the table and absent from the view: sending that would delete them."""


class TooLong(TimeoutError):  # noqa: N818 - what is so, as a sentence says it
    """Postgres takes longer to look at all documents than it may, and would the next time."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Around a question about all documents with this `timeout`: raises TooLong when it ends it."""
    try:
        yield
    except TimeoutError as error:
        told = f"Postgres took more than {seconds / 60:.0f} minutes to look at all documents."
        raise TooLong(told) from error


@dataclass
class Documents:
    """What to send for some ids: bodies by id, and the ids that are gone from the view."""

    bodies: dict[str, bytes] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    size: int = 0  # bytes of the bodies

    @property
    def last(self) -> str:
        """The id of the last body."""
        return next(reversed(self.bodies))

    def ndjson(self) -> bytes:
        return b"\n".join(self.bodies.values())


async def read(pool: asyncpg.Pool, vertical: Vertical, ids: list[str]) -> Documents:
    """The documents of `ids`, at most 20 MB of them: those that did not fit are in neither list.

    Raises ViewIsWrong.
    """
    async with pool.acquire() as db, db.transaction(readonly=True):
        documents = await _fetch(db, vertical, "id = ANY ($1::text[])", ids)
        if documents.size < BATCH_BYTES:
            documents.gone = [each for each in ids if each not in documents.bodies]
    if documents.gone:
        await check_view(pool, vertical, documents.gone)
    return documents


async def read_range(pool: asyncpg.Pool, vertical: Vertical, after: str, limit: int) -> Documents:
    """The next documents behind the id `after` in the order of ids, at most 20 MB of them."""
    async with pool.acquire() as db, db.transaction(readonly=True):
        return await _fetch(db, vertical, "id > $1 ORDER BY id LIMIT $2", after, limit)


async def _fetch(
    db: asyncpg.Connection, vertical: Vertical, condition: str, *values: Any
) -> Documents:
    documents = Documents()
    cursor = db.cursor(
        f"SELECT id, line FROM {vertical.view} WHERE {condition}",
        *values,
        prefetch=CURSOR_ROWS,
    )
    async for row in cursor:
        documents.bodies[row["id"]] = row["line"]
        documents.size += len(row["line"]) + 1
        if documents.size >= BATCH_BYTES:
            break
    return documents


async def check_view(pool: asyncpg.Pool, vertical: Vertical, ids: list[str] | None = None) -> None:
    """Raise ViewIsWrong if rows that are active (of `ids`, else of all) are not in the view."""
    with at_most(CHECK_SECONDS):
        hidden = await pool.fetch(
            f"SELECT key FROM {vertical.table} WHERE active"
            " AND ($1::text[] IS NULL OR key = ANY ($1::text[]))"
            f" AND NOT EXISTS (SELECT FROM {vertical.view} WHERE id = key) LIMIT 5",
            ids,
            timeout=CHECK_SECONDS,
        )
    if hidden:
        names = ", ".join(row["key"] for row in hidden)
        raise ViewIsWrong(
            f"The view {vertical.view} does not show active rows of {vertical.table} ({names}, …);"
            " nothing is sent for them, for that would delete them. Correct the view."
        )
