"""Drift: what share of a source's items has each field, and which shares fell.

A site that changes its pages seldom says so: a field is just not there any more. What a run reads
is compared with the healthy runs before it, while it goes on. A fall is told; where most of a
field is lost, what was known of it stays, and the run is held as suspicious.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any, NamedTuple

import asyncpg

from catalog.cars import CAR_COLUMNS, DealerRow, OfferRow
from jobs.rows import Database
from scrapers.runs.rows import Run

WATCHED = (*CAR_COLUMNS, "dealer")
RUNS = 10  # healthy runs that say what is usual
FEWEST = 20  # items, below which a share says nothing
RARE = 0.1  # a field that fewer items have is not watched
FALLEN = 0.8  # of the usual share: below it people are told
LOST = 0.5  # of the usual share: below it the run is held
DEVIATIONS = 4.0  # by which a share must differ from chance


class Fall(NamedTuple):
    """A field that far fewer items have than usual; both are shares of 1."""

    field: str
    share: float
    usual: float

    @property
    def is_loss(self) -> bool:
        return self.share < self.usual * LOST

    def __str__(self) -> str:
        return f"{self.field} on {self.share:.0%} of the items (usually {self.usual:.0%})"


@dataclass
class Shares:
    """How many items were read, and how many of them have each field."""

    read: int = 0
    filled: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, rows: Sequence[OfferRow]) -> "Shares":
        filled = Counter(name for row in rows for name in WATCHED if _has(row, name))
        return cls(len(rows), filled)

    def add(self, more: "Shares") -> None:
        self.read += more.read
        self.filled.update(more.filled)

    def falls(self, usual: "Shares") -> list[Fall]:
        """The fields that fell, the deepest fall first; none while there are few items.

        A fall is a share below 80 % of the usual one that chance does not explain: four standard
        deviations of the binomial distribution, and one item.
        """
        if min(self.read, usual.read) < FEWEST:
            return []
        found = []
        for name, count in usual.filled.items():
            before, now = count / usual.read, self.filled[name] / self.read
            by_chance = DEVIATIONS * sqrt(self.read * before * max(0.0, 1 - before)) + 1
            is_fall = now < before * FALLEN and (before - now) * self.read > by_chance
            if before >= RARE and is_fall:
                found.append(Fall(name, round(now, 3), round(before, 3)))
        return sorted(found, key=lambda fall: (fall.share / fall.usual, fall.field))


async def usual(db: Database, run: Run) -> Shares:
    """What the last ten healthy runs read, or those since a person accepted a suspicious one."""
    rows = await db.fetch(
        """
        SELECT read, filled FROM runs
        WHERE source = $1 AND id < $2 AND state = 'done' AND read > 0 AND id >= coalesce((
            SELECT max(id) FROM runs WHERE source = $1 AND state = 'done' AND settled_at IS NOT NULL
        ), 0)
        ORDER BY id DESC LIMIT $3
        """,
        run.source,
        run.id,
        RUNS,
    )
    shares = Shares()
    for row in rows:
        shares.add(Shares(row["read"], Counter(row["filled"])))
    return shares


class Watch:
    """Counts what a run reads, and keeps values that are being lost.

    A few items say nothing yet: those of the first that lack something usual wait for the others,
    fewer than twenty of them, so that no value is gone before its loss is noticed.
    """

    def __init__(self, usual: Shares, seen: Shares) -> None:
        self._usual, self._seen = usual, seen
        self._waiting: list[OfferRow] = []

    @classmethod
    async def begin(cls, db: Database, run: Run) -> "Watch":
        """The watch of a run, which may have been begun by a worker that was killed."""
        row = await db.fetchrow("SELECT read, filled FROM runs WHERE id = $1", run.id)
        return cls(await usual(db, run), Shares(row["read"], Counter(row["filled"])))

    @property
    def falls(self) -> list[Fall]:
        return self._seen.falls(self._usual)

    async def look(
        self, db: Database, rows: Sequence[OfferRow], *, last: bool
    ) -> tuple[list[OfferRow], Shares]:
        """Count these rows; the rows that are to be written now, and the count.

        Those without a field that is being lost get what is stored of it. They lose their card's
        digest, so that their pages are read again at the next visit. After the `last` rows none
        waits any longer.
        """
        counted = Shares.of(rows)
        self._seen.add(counted)
        come, self._waiting = [*self._waiting, *rows], []
        if not last and self._seen.read < FEWEST:
            self._waiting = [row for row in come if self._lacks(row)]
            come = [row for row in come if not self._lacks(row)]
        lost = [fall.field for fall in self.falls if fall.is_loss]
        lacking = [row for row in come if any(not _has(row, name) for name in lost)]
        if lacking:
            await _restore(db, lacking, lost)
        return come, counted

    def _lacks(self, row: OfferRow) -> bool:
        """Whether a row is without a field that is watched in this source."""
        if self._usual.read < FEWEST:
            return False
        watched = (n for n, count in self._usual.filled.items() if count >= self._usual.read * RARE)
        return any(not _has(row, name) for name in watched)


async def _restore(db: Database, rows: Sequence[OfferRow], lost: Sequence[str]) -> None:
    columns = [f"o.{name}" for name in lost if name != "dealer"]
    stored = await db.fetch(
        f"""
        SELECT {", ".join(["o.external_id", *columns])},
            d.external_id AS dealer_id, d.name AS dealer_name
        FROM offers o LEFT JOIN dealers d ON d.id = o.dealer_id
        WHERE o.source = $1 AND o.external_id = ANY ($2::text[])
        """,
        rows[0].source,
        [row.external_id for row in rows],
    )
    known = {row["external_id"]: row for row in stored}
    for row in rows:
        row.card_digest = None
        if row.external_id in known:
            for name in lost:
                if not _has(row, name):
                    setattr(row, name, _value(known[row.external_id], name))


def _value(stored: asyncpg.Record, name: str) -> Any:
    if name != "dealer":
        return stored[name]
    return (
        DealerRow(external_id=stored["dealer_id"], name=stored["dealer_name"])
        if (stored["dealer_id"])
        else None
    )


def _has(row: OfferRow, name: str) -> bool:
    return getattr(row, name) not in (None, "", [])
