"""What someone on call should know of a vertical's index: not made, changed by hand, compared."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from catalog.vertical import Vertical
from engine.client import Engine
from indexer import settings
from indexer.settings import SettingsFileError
from jobs.sync_reports import Verified
from jobs.unmade import Unmade


@dataclass(frozen=True)
class Health:
    """None is what could not be asked, or has not happened yet."""

    dead_letters: int | None = None
    verified: Verified | None = None
    settings: list[str] = field(default_factory=list)  # names of those that differ from the file
    unmade: Unmade | None = None  # the index that is wanted and was not made

    def as_json(self) -> dict[str, Any]:
        told = asdict(self)
        if self.verified is not None:
            told["verified"]["at"] = self.verified.at.isoformat()
        if self.unmade is not None:
            told["unmade"] = self.unmade.as_json()
        return told


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
    if health.unmade:
        told.append(_not_made(name, health.unmade))
    if health.dead_letters:
        count = _documents(health.dead_letters)
        told.append(f"{count} refused by the search server: `showroom dead-letters list {name}`")
    if health.settings:
        names = ", ".join(health.settings)
        told.append(f"settings differ from the file ({names}): `showroom settings diff {name}`")
    if health.verified and health.verified.differing and not health.verified.repaired:
        count = _documents(health.verified.differing)
        at = _moment(health.verified.at)
        told.append(f"{count} differed at {at}: `showroom verify {name} --repair`")
    return told


def _not_made(name: str, unmade: Unmade) -> str:
    if unmade.again_at is None:
        return (
            f"the table looks emptied, so no new index is made since {_moment(unmade.since)} and"
            " the live one stays: put the rows back, or if it is meant"
            f" `showroom reindex {name} --allow-fewer`"
        )
    times = "" if unmade.times == 1 else f" {unmade.times} times"
    return (
        f"a new index is wanted and failed{times}, at last at {_moment(unmade.since)}: tries again"
        f" at {_moment(unmade.again_at)}; `showroom generations {name}` says why,"
        f" `showroom reindex {name}` tries now"
    )


def _moment(at: datetime) -> str:
    return f"{at:%m-%d %H:%M} UTC"


def _documents(count: int) -> str:
    return f"{count:,} {'document' if count == 1 else 'documents'}"
