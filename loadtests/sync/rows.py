"""What was measured, as rows: printed for people, or as JSON."""

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson
import psutil


@dataclass(frozen=True)
class Row:
    """One figure; `limit` is what it should be, `at_most` or `at_least`."""

    name: str
    value: float
    unit: str
    note: str = ""
    at_most: float | None = None
    at_least: float | None = None

    @property
    def kept(self) -> bool:
        return (self.at_most is None or self.value <= self.at_most) and (
            self.at_least is None or self.value >= self.at_least
        )

    def __str__(self) -> str:
        limit = "" if self.at_most is None else f"≤ {self.at_most:g}"
        limit = limit if self.at_least is None else f"≥ {self.at_least:g}"
        verdict = "" if self.kept else "  MISSED"
        digits = 0 if abs(self.value) >= 100 else 2 if abs(self.value) < 10 else 1
        figure = f"{self.value:>12,.{digits}f} {self.unit:<18}"
        return f"{self.name:<40}{figure}{limit:<8}{self.note}{verdict}".rstrip()


def quantile(values: Sequence[float], part: float) -> float:
    """The value that `part` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def machine() -> dict[str, Any]:
    """Where it was measured, and how busy that was."""
    return {
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
        "load": round(os.getloadavg()[0], 2),
    }


def as_json(rows: Sequence[Row], **more: Any) -> str:
    return orjson.dumps(
        {"machine": machine(), **more, "rows": [{**asdict(row), "kept": row.kept} for row in rows]}
    ).decode()
