"""Compare an index with the truth, document by document.

The engine's (id, digest) go into a temporary table page by page, and Postgres joins them with the
view's: nothing here grows with the number of documents.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import asyncpg

from catalog.vertical import Vertical
from engine.client import Engine

PAGE = 5_000
LOOK_AGAIN_PAGE = 500
LISTED = 10_000
"""More differing documents than this are counted, not listed."""

LOOKS = 10
LOOK_SECONDS = 0.5
COMPARE_SECONDS = 1_800.0

Difference: TypeAlias = Literal["missing", "ghost", "stale"]


@dataclass
class Comparison:
    """What one comparison found: `differing` has the first 10,000 ids, `count` is of all."""

    documents: int = 0  # in the view
    indexed: int = 0  # in the index
    count: int = 0
    differing: dict[str, Difference] = field(default_factory=dict)


async def compare(pool: asyncpg.Pool, engine: Engine, vertical: Vertical, uid: str) -> Comparison:
    """Join the index `uid` with the view; changes of this very moment are among the differing."""
    async with pool.acquire() as db:
        await db.execute(
            "DROP TABLE IF EXISTS pg_temp.indexed; CREATE TEMP TABLE indexed (id text, digest text)"
        )
        indexed = await _read_index(db, engine, uid)
        await db.execute("ANALYZE pg_temp.indexed")
        found = await _join(db, vertical, indexed)
        await db.execute("DROP TABLE pg_temp.indexed")
        return found


async def _read_index(db: asyncpg.Connection, engine: Engine, uid: str) -> int:
    offset = 0
    while True:
        page = await engine.call(
            "POST",
            f"/indexes/{uid}/documents/fetch",
            json={"offset": offset, "limit": PAGE, "fields": ["id", "digest"]},
            timeout=60.0,
        )
        rows = [(str(each["id"]), each.get("digest")) for each in page["results"]]
        await db.copy_records_to_table("indexed", schema_name="pg_temp", records=rows)
        offset += len(rows)
        if len(rows) < PAGE:
            return offset


async def _join(db: asyncpg.Connection, vertical: Vertical, indexed: int) -> Comparison:
    found = Comparison(indexed=indexed)
    async with db.transaction():
        cursor = db.cursor(
            f"""
            SELECT id, v.id IS NULL AS ghost, i.id IS NULL AS missing,
                   v.digest IS DISTINCT FROM i.digest AS stale
            FROM (SELECT id, digest FROM {vertical.view}) v
            FULL JOIN (SELECT DISTINCT id, digest FROM pg_temp.indexed) i USING (id)
            """,
            prefetch=PAGE,
            timeout=COMPARE_SECONDS,
        )
        async for row in cursor:
            found.documents += not row["ghost"]
            if row["ghost"] or row["missing"] or row["stale"]:
                found.count += 1
                if len(found.differing) < LISTED:
                    found.differing[row["id"]] = _kind(row["ghost"], row["missing"])
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
