"""The indexer's loop: claim, settle, reindex, send, for each vertical."""

import asyncio
import logging
import time
from contextlib import AsyncExitStack, suppress
from datetime import timedelta

from catalog.database import DATABASE_ERRORS, connect
from catalog.sync import COMING
from catalog.vertical import Vertical
from catalog.verticals import VERTICALS
from config.settings import Settings
from engine import version
from engine.client import Engine, EngineAway, EngineError
from indexer import generations
from indexer.claim import FAN_OUT_ROWS, claim, next_fan_out
from indexer.desk import Desk
from indexer.documents import ViewIsWrong
from indexer.failures import TooManyDeadLetters
from indexer.generations import Generation
from indexer.indexes import TaskFailed
from indexer.lease import Lease, LeaseLost, hold
from indexer.publisher import Publisher
from indexer.reindex import Reindex
from indexer.requests import Requests
from indexer.rewound import Rewound
from indexer.sender import Sender
from indexer.sending import SendingEngine
from indexer.settings import Wanted
from indexer.tuning import Tuning
from indexer.verification import Verification
from indexer.watch import Watch

log = logging.getLogger(__name__)

PAUSE_SECONDS = (0.005, 0.05)
"""First and longest pause between two steps; short ones follow what was sent."""

CLAIM_SECONDS = PAUSE_SECONDS[1]
LOOK_SECONDS = 1.0
FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 5.0

_TROUBLE = (EngineAway, EngineError, TaskFailed, ViewIsWrong, TooManyDeadLetters, Rewound)


class Writer:
    """Keeps one vertical's indexes in step."""

    def __init__(
        self,
        lease: Lease,
        engine: Engine,
        sending: Engine,
        vertical: Vertical,
        requests: Requests,
        publisher: Publisher,
        wanted: Wanted,
        keep: timedelta,
    ) -> None:
        self._lease = lease
        self._vertical = vertical
        self._publisher = publisher
        self._sender = Sender(lease, engine, sending, vertical)
        self._woken = asyncio.Event()
        self._reindex = Reindex(
            lease, engine, vertical, wanted, self._sender, keep, self._woken.set
        )
        self._desk = Desk(lease, vertical.name, requests, self._reindex, wanted)
        self._tuning = Tuning(lease, engine, vertical, wanted, requests)
        self._verification = Verification(lease, engine, vertical, requests)
        self._watch = Watch(lease, engine, vertical, wanted, self._tuning)
        self._trouble: str | None = None
        self._pause = FIRST_PAUSE_SECONDS
        self._not_before = 0.0
        self._look_after = 0.0
        self._claim_after = 0.0
        self._fan_out = FAN_OUT_ROWS[0]
        self._busy = True

    async def run(self) -> None:
        """Step for ever: every 50 ms, sooner for a while after something moved, and at once when
        what a reindex does beside the steps is done.
        """
        shortest, longest = PAUSE_SECONDS
        pause = longest
        try:
            while True:
                self._lease.check()
                moved = await self.step()
                pause = shortest if moved else min(pause * 1.5, longest)
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._woken.wait()
                self._woken.clear()
        finally:
            await self._reindex.stop()
            await self._watch.stop()
            await self._tuning.stop()
            await self._verification.stop()

    async def step(self) -> bool:
        """Everything once; whether anything was sent or made.

        With nothing under way and nothing claimed, one query is all that a step costs; once a
        second everything is looked at all the same.
        """
        claimed = await self._claim()
        now = time.monotonic()
        if now < self._not_before or not (claimed or self._busy or now >= self._look_after):
            return False
        self._look_after = now + LOOK_SECONDS
        followed = await generations.followed(self._lease.pool, self._vertical.name)
        self._busy = True
        if await self._desk.step(followed):
            return True
        moved = False
        try:
            moved = await self._engine_step(followed)
            self._well()
        except _TROUBLE as error:
            self._wait_after(error)
        self._publisher.raised(self._vertical.name, self._sender.version)
        self._publisher.raised(self._vertical.name, self._reindex.version)
        return moved

    async def _claim(self) -> bool:
        """Claim what changed, at most every 50 ms; whether there was something."""
        if time.monotonic() < self._claim_after:
            return False
        self._claim_after = time.monotonic() + CLAIM_SECONDS
        if not await self._lease.pool.fetchval("SELECT EXISTS (SELECT FROM outbox)"):
            return False
        claimed = await claim(self._lease, self._vertical, self._fan_out)
        if claimed.changes:
            self._fan_out = next_fan_out(self._fan_out, claimed)
        return claimed.changes > 0

    async def _engine_step(self, followed: list[Generation]) -> bool:
        if await self._watch.step(followed) or await self._tuning.step(followed):
            return True
        await self._verification.step(followed)
        open_batches = await self._sender.settle(followed)
        if await self._reindex.step(followed, open_batches):
            return True
        sent = await self._sender.send(followed, open_batches)
        coming = any(each.state in COMING for each in followed)
        self._busy = bool(sent or open_batches or coming or self._sender.lingers)
        return sent > 0

    def _wait_after(self, error: Exception) -> None:
        """Leave the engine alone for a while, at most five seconds; claiming goes on."""
        said = str(error)
        self._desk.trouble = said
        if said != self._trouble:
            log.warning("%s Trying again.", said)
            self._trouble = said
        self._busy = True
        self._not_before = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)

    def _well(self) -> None:
        if self._trouble is not None:
            log.info("Sending %s goes on.", self._vertical.name)
        self._trouble = self._desk.trouble = None
        self._pause = FIRST_PAUSE_SECONDS


async def write(
    lease: Lease, engine: Engine, configured: Settings, wanted: dict[str, Wanted]
) -> None:
    """Be the writer until the lease is lost (LeaseLost) or Postgres is away."""
    valkey = version.connect(str(configured.redis_url))
    publisher = Publisher(valkey)
    keep = timedelta(hours=configured.reindex_keep)
    requests = Requests(lease.pool, sorted(VERTICALS))
    await requests.inherit()
    try:
        async with AsyncExitStack() as opened, asyncio.TaskGroup() as group:
            group.create_task(lease.keep())
            group.create_task(publisher.run(lease.pool))
            for name, each in VERTICALS.items():
                sending = SendingEngine(engine, configured.meili_master_key, each)
                await opened.enter_async_context(sending)
                writer = Writer(
                    lease, engine, sending, each, requests, publisher, wanted[name], keep
                )
                group.create_task(writer.run())
    finally:
        await valkey.aclose()
        await _hand_back(requests)


async def _hand_back(requests: Requests) -> None:
    """What cannot be handed back is free again when its lease ran out."""
    try:
        async with asyncio.timeout(1):
            await requests.hand_back()
    except DATABASE_ERRORS as error:
        log.debug("The reindex job keeps its lease: %s", error)


async def run(configured: Settings) -> None:
    """Stand by, write, and begin again whenever the lease or Postgres was lost.

    Raises SettingsFileError at the start when an index has no settings.
    """
    wanted = {each.name: Wanted(each.index) for each in VERTICALS.values()}
    pause = FIRST_PAUSE_SECONDS
    while True:
        began = time.monotonic()
        try:
            # A task of its own: before Python 3.13 a group leaves its own cancellation in the task.
            await asyncio.create_task(_stand_by_and_write(configured, wanted))
        except* LeaseLost as lost:
            log.warning("%s This indexer stops writing.", _sentence(lost))
        except* DATABASE_ERRORS as away:
            log.warning("Postgres cannot be used (%s). Trying again.", _sentence(away))
        except* Exception:
            log.exception("The indexer met something it does not know. Trying again.")
        _end_if_canceled()
        if time.monotonic() - began > LONGEST_PAUSE_SECONDS:
            pause = FIRST_PAUSE_SECONDS
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


async def _stand_by_and_write(configured: Settings, wanted: dict[str, Wanted]) -> None:
    async with (
        Engine(str(configured.meili_url), configured.meili_master_key) as engine,
        connect(str(configured.database_url)) as pool,
        hold(str(configured.database_url), pool, VERTICALS) as lease,
    ):
        await write(lease, engine, configured, wanted)


def _end_if_canceled() -> None:
    """A group whose member fails as it is canceled raises that failure alone."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _sentence(error: BaseException) -> str:
    """Its first line; of a group, that of its first member."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return (str(error).splitlines() or [type(error).__name__])[0]
