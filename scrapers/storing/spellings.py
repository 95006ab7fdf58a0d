"""Spellings that were not understood: counted as offers are stored, told so that words grow."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from catalog.cars import OfferRow
from jobs.rows import Database
from scrapers.normalise.color import color_family
from scrapers.normalise.name import MAKES
from scrapers.normalise.offer import CHOICES, CONDITIONS

MOST = 5_000
"""Spellings kept of one source; a source that makes more of them up is not worth reading."""

MEANINGS = {name: vocabulary.meaning for name, vocabulary in CHOICES.items()} | {
    "make": MAKES.meaning,
    "condition": CONDITIONS.meaning,
    "color": color_family,
}


@dataclass(frozen=True, slots=True)
class Spelling:
    """A spelling that no vocabulary has today, in how many offers it was seen, and of whom."""

    field: str
    spelling: str
    seen: int
    sources: list[str]


async def note(connection: asyncpg.Connection, offers: Sequence[OfferRow]) -> None:
    """Count what was not understood in these offers of one source, in the caller's transaction."""
    seen = Counter(pair for offer in offers for pair in offer.unknown)
    if not seen:
        return
    pairs = sorted(seen)
    await connection.execute(
        """
        INSERT INTO unknown_spellings AS u (source, field, spelling, seen)
        SELECT $1, field, spelling, n
        FROM unnest($2::text[], $3::text[], $4::bigint[]) AS g (field, spelling, n)
        WHERE (SELECT count(*) FROM unknown_spellings WHERE source = $1) < $5
            OR EXISTS (SELECT FROM unknown_spellings k
                WHERE (k.source, k.field, k.spelling) = ($1, g.field, g.spelling))
        ON CONFLICT (source, field, spelling) DO UPDATE
        SET seen = u.seen + excluded.seen, last_seen_at = now()
        """,
        offers[0].source,
        [field for field, _ in pairs],
        [spelling for _, spelling in pairs],
        [seen[pair] for pair in pairs],
        MOST,
    )


async def unknown(db: Database, field: str | None = None, limit: int = 50) -> list[Spelling]:
    """The spellings that today's vocabularies do not have, those seen most often first.

    What a vocabulary has learned since is no longer told; the offers understand it when they are
    read again.
    """
    rows = await db.fetch(
        """
        SELECT field, spelling, sum(seen)::bigint AS seen,
            array_agg(source ORDER BY source) AS sources
        FROM unknown_spellings WHERE field = ANY ($1::text[])
        GROUP BY field, spelling ORDER BY sum(seen) DESC, field, spelling
        """,
        [field] if field else list(MEANINGS),
    )
    still = (row for row in rows if not MEANINGS[row["field"]](row["spelling"]).known)
    return [Spelling(**row) for row, _ in zip(still, range(limit), strict=False)]
