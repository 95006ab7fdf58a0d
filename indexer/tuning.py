"""Settings that an index in use can take in place: applied beside the steps, on request or unasked.

What needs a new index is not applied here: a new generation has all of the settings, and the one
before keeps all of its own, so that a rollback goes back in everything.
"""

import logging
from dataclasses import asdict
from typing import Any

from catalog.vertical import Vertical
from engine.client import Engine, EngineAway, EngineError
from indexer import generations, indexes, rewound, settings
from indexer.beside import Beside
from indexer.generations import Generation
from indexer.indexes import TaskFailed
from indexer.lease import Lease
from indexer.requests import REINDEX, SETTINGS, Requests
from indexer.settings import Change, SettingsFileError, Wanted
from jobs import rows

log = logging.getLogger(__name__)


class Tuning:
    """Applies one vertical's settings, one index at a time."""

    def __init__(
        self,
        lease: Lease,
        engine: Engine,
        vertical: Vertical,
        wanted: Wanted,
        requests: Requests,
    ) -> None:
        self._lease = lease
        self._engine = engine
        self._vertical = vertical
        self._wanted = wanted
        self._requests = requests
        self._work: Beside[None] = Beside()
        self._asked: tuple[rows.Job, dict[str, Any]] | None = None  # with what is told at its end
        self._refused: str | None = None  # digest of settings that the engine did not take

    async def changes(self, generation: Generation) -> list[Change]:
        """What its index has not as the file wants it."""
        actual = await self._engine.call("GET", f"/indexes/{generation.index_uid}/settings")
        return settings.changes(self._wanted.values, actual)

    def start(self, generation: Generation, changes: list[Change]) -> None:
        """Apply these, which are all in place; not those that the engine refused before."""
        if not self._work.busy and self._refused != self._wanted.digest:
            self._work.start(self._apply(generation, changes))

    async def step(self, followed: list[Generation]) -> bool:
        """Serve a request, or end what was started; whether something was begun or ended."""
        if self._work.busy:
            return self._work.done and await self._finish()
        job = (await self._requests.take(self._vertical.name)).get(SETTINGS)
        if job is None:
            return False
        await self._serve(job, next((each for each in followed if each.state == "live"), None))
        return True

    async def stop(self) -> None:
        """End what runs beside the steps."""
        await self._work.stop()
        self._asked = None

    async def _serve(self, job: rows.Job, live: Generation | None) -> None:
        """Read the file again; apply it in place, or ask for a new index that has all of it."""
        if live is None:
            none = f"There is no live index of {self._vertical.name} yet."
            return await self._requests.refuse(job, none)
        try:
            self._wanted.read_again()
            changes = await self.changes(live)
        except SettingsFileError as error:
            return await self._requests.refuse(job, str(error))
        except (EngineError, EngineAway) as error:
            return await self._requests.fail(job, str(error))
        told: dict[str, Any] = {"changes": [asdict(each) for each in changes], "reindex": None}
        if all(each.in_place for each in changes):
            self._refused, self._asked = None, (job, told)
            return self.start(live, changes)
        told["reindex"] = await rows.enqueue(self._lease.pool, REINDEX, self._vertical.name)
        return await self._requests.finish(job, told)

    async def _apply(self, generation: Generation, changes: list[Change]) -> None:
        digest = self._wanted.digest
        task: dict[str, Any] | None = None
        if changes:
            names = [each.name for each in changes]
            log.info("Settings of %s change in place: %s.", generation.index_uid, ", ".join(names))
            task = await indexes.change_settings(
                self._engine,
                generation.index_uid,
                settings.update(self._wanted.values, names),
            )
            if not await self._has_its_name(generation):
                return  # the request may have met another index: the next look tells
            followed = await generations.followed(self._lease.pool, self._vertical.name)
            await rewound.look(self._lease, self._engine, followed)
        async with self._lease.transaction() as db:
            await generations.change(db, generation.id, settings_digest=digest)
            if task is not None:
                await generations.done(db, generation.id, task["uid"], task["enqueuedAt"])

    async def _has_its_name(self, generation: Generation) -> bool:
        """Whether no swap has given the name to another index meanwhile."""
        created = await indexes.created_at(self._engine, generation.index_uid)
        return created == generation.engine_created_at

    async def _finish(self) -> bool:
        """Tell how it ended; until then the request stays in hand."""
        asked, self._asked = self._asked, None
        try:
            self._work.take()
        except (TaskFailed, EngineError) as error:
            log.warning("Settings of %s are not changed: %s", self._vertical.name, error)
            self._refused = self._wanted.digest
            if asked is not None:
                await self._requests.refuse(asked[0], str(error))
        else:
            if asked is not None:
                await self._requests.finish(*asked)
        return True
