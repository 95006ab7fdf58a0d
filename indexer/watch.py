"""Whether the engine still has what the rows say, and whether it is what is wanted today."""

import logging
import time

from catalog.sync import COMING
from catalog.vertical import Vertical
from engine.client import Engine
from indexer import generations, indexes, rewound
from indexer.generations import Generation
from indexer.history import History
from indexer.lease import Lease
from indexer.refusals import Refusals
from indexer.requests import REINDEX
from indexer.settings import Wanted
from indexer.tuning import Tuning
from jobs import rows
from jobs.unmade import unmade

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0


class Watch:
    """Looks after one vertical's generations every five seconds; asks for a new one by itself."""

    def __init__(
        self, lease: Lease, engine: Engine, vertical: Vertical, wanted: Wanted, tuning: Tuning
    ) -> None:
        self._lease = lease
        self._engine = engine
        self._vertical = vertical
        self._wanted = wanted
        self._tuning = tuning
        self._history = History(lease.pool, engine, vertical)
        self._look_after = 0.0
        self._live: int | None = None
        self._began = False
        self._refusals = Refusals(lease, engine, vertical)

    async def step(self, followed: list[Generation]) -> bool:
        """Look, if it is time or another generation is live; whether a generation changed."""
        if not self._began:
            await rewound.look_behind(self._lease, self._engine, followed)
            self._began = True
        if any(each.state == "swapping" for each in followed):
            return False
        live = next((each.id for each in followed if each.state == "live"), None)
        if time.monotonic() < self._look_after and live == self._live:
            return False
        self._live = live
        changed = await self._drop_lost(followed) or await self._drop_old(followed)
        if not changed:
            await self._look_at_live(followed)
            await self._want_one(followed)
            owned = {each.index_uid for each in followed}
            await indexes.sweep(self._engine, self._vertical.index, owned)
            await self._history.step()
            self._look_after = time.monotonic() + LOOK_SECONDS
        return changed

    async def stop(self) -> None:
        """End what runs beside the steps."""
        await self._refusals.stop()

    async def _look_at_live(self, followed: list[Generation]) -> None:
        """Keep the number of its documents, which is right if the engine was not put back."""
        live = next((each for each in followed if each.state == "live"), None)
        if live is None:
            await rewound.look(self._lease, self._engine, followed)
            return
        indexed = await indexes.documents(self._engine, live.index_uid)
        await rewound.look(self._lease, self._engine, followed)
        if indexed != live.indexed:
            async with self._lease.transaction() as db:
                await generations.change(db, live.id, indexed=indexed)

    async def _drop_lost(self, followed: list[Generation]) -> bool:
        """Follow no longer what the engine has not got: it was emptied, or put back from a copy."""
        for each in followed:
            if each.engine_created_at is None:
                continue
            if await indexes.created_at(self._engine, each.index_uid) == each.engine_created_at:
                continue
            reason = f"The search server has lost the index {each.index_uid}."
            log.warning(reason)
            async with self._lease.transaction() as db:
                await generations.lose(db, each, reason)
            return True
        return False

    async def _drop_old(self, followed: list[Generation]) -> bool:
        over = await self._lease.pool.fetch(
            "SELECT id FROM generations WHERE id = ANY ($1::bigint[]) AND state = 'old'"
            " AND kept_until < now()",
            [each.id for each in followed],
        )
        for each in followed:
            if each.id in {row["id"] for row in over}:
                await self._give_up(each, "dropped", None)
        return bool(over)

    async def _want_one(self, followed: list[Generation]) -> None:
        """Ask for a new generation where there is none, or only of another view or settings.

        One that failed is asked for again after a pause, one that was refused when it is over.
        """
        failed = (await unmade(self._lease.pool)).get(self._vertical.name)
        refused = failed.generation if failed and failed.refused else None
        refused_still = await self._refusals.hold(refused, self._live)
        if self._live is None:
            await indexes.ensure(self._engine, self._vertical.index, self._wanted.values)
        newest = next((each for each in followed if each.state in COMING), None) or next(
            (each for each in followed if each.state == "live"), None
        )
        view = await generations.view_digest(self._lease.pool, self._vertical)
        reason = None if newest and newest.comes_back else await self._reason(newest, view)
        if reason is None:
            return
        if newest is not None and newest.state in COMING:
            await self._give_up(newest, "failed", reason)
        waits = failed and failed.waits and failed.wanted == (view, self._wanted.digest)
        if refused_still or waits or await self._is_asked():
            return
        log.info("A new index of %s is needed: %s", self._vertical.name, reason)
        await rows.enqueue(self._lease.pool, REINDEX, self._vertical.name, {"reason": reason})

    async def _reason(self, newest: Generation | None, view: str) -> str | None:
        if newest is None:
            return "there is none yet."
        wanted = self._wanted.digest
        if (newest.view_digest, newest.settings_digest) == (view, wanted):
            return None
        if await generations.is_rejected(self._lease.pool, self._vertical, view, wanted):
            return None
        if newest.view_digest != view:
            return f"the view {self._vertical.view} has changed."
        if newest.engine_created_at is None:
            return "meilisearch-settings.json has changed."
        return await self._tune(newest)

    async def _tune(self, newest: Generation) -> str | None:
        """Change settings in place where they can be; the reason for a new index where not."""
        changes = await self._tuning.changes(newest)
        others = [each.name for each in changes if not each.in_place]
        if others:
            return f"meilisearch-settings.json has changed ({', '.join(others)})."
        self._tuning.start(newest, changes)
        return None

    async def _is_asked(self) -> bool:
        return bool(
            await self._lease.pool.fetchval(
                "SELECT EXISTS (SELECT FROM jobs WHERE kind = $1 AND key = $2"
                " AND state IN ('queued', 'running'))",
                REINDEX,
                self._vertical.name,
            )
        )

    async def _give_up(self, generation: Generation, state: str, reason: str | None) -> None:
        async with self._lease.transaction() as db:
            await generations.give_up(db, generation.id, state, reason)
