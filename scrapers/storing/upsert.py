"""Writing offers: in bulk, with their dealers and listings, in one transaction.

Every writer takes its locks in one order: the source (so one writer at a time writes its dealers
and offers), then listings, which sources share, sorted by key.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, TypeVar

import asyncpg

from catalog.cars import CAR_COLUMNS, DealerRow, OfferRow
from jobs.rows import Database

ATTEMPTS = 6
LOCK = 0x5110_0003  # seeds the hash of the source, so that no other lock here has its number
_RIVALS = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored of an offer, as far as deciding whether to read it again needs it."""

    card_digest: str | None
    detail_at: datetime | None
    run_id: int | None


@dataclass(slots=True)
class Written:
    """How many offers were new, said something new, or said the same."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0


async def known(db: Database, source: str, external_ids: Iterable[str]) -> dict[str, Known]:
    """Those of these offers that are stored, by external id."""
    rows = await db.fetch(
        """
        SELECT external_id, card_digest, detail_at, run_id FROM offers
        WHERE source = $1 AND external_id = ANY ($2::text[])
        """,
        source,
        list(external_ids),
    )
    return {
        row["external_id"]: Known(row["card_digest"], row["detail_at"], row["run_id"])
        for row in rows
    }


async def transact(pool: asyncpg.Pool, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
    """Do `work` in a transaction; again, at most six times, when another writer was in the way."""
    attempt = 1
    while True:
        try:
            async with pool.acquire() as connection, connection.transaction():
                return await work(connection)
        except _RIVALS:
            if attempt == ATTEMPTS:
                raise
        await asyncio.sleep(0.02 * 2**attempt * random.random())
        attempt += 1


async def upsert(
    connection: asyncpg.Connection,
    run_id: int,
    offers: Sequence[OfferRow],
    since: datetime | None = None,
) -> Written:
    """Write offers of one source, their dealers and listings, in the caller's transaction.

    What is new or was changed since `since` counts as that, also if this is not the first time
    that it is written; None: by this transaction.

    Of two rows with one external id the last counts. A row that was read from a card alone does
    not take away what a detail page said before: it updates what it has, the price always, and
    leaves the offer without a card digest, so that the next visit reads the detail again.
    """
    rows = {offer.external_id: offer for offer in offers}
    if not rows:
        return Written()
    source = offers[0].source
    await lock(connection, source)
    dealers = await save_dealers(connection, source, rows.values())
    old = await connection.fetch(
        "SELECT listing_key FROM offers WHERE source = $1 AND external_id = ANY ($2::text[])",
        source,
        list(rows),
    )
    now = datetime.now(UTC)
    given = [as_given(offer, dealers, now) for offer in rows.values()]
    written = await connection.fetch(_UPSERT, given, run_id, since)
    keys = {row["listing_key"] for row in written} | {row["listing_key"] for row in old}
    await refresh(connection, keys)
    new = sum(row["is_new"] for row in written)
    changed = sum(row["is_changed"] for row in written) - new
    return Written(new, changed, len(written) - new - changed)


async def touch(
    connection: asyncpg.Connection, run_id: int, source: str, external_ids: Sequence[str]
) -> Written:
    """Note that these offers were seen again, unchanged; one that was gone is live again.

    Writes only the offers: a listing is derived anew only where an offer came back.
    """
    await lock(connection, source)
    rows = await connection.fetch(
        """
        UPDATE offers o SET active = true, run_id = $3, last_seen_at = now(),
            changed_at = CASE WHEN old.active THEN o.changed_at ELSE now() END
        FROM offers old
        WHERE old.source = $1 AND old.external_id = ANY ($2::text[]) AND o.id = old.id
        RETURNING o.listing_key, NOT old.active AS is_back
        """,
        source,
        list(external_ids),
        run_id,
    )
    back = [row["listing_key"] for row in rows if row["is_back"]]
    await refresh(connection, back)
    return Written(changed=len(back), unchanged=len(rows) - len(back))


async def lock(connection: asyncpg.Connection, source: str) -> None:
    """Be the one writer of this source's dealers and offers until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, $2))", source, LOCK)


async def refresh(connection: asyncpg.Connection, keys: Iterable[str]) -> None:
    """Derive these listings from their offers."""
    if ordered := sorted(set(keys)):
        await connection.execute("SELECT refresh_listings($1::text[])", ordered)


async def save_dealers(
    connection: asyncpg.Connection, source: str, offers: Iterable[OfferRow]
) -> dict[str, int]:
    """Write these offers' dealers where they differ from what is stored; their ids by external id.

    What a page does not say of a dealer stays as it was, but the old place of one who has moved.
    """
    dealers = [offer.dealer for offer in offers if offer.dealer]
    if not dealers:
        return {}
    given = {dealer.external_id: {"source": source, **_fields(dealer)} for dealer in dealers}
    await connection.execute(_DEALERS, list(given.values()))
    rows = await connection.fetch(
        "SELECT external_id, id FROM dealers WHERE source = $1 AND external_id = ANY ($2::text[])",
        source,
        list(given),
    )
    return {row["external_id"]: row["id"] for row in rows}


def _fields(row: Any) -> dict[str, Any]:
    return {name.name: getattr(row, name.name) for name in fields(row)}


def as_given(offer: OfferRow, dealers: dict[str, int], at: datetime) -> dict[str, Any]:
    """The offer as a row of the table; `at` is when its page was read."""
    return {
        **_fields(offer),
        "listing_key": offer.listing_key,
        "dealer_id": dealers[offer.dealer.external_id] if offer.dealer else None,
        "detail_at": at if offer.has_detail else None,
    }


def columns(names: Iterable[str], table: str = "") -> str:
    return ", ".join(f"{table}{name}" for name in names)


_DEALER_COLUMNS = tuple(f.name for f in fields(DealerRow) if f.name != "external_id")
_PLACE = ("street", "city", "state", "zip", "lat", "lng")
_HAS_MOVED = "coalesce(g.zip <> d.zip, lower(g.city) <> lower(d.city), false)"
_KEPT = ", ".join(
    f"CASE WHEN has_moved THEN g.{name} ELSE coalesce(g.{name}, d.{name}) END"
    if name in _PLACE
    else f"coalesce(g.{name}, d.{name})"
    for name in _DEALER_COLUMNS
)
_DEALERS = f"""
    INSERT INTO dealers AS stored (source, external_id, {columns(_DEALER_COLUMNS)})
    SELECT g.source, g.external_id, {_KEPT}
    FROM jsonb_populate_recordset(NULL::dealers, $1) g
    LEFT JOIN dealers d ON (d.source, d.external_id) = (g.source, g.external_id)
    CROSS JOIN LATERAL (SELECT {_HAS_MOVED} AS has_moved) moved
    WHERE d.id IS NULL
        OR ({columns(_DEALER_COLUMNS, "d.")}) IS DISTINCT FROM ({_KEPT})
    ON CONFLICT (source, external_id) DO UPDATE SET
        {", ".join(f"{name} = excluded.{name}" for name in _DEALER_COLUMNS)}
"""

# What a card says is laid over what a detail page said before; only a price can be taken back.
_MERGED = {name: f"coalesce(g.{name}, kept.{name})" for name in CAR_COLUMNS} | {
    "features": "coalesce(nullif(g.features, '{}'), kept.features, '{}')",
    "photos": "coalesce(nullif(g.photos, '{}'), kept.photos, '{}')",
    "price": "g.price",
    "dealer_id": "coalesce(g.dealer_id, kept.dealer_id)",
    "card_digest": "CASE WHEN kept.id IS NULL THEN g.card_digest END",
    "detail_at": "coalesce(g.detail_at, kept.detail_at)",
}
SAID = (*CAR_COLUMNS, "listing_key", "dealer_id")  # a difference in these is a change
_MERGED |= {
    "listing_key": "CASE WHEN g.vin IS NULL AND kept.vin IS NOT NULL"
    " THEN kept.listing_key ELSE g.listing_key END",
    "problems": "g.problems",
}
_UPSERT = f"""
    INSERT INTO offers AS o (source, external_id, run_id, {columns(_MERGED)})
    SELECT g.source, g.external_id, $2, {", ".join(_MERGED.values())}
    FROM jsonb_populate_recordset(NULL::offers, $1) g
    LEFT JOIN offers kept ON (kept.source, kept.external_id) = (g.source, g.external_id)
        AND g.detail_at IS NULL AND kept.detail_at IS NOT NULL
    ON CONFLICT (source, external_id) DO UPDATE SET
        {", ".join(f"{name} = excluded.{name}" for name in _MERGED)},
        run_id = excluded.run_id, active = true, last_seen_at = now(),
        changed_at = CASE WHEN (o.active, {columns(SAID, "o.")})
            IS DISTINCT FROM (true, {columns(SAID, "excluded.")})
            THEN now() ELSE o.changed_at END
    RETURNING listing_key, first_seen_at >= coalesce($3, now()) AS is_new,
        changed_at >= coalesce($3, now()) AS is_changed
"""
