"""Every document of an index beside the view: id, digest and body, and the counts."""

from dataclasses import dataclass, field
from typing import Any

import asyncpg

from catalog.cars import CARS
from engine.client import Engine
from tests.chaos.stock import POISONED

PAGE = 500


@dataclass
class Comparison:
    """The ids in which index and view differ, but for the documents that are refused."""

    documents: int = 0
    lost: list[str] = field(default_factory=list)
    ghosts: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)  # sentences: counts, dead letters

    @property
    def words(self) -> str:
        """`stale 3 (A, B, C)`: how many of each, with examples."""
        kinds = {"lost": self.lost, "ghosts": self.ghosts, "stale": self.stale}
        told = [f"{kind} {len(ids)} ({', '.join(ids[:3])})" for kind, ids in kinds.items() if ids]
        return "; ".join(told + self.wrong)

    @property
    def equal(self) -> bool:
        return not (self.lost or self.ghosts or self.stale or self.wrong)


async def compare(db: asyncpg.Pool, engine: Engine, generation: int, uid: str) -> Comparison:
    """Compare index `uid` with the view; call it when nothing changes any more."""
    truth, poisoned = await _truth(db)
    indexed = await _indexed(engine, uid)
    found = Comparison(documents=len(truth))
    good = truth.keys() - poisoned
    found.lost = sorted(good - indexed.keys())
    found.ghosts = sorted(indexed.keys() - truth.keys())
    found.stale = sorted(key for key in good & indexed.keys() if indexed[key] != truth[key])
    stats = await engine.call("GET", f"/indexes/{uid}/stats")
    if stats["numberOfDocuments"] != len(indexed):
        found.wrong.append(f"{uid} counts {stats['numberOfDocuments']} of {len(indexed)} documents")
    rows = await db.fetch("SELECT document FROM dead_letters WHERE generation_id = $1", generation)
    dead = {row["document"] for row in rows}
    if dead != poisoned:
        found.wrong.append(f"dead letters of {uid}: {sorted(dead ^ poisoned)} should not differ")
    return found


async def _truth(db: asyncpg.Pool) -> tuple[dict[str, Any], set[str]]:
    """The bodies of all documents by id, and which of them the search server refuses."""
    rows = await db.fetch(
        f"SELECT id, digest, body, {POISONED} AS poisoned FROM {CARS.view} ORDER BY id"
    )
    for row in rows:
        if row["body"]["digest"] != row["digest"]:
            raise ValueError(f"The view contradicts itself: {row['id']}.")
    return (
        {row["id"]: row["body"] for row in rows},
        {row["id"] for row in rows if row["poisoned"]},
    )


async def _indexed(engine: Engine, uid: str) -> dict[str, Any]:
    documents: dict[str, Any] = {}
    offset = 0
    while True:
        page = await engine.call(
            "POST", f"/indexes/{uid}/documents/fetch", json={"offset": offset, "limit": PAGE}
        )
        documents |= {each["id"]: each for each in page["results"]}
        offset += len(page["results"])
        if len(page["results"]) < PAGE:
            return documents
