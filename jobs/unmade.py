"""Indexes that should have been made and were not: how often, and when the next is tried unasked.

Each failure doubles the pause, for an index of the same documents and settings would be loaded
whole to fail again. Another view, other settings or a person do not wait for it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from jobs.rows import Database

PAUSE_SECONDS = (300.0, 4 * 3600.0)
"""First and longest pause after a failure while the live index answers searches."""

WITHOUT_SECONDS = (10.0, 900.0)
"""As above where there is none: a search finds nothing then, or what is old."""


@dataclass(frozen=True)
class Unmade:
    """The newest generation of a vertical, which ended before it was live."""

    generation: int
    since: datetime  # its end
    times: int  # that one of its view and settings ended so, one after the other
    refused: bool  # the table looked emptied: none is made unasked before that is over
    again_at: datetime | None  # when the next is made unasked; None if refused
    waits: bool  # whether that is still to come, by the database's clock
    wanted: tuple[str, str]  # digests of its view and its settings

    def as_json(self) -> dict[str, Any]:
        """What a script is told of it."""
        return {
            "generation": self.generation,
            "since": self.since.isoformat(),
            "times": self.times,
            "refused": self.refused,
            "again_at": self.again_at.isoformat() if self.again_at else None,
        }


async def unmade(db: Database) -> dict[str, Unmade]:
    """Those of verticals that still want one: their live index, if any, is of something else.

    One that was refused is told whatever is live.
    """
    found = await db.fetch(
        """
        SELECT n.vertical, n.id, n.finished_at, n.refused, n.view_digest, n.settings_digest,
            live.id IS NOT NULL AS lives, now() AS now, (
                SELECT count(*) FROM generations f
                WHERE f.vertical = n.vertical AND f.state IN ('failed', 'canceled')
                AND (f.view_digest, f.settings_digest) = (n.view_digest, n.settings_digest)
                AND (f.id = n.id OR NOT f.refused) AND f.id > (
                    SELECT coalesce(max(id), 0) FROM generations
                    WHERE vertical = n.vertical AND live_at IS NOT NULL)
            ) AS times
        FROM (SELECT DISTINCT ON (vertical) * FROM generations ORDER BY vertical, id DESC) n
        LEFT JOIN generations live ON live.vertical = n.vertical AND live.state = 'live'
        WHERE n.state IN ('failed', 'canceled') AND n.live_at IS NULL AND (
            n.refused OR live.id IS NULL OR (
                (live.view_digest, live.settings_digest) <> (n.view_digest, n.settings_digest)
                AND NOT EXISTS (
                    SELECT FROM generations r WHERE r.vertical = n.vertical AND r.rejected
                    AND (r.view_digest, r.settings_digest) = (n.view_digest, n.settings_digest))))
        """
    )
    return {row["vertical"]: _unmade(row) for row in found}


def _unmade(row: Any) -> Unmade:
    since, now = row["finished_at"], row["now"]
    again_at = None if row["refused"] else since + pause(row["times"], lives=row["lives"])
    return Unmade(
        row["id"],
        since,
        row["times"],
        row["refused"],
        again_at,
        again_at is not None and since <= now < again_at,  # a clock may have been set back
        (row["view_digest"], row["settings_digest"]),
    )


def pause(times: int, *, lives: bool) -> timedelta:
    """How long after so many failures the next index is tried unasked: doubling, bounded."""
    first, longest = PAUSE_SECONDS if lives else WITHOUT_SECONDS
    return timedelta(seconds=min(longest, first * 2.0 ** min(times - 1, 32)))
