"""Breakers: a source that is away or does not want us is left alone for longer and longer.

Closed, crawls go on; open, none begins before a time; half-open after that: the next crawl closes
it, or opens it for twice as long. The state stands in Postgres and outlives workers.
"""

from datetime import UTC, datetime, timedelta

from jobs.handlers import TryLater
from jobs.rows import Database
from scrapers.sources.rows import postpone

FAILURES = 3  # crawls in a row that the site failed, which open a breaker
AWAY = timedelta(minutes=15)  # the first time that it is open
BLOCKED = timedelta(hours=6)  # the same, when the site has said that it does not want us
LONGEST = timedelta(days=7)
DOUBLINGS = 12  # after so many the longest time is reached


class SourcePaused(TryLater):
    """The breaker of a source is open."""


async def admit(db: Database, source: str) -> None:
    """Raise SourcePaused while the breaker of a source is open."""
    row = await db.fetchrow(
        "SELECT until, reason FROM breakers WHERE source = $1 AND until > now()", source
    )
    if row is None:
        return
    until = row["until"].astimezone(UTC)
    raise SourcePaused(
        f"The source {source} is left alone until {until:%Y-%m-%d %H:%M} UTC: {row['reason']}"
        f" `showroom resume {source}` lets it be asked before.",
        max(0.0, (until - datetime.now(UTC)).total_seconds()),
    )


async def close(db: Database, source: str) -> bool:
    """Let a source be crawled again; whether anything was held against it."""
    found = await db.fetchval("DELETE FROM breakers WHERE source = $1 RETURNING source", source)
    return found is not None


async def resume(db: Database, source: str) -> bool:
    """Close a breaker and let the source be due now; False when there was nothing to close."""
    if not await close(db, source):
        return False
    await db.execute(
        "UPDATE sources SET next_run_at = least(next_run_at, now()) WHERE name = $1", source
    )
    await db.execute(
        "UPDATE jobs SET run_at = now() WHERE kind = 'crawl' AND key = $1 AND state = 'queued'",
        source,
    )
    return True


async def fail(db: Database, source: str, reason: str) -> float:
    """Count a crawl that the site failed; for how many seconds the source is left alone now."""
    return await _count(db, source, reason, FAILURES, AWAY)


async def block(db: Database, source: str, reason: str) -> float:
    """Open the breaker of a source that does not want us; for how many seconds."""
    return await _count(db, source, reason, 1, BLOCKED)


async def _count(db: Database, source: str, reason: str, enough: int, first: timedelta) -> float:
    """Count a failure and open the breaker when there are enough; the seconds that it is open."""
    row = await db.fetchrow(_COUNT, source, reason, enough, first, LONGEST, DOUBLINGS)
    if row["seconds"] is None:
        return 0.0
    seconds = float(row["seconds"])
    await postpone(db, source, seconds)
    return seconds


_COUNT = """
    WITH counted AS (
        INSERT INTO breakers AS b (source, failures, opened, until, reason)
        VALUES ($1, 1, ($3 <= 1)::int, CASE WHEN $3 <= 1 THEN now() + $4 END, $2)
        ON CONFLICT (source) DO UPDATE SET
            failures = b.failures + 1,
            reason = excluded.reason,
            opened = b.opened + (b.failures + 1 >= $3)::int,
            until = CASE WHEN b.failures + 1 >= $3
                THEN now() + least($4 * 2.0 ^ least(b.opened, $6), $5) END
        RETURNING until
    )
    SELECT extract(epoch FROM until - now()) AS seconds FROM counted
"""
