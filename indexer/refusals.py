"""A reindex that was refused, for the table looks emptied: looked at again until one would pass.

While its row says so none is made unasked: it would be loaded whole, to be refused again. What ends
it is that rows are there again, that the live index has others, or lost those; settings and view
change nothing of it. A person who asks for one is not kept from it.
"""

import logging
import time

from catalog.vertical import Vertical
from engine.client import Engine
from indexer import emptied, generations
from indexer.beside import Beside
from indexer.lease import Lease

log = logging.getLogger(__name__)

PAUSES = 20
"""The pause after a look is so many times as long: it may read all ids of the live index."""


class Refusals:
    """Of one vertical. The look is the gate's own, without a load; it runs beside the steps."""

    def __init__(self, lease: Lease, engine: Engine, vertical: Vertical) -> None:
        self._lease = lease
        self._engine = engine
        self._vertical = vertical
        self._work: Beside[bool] = Beside()
        self._about: tuple[int | None, int | None] = (None, None)
        self._look_after = 0.0

    async def hold(self, refused: int | None, live: int | None) -> bool:
        """Whether the newest generation was `refused` and still would be, as far as is known.

        Where another one is `live` since the last look, or none any more, it is looked at at once.
        Raises what the look did, EngineAway or EngineError.
        """
        if (refused, live) != self._about:
            await self.stop()
            self._about, self._look_after = (refused, live), 0.0
        if refused is None:
            return False
        if not self._work.busy and time.monotonic() >= self._look_after:
            self._work.start(self._would_be())
        if not self._work.done or self._work.take():
            return True
        log.info("The table %s looks emptied no longer.", self._vertical.table)
        async with self._lease.transaction() as db:
            await generations.change(db, refused, refused=False)
        return False

    async def stop(self) -> None:
        """End what runs beside the steps."""
        await self._work.stop()

    async def _would_be(self) -> bool:
        began = time.monotonic()
        try:
            pool = self._lease.pool
            return await emptied.refusal_by_ids(pool, self._engine, self._vertical) is not None
        except TimeoutError:  # nobody knows
            log.warning(
                "Whether %s looks emptied takes too long to find out.", self._vertical.table
            )
            return True
        finally:
            self._look_after = time.monotonic() + PAUSES * (time.monotonic() - began)
