"""Compare an index with the truth, document by document.

The engine's (id, digest) go into a temporary table page by page, and Postgres joins them with the
view's: nothing here grows with the number of documents.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import asyncpg

from catalog.vertical import Vertical
from engine.client import Engine
from indexer.documents import at_most

PAGE = 5_000
LOOK_AGAIN_PAGE = 500
LISTED = 10_000
"""More differing documents than this are counted, not listed and not looked at again."""

LOOKS = 10
LOOK_SECONDS = 0.5
COMPARE_SECONDS = 1_800.0

Difference: TypeAlias = Literal["missing", "ghost", "stale"]
KINDS: tuple[Difference, ...] = ("missing", "ghost", "stale")


@dataclass
class Comparison:
    """What one comparison found: `differing` has the first 10,000 ids, `counts` are of all."""

    documents: int = 0  # in the view
    indexed: int = 0  # in the index
    counts: dict[Difference, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    differing: dict[str, Difference] = field(default_factory=dict)
    on_their_way: int = 0  # differed at first, and no more or with a reason

    @property
    def count(self) -> int:
        return sum(self.counts.values())

    def settle(self, differing: dict[str, Difference]) -> None:
        """Only these of the listed ones differ after another look."""
        for key, kind in self.differing.items():
            self.counts[kind] -= key not in differing
        self.on_their_way += len(self.differing) - len(differing)
        self.differing = differing


async def compare(pool: asyncpg.Pool, engine: Engine, vertical: Vertical, uid: str) -> Comparison:
    """Join the index `uid` with the view; changes of this very moment are among the differing."""
    async with compared(pool, engine, vertical, uid) as (found, _):
        return found


@asynccontextmanager
async def compared(
    pool: asyncpg.Pool,
    engine: Engine,
    vertical: Vertical,
    uid: str,
    read: Callable[[int], None] = lambda _: None,
) -> AsyncIterator[tuple[Comparison, asyncpg.Connection]]:
    """As `compare`; on the connection `pg_temp.differing` has the (id, kind) of all meanwhile.

    `read` is told how many documents of the index were read.
    """
    async with copied(pool, engine, uid, read) as (indexed, db):
        yield await _join(db, vertical, indexed), db


@asynccontextmanager
async def copied(
    pool: asyncpg.Pool, engine: Engine, uid: str, read: Callable[[int], None] = lambda _: None
) -> AsyncIterator[tuple[int, asyncpg.Connection]]:
    """The number of documents in an index; on the connection `pg_temp.indexed` has (id, digest).

    What it costs stands in docs/scaling.md.
    """
    async with pool.acquire() as db:
        await db.execute(_FORGET + "CREATE TEMP TABLE indexed (id text, digest text)")
        try:
            yield await _read_index(db, engine, uid, read), db
        finally:
            if not db.is_closed():
                await db.execute(_FORGET)


_FORGET = "DROP TABLE IF EXISTS pg_temp.indexed; DROP TABLE IF EXISTS pg_temp.differing;"


async def _read_index(
    db: asyncpg.Connection, engine: Engine, uid: str, read: Callable[[int], None]
) -> int:
    """Copy the index into the temporary table; the next page is fetched meanwhile."""
    offset = 0
    coming = asyncio.create_task(_page(engine, uid, 0))
    try:
        while True:
            rows = await coming
            offset += len(rows)
            if len(rows) == PAGE:
                coming = asyncio.create_task(_page(engine, uid, offset))
            await db.copy_records_to_table("indexed", schema_name="pg_temp", records=rows)
            read(offset)
            if len(rows) < PAGE:
                return offset
    finally:
        coming.cancel()


async def _page(engine: Engine, uid: str, offset: int) -> list[tuple[str, Any]]:
    page = await engine.call(
        "POST",
        f"/indexes/{uid}/documents/fetch",
        json={"offset": offset, "limit": PAGE, "fields": ["id", "digest"]},
        timeout=60.0,
    )
    return [(str(each["id"]), each.get("digest")) for each in page["results"]]


async def _join(db: asyncpg.Connection, vertical: Vertical, indexed: int) -> Comparison:
    await db.execute("ANALYZE pg_temp.indexed")
    with at_most(COMPARE_SECONDS):
        await db.execute(
            f"""
            CREATE TEMP TABLE differing AS
            SELECT id, CASE WHEN v.id IS NULL THEN 'ghost' WHEN i.id IS NULL THEN 'missing'
                            ELSE 'stale' END AS kind
            FROM (SELECT id, digest FROM {vertical.view}) v
            FULL JOIN (SELECT DISTINCT id, digest FROM pg_temp.indexed) i USING (id)
            WHERE v.id IS NULL OR i.id IS NULL OR v.digest IS DISTINCT FROM i.digest
            """,
            timeout=COMPARE_SECONDS,
        )
    found = Comparison(indexed=indexed)
    for row in await db.fetch("SELECT kind, count(*) FROM pg_temp.differing GROUP BY kind"):
        found.counts[row["kind"]] = row["count"]
    distinct = await db.fetchval("SELECT count(DISTINCT id) FROM pg_temp.indexed", timeout=600)
    found.documents = distinct - found.counts["ghost"] + found.counts["missing"]
    listed = await db.fetch("SELECT id, kind FROM pg_temp.differing LIMIT $1", LISTED)
    found.differing = {row["id"]: row["kind"] for row in listed}
    return found


def _kind(ghost: bool, missing: bool) -> Difference:
    return "ghost" if ghost else "missing" if missing else "stale"


async def look_again(
    pool: asyncpg.Pool, engine: Engine, vertical: Vertical, uid: str, ids: list[str]
) -> dict[str, Difference]:
    """Which of `ids` differ now, looked at by id on both sides."""
    differing: dict[str, Difference] = {}
    for start in range(0, len(ids), LOOK_AGAIN_PAGE):
        some = ids[start : start + LOOK_AGAIN_PAGE]
        answer = await engine.call(
            "POST",
            f"/indexes/{uid}/documents/fetch",
            json={"ids": some, "limit": len(some), "fields": ["id", "digest"]},
        )
        indexed = {str(each["id"]): each.get("digest") for each in answer["results"]}
        rows = await pool.fetch(
            f"SELECT id, digest FROM {vertical.view} WHERE id = ANY ($1::text[])", some
        )
        truth = {row["id"]: row["digest"] for row in rows}
        for each in some:
            if truth.get(each) != indexed.get(each) or (each in truth) != (each in indexed):
                differing[each] = _kind(each not in truth, each not in indexed)
    return differing


async def wait_until_equal(
    pool: asyncpg.Pool,
    engine: Engine,
    vertical: Vertical,
    uid: str,
    generation: int,
    differing: dict[str, Difference],
) -> dict[str, Difference]:
    """Those of `differing` that nothing explains, after up to five seconds for what is on its way.

    Explained is what is pending for the generation, or a dead letter of it.
    """
    for _ in range(LOOKS):
        if not differing:
            break
        await asyncio.sleep(LOOK_SECONDS)
        differing = await look_again(pool, engine, vertical, uid, list(differing))
        explained = await pool.fetch(
            "SELECT document FROM pending WHERE generation_id = $1 AND document = ANY ($2::text[])"
            " UNION ALL SELECT document FROM dead_letters"
            " WHERE generation_id = $1 AND document = ANY ($2::text[])",
            generation,
            list(differing),
        )
        for row in explained:
            differing.pop(row["document"], None)
    return differing
