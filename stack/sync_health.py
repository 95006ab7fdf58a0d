"""What someone on call should know of a vertical's index: refused, changed by hand, compared."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import asyncpg

from catalog.vertical import Vertical
from engine.client import Engine
from indexer import settings
from indexer.requests import REPAIR, VERIFY
from indexer.settings import SettingsFileError


@dataclass(frozen=True)
class Verified:
    """The last comparison with the truth: when, of how many documents, how many differed."""

    at: datetime
    documents: int
    differing: int
    repaired: bool


@dataclass(frozen=True)
class Health:
    """None is what could not be asked, or has not happened yet."""

    dead_letters: int | None = None
    verified: Verified | None = None
    settings: list[str] = field(default_factory=list)  # names of those that differ from the file

    def as_json(self) -> dict[str, Any]:
        told = asdict(self)
        if self.verified is not None:
            told["verified"]["at"] = self.verified.at.isoformat()
        return told


async def of_rows(db: asyncpg.Connection, vertical: Vertical) -> dict[str, Any]:
    """The dead letters of the live index and the last comparison, as members of Health."""
    dead = await db.fetchval(
        "SELECT count(*) FROM dead_letters l JOIN generations g ON g.id = l.generation_id"
        " WHERE g.vertical = $1 AND g.state = 'live'",
        vertical.name,
    )
    last = await db.fetchrow(
        "SELECT kind, result, finished_at FROM jobs WHERE kind = ANY ($1::text[]) AND key = $2"
        " AND state = 'done' ORDER BY finished_at DESC LIMIT 1",
        [VERIFY, REPAIR],
        vertical.name,
    )
    if last is None:
        return {"dead_letters": dead, "verified": None}
    result = last["result"]
    repaired = last["kind"] == REPAIR and not result["refused"]
    verified = Verified(last["finished_at"], result["documents"], result["differing"], repaired)
    return {"dead_letters": dead, "verified": verified}


async def differing_settings(engine: Engine, vertical: Vertical, seconds: float) -> list[str]:
    """The names of the live index's settings that are not as the file has them."""
    path = f"/indexes/{vertical.index}/settings"
    try:
        wanted = settings.wanted(vertical.index)
    except SettingsFileError:
        return []
    return settings.differences(wanted, await engine.call("GET", path, timeout=seconds))


def sentences(name: str, health: Health) -> list[str]:
    """What is not as it should be, each with the command that helps."""
    told = []
    if health.dead_letters:
        count = _documents(health.dead_letters)
        told.append(f"{count} refused by the search server: `showroom dead-letters list {name}`")
    if health.settings:
        names = ", ".join(health.settings)
        told.append(f"settings differ from the file ({names}): `showroom settings diff {name}`")
    if health.verified and health.verified.differing and not health.verified.repaired:
        count = _documents(health.verified.differing)
        at = f"{health.verified.at:%m-%d %H:%M} UTC"
        told.append(f"{count} differed at {at}: `showroom verify {name} --repair`")
    return told


def _documents(count: int) -> str:
    return f"{count:,} {'document' if count == 1 else 'documents'}"
