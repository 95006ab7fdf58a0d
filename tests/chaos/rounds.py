"""A round: writers and violence, then the wait until all has settled, then the comparison."""

import asyncio
import random
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from catalog.cars import CARS
from catalog.database import DATABASE_AWAY
from engine.client import EngineAway, EngineError
from tests.chaos.broken_rules import MUTATIONS
from tests.chaos.comparison import Comparison, compare
from tests.chaos.servers import Servers, pid
from tests.chaos.settling import Unsettled, measuring_lag, settle
from tests.chaos.violence import FAULTS, KILLS, NotReplaced, act, choose
from tests.chaos.writers import writing

SHORTEST_SECONDS = 1.0
ACT_SECONDS = 90.0
TASK_SECONDS = 60.0
KEPT_HELD = 0.3
"""How often a held request is held for another round."""

EXPLAINS_FAILED = {
    "empty_search",
    "put_search_back",
    "put_search_back_unseen",
    "put_database_back",
    "wrong_view",
    "another_view",
}
"""Acts after which a generation may fail."""

_BROKEN_OFF = (*DATABASE_AWAY, EngineAway, EngineError)


@dataclass
class Outcome:
    """What happened in one round, and what was found after it."""

    number: int
    acts: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    lag: float = 0.0
    settled: float = 0.0
    live: Comparison = field(default_factory=Comparison)
    others: list[str] = field(default_factory=list)  # "kind: sentence"

    @property
    def findings(self) -> dict[str, list[str]]:
        """What is wrong, by kind: `lost`, `ghosts`, `stale` have ids, the others sentences."""
        found = {"lost": self.live.lost, "ghosts": self.live.ghosts, "stale": self.live.stale}
        for each in self.others + [f"counts: {sentence}" for sentence in self.live.wrong]:
            kind, _, sentence = each.partition(": ")
            found.setdefault(kind, []).append(sentence)
        return {kind: what for kind, what in found.items() if what}


class Rounds:
    """Rounds on the same servers, one after another; `mutation` names what is broken."""

    def __init__(self, servers: Servers, seed: int, mutation: str | None = None) -> None:
        self._servers = servers
        self._seed = seed
        self._directed = MUTATIONS[mutation].acts if mutation else None
        self._failed_before = 0
        self._late: set[int] = set()

    async def run(self, number: int) -> Outcome:
        """One round; what goes wrong with it as a whole is a finding too."""
        chance = random.Random(f"{self._seed}/{number}")
        outcome = Outcome(number)
        async with measuring_lag(self._servers) as lags:
            await self._harm(chance, outcome)
            await self._look_for_impostors(outcome)
            if outcome.others:  # what follows from it says nothing more
                return outcome
            began = time.monotonic()
            late_swap = await self._release(chance, outcome)
            try:
                await settle(self._servers, self._late)
            except Unsettled as error:
                outcome.others.append(f"unsettled: {error}")
            outcome.settled = time.monotonic() - began
        outcome.lag = max(lags)
        await self._look(outcome, excused=late_swap)
        return outcome

    async def _harm(self, chance: random.Random, outcome: Outcome) -> None:
        """Writers, and beside them the two lanes of acts."""
        servers = self._servers
        if self._directed is None:
            lanes = [
                choose(chance, KILLS, chance.choice((0, 1, 1, 2))),
                choose(chance, FAULTS, chance.choice((1, 1, 2, 3))),
            ]
        else:
            lanes = [list(self._directed)]
        outcome.acts = [name for lane in lanes for name in lane]
        began = time.monotonic()
        async with writing(servers.database_url, chance, outcome.counts):
            async with asyncio.TaskGroup() as group:
                for lane in lanes:
                    group.create_task(self._walk(lane, random.Random(chance.random()), outcome))
            await asyncio.sleep(max(0.0, began + SHORTEST_SECONDS - time.monotonic()))
        servers.proxy.pass_all()

    async def _walk(self, lane: list[str], chance: random.Random, outcome: Outcome) -> None:
        for name in lane:
            await asyncio.sleep(chance.uniform(0, 0.5))
            try:
                async with asyncio.timeout(ACT_SECONDS):
                    await act(name)(self._servers, chance)
            except NotReplaced as error:
                outcome.others.append(f"standby: {error}")
            except _BROKEN_OFF:
                outcome.counts["acts broken off"] += 1

    async def _release(self, chance: random.Random, outcome: Outcome) -> bool:
        """Let what was held arrive, or hold it for another round; whether a swap was among it."""
        held = self._servers.proxy.held
        if not held or (self._directed is None and chance.random() < KEPT_HELD):
            return False
        outcome.acts.append("late: " + ", ".join(" ".join(each.split()[:2])[:40] for each in held))
        taken = await self._servers.proxy.release()
        for uid in taken:
            await self._servers.engine.wait(uid, TASK_SECONDS)
        self._late |= {number for each in taken.values() for number in _batches(each)}
        return any("/swap-indexes" in each for each in held)

    async def _look_for_impostors(self, outcome: Outcome) -> None:
        with suppress(*DATABASE_AWAY):  # asked again when all has settled
            for row in await self._servers.db.fetch("SELECT batch, epoch, last FROM old_epochs"):
                found = f"epochs: a writer that was replaced made a batch: {tuple(row)}"
                if found not in outcome.others:
                    outcome.others.append(found)

    async def _look(self, outcome: Outcome, *, excused: bool) -> None:
        """Compare what is live and what is kept; look for what should not have happened.

        What is kept of another view differs from today's, as it should.
        """
        servers, others = self._servers, outcome.others
        rows = await servers.db.fetch(
            "SELECT id, index_uid, state FROM generations WHERE state = 'live' OR state = 'old'"
            " AND view_digest = md5(pg_get_viewdef($1::text::regclass))",
            CARS.view,
        )
        for row in rows:
            found = await compare(servers.db, servers.engine, row["id"], row["index_uid"])
            if row["state"] == "live":
                outcome.live = found
            elif not found.equal:
                others.append(f"kept: the index before the live one differs: {found.words}")
        failed = await servers.db.fetch(
            "SELECT id, error FROM generations WHERE state = 'failed' AND id > $1 ORDER BY id",
            self._failed_before,
        )
        self._failed_before = max([self._failed_before, *(row["id"] for row in failed)])
        if not excused and not EXPLAINS_FAILED & set(outcome.acts):
            others += [f"generations: {row['id']} failed: {row['error']}" for row in failed]
        await self._look_for_impostors(outcome)
        early = await servers.db.fetch("DELETE FROM too_early RETURNING generation, waiting, other")
        others += [
            f"behind: an index went live with changes before it: {tuple(row)}" for row in early
        ]
        if outcome.counts["deadlocks"]:
            others.append(f"deadlocks: {outcome.counts['deadlocks']} among the writers")
        for each in servers.indexers:
            if pid(each) is None:
                others.append(f"ended: {each.program.name} has ended by itself")


def _batches(request: str) -> list[int]:
    """The number of the batch in the first line of a held request."""
    names = parse_qs(urlsplit(request.split()[1]).query).get("customMetadata", [])
    return [int(name.rpartition("/")[2]) for name in names]
