"""How far a coming generation is, for who waits for it: documents, how fast, how long still."""

from collections import deque
from time import monotonic
from typing import Any

import asyncpg

from indexer.generations import Generation

WINDOW_SECONDS = 15.0
"""The rate is that of the last seconds: what was fast before does not count any more."""


class Progress:
    """Of one vertical's coming generation; asked about once a second."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._generation: int | None = None
        self._seen: deque[tuple[float, int]] = deque()

    async def look(self, coming: Generation, waits_for: str | None) -> dict[str, Any]:
        """What is published: `documents` of `total` that the engine has done, `eta_seconds`.

        The rate is in documents a second; it and the ETA are None while nothing is known.
        """
        on_their_way = await self._pool.fetchval(
            "SELECT coalesce(sum(cardinality(documents)), 0)::bigint FROM batches"
            " WHERE generation_id = $1 AND state = 'open'",
            coming.id,
        )
        done = max(0, coming.documents - on_their_way)
        rate = self._rate(coming.id, done) if coming.state == "loading" else None
        left = max(0, (coming.total or 0) - done)
        return {
            "generation": coming.id,
            "state": coming.state,
            "documents": done,
            "total": coming.total,
            "documents_per_second": round(rate, 1) if rate else None,
            "eta_seconds": round(left / rate, 1) if rate else None,
            "waits_for": waits_for,
        }

    def _rate(self, generation: int, done: int) -> float | None:
        now = monotonic()
        if generation != self._generation:
            self._generation = generation
            self._seen.clear()
        self._seen.append((now, done))
        while now - self._seen[0][0] > WINDOW_SECONDS:
            self._seen.popleft()
        began, before = self._seen[0]
        return (done - before) / (now - began) if now > began else None
