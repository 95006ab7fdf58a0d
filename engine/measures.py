"""How often each route of the search server was called, how long it took, how often it failed."""

import re
from bisect import bisect_left
from dataclasses import dataclass, field

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the histogram's buckets in seconds; one more bucket has what is above."""

_INDEX = re.compile(r"^/indexes/[^/]+")
_TASK = re.compile(r"^/tasks/\d+")
_DOCUMENT = re.compile(r"/documents/(?!fetch$|delete$|delete-batch$|edit$)[^/]+$")


def route(method: str, path: str) -> str:
    """The call without the names in it, so that there are few: `GET /indexes/:index/stats`."""
    path = _TASK.sub("/tasks/:task", _INDEX.sub("/indexes/:index", path))
    return f"{method} {_DOCUMENT.sub('/documents/:document', path)}"


@dataclass(slots=True)
class Measure:
    """The calls of one route: `buckets[i]` took at most `BOUNDS[i]` seconds (not cumulative)."""

    count: int = 0
    errors: int = 0
    seconds: float = 0.0
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))

    def add(self, seconds: float, *, failed: bool) -> None:
        self.count += 1
        self.errors += failed
        self.seconds += seconds
        self.buckets[bisect_left(BOUNDS, seconds)] += 1
