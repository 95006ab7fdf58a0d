"""Who asks the market how often: counts, and how close together requests come."""

from collections import Counter, deque
from time import monotonic
from typing import Any

MOST_PATHS = 100_000  # that are counted one by one


class Traffic:
    """Requests since the last `clear`, by their arrival."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Begin to count anew."""
        self.total = 0
        self.per_second = 0  # the most in any one second
        self.shortest_gap: float | None = None  # seconds
        self.longest_gap: float | None = None
        self.at_once = 0  # the most under way at the same time
        self.statuses: Counter[int] = Counter()
        self._paths: Counter[str] = Counter()
        self._last_second: deque[float] = deque()
        self._under_way = 0

    def arrive(self, path: str) -> None:
        now = monotonic()
        if self._last_second:
            gap = now - self._last_second[-1]
            self.shortest_gap = gap if self.shortest_gap is None else min(gap, self.shortest_gap)
            self.longest_gap = gap if self.longest_gap is None else max(gap, self.longest_gap)
        while len(self._last_second) > 1 and self._last_second[0] <= now - 1:
            self._last_second.popleft()
        self._last_second.append(now)
        recent = sum(at > now - 1 for at in self._last_second)
        self.per_second = max(self.per_second, recent)
        self.total += 1
        self._under_way += 1
        self.at_once = max(self.at_once, self._under_way)
        if path in self._paths or len(self._paths) < MOST_PATHS:
            self._paths[path] += 1

    def leave(self, status: int | None) -> None:
        """A request was answered, or its connection ended without one (None)."""
        self._under_way = max(0, self._under_way - 1)
        self.statuses[status or 0] += 1

    def told(self) -> dict[str, Any]:
        """The numbers, as `GET /_requests` answers them; status 0 is no answer."""
        return {
            "total": self.total,
            "per_second": self.per_second,
            "shortest_gap": self.shortest_gap,
            "longest_gap": self.longest_gap,
            "at_once": self.at_once,
            "statuses": {str(status): n for status, n in sorted(self.statuses.items())},
            "most_asked": dict(self._paths.most_common(10)),
        }
