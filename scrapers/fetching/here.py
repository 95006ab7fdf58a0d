"""What this process alone knows of its turns at sites: the pauses, and all of it without Valkey."""

from time import monotonic

POLL = 0.02  # seconds until a full site is looked at again


class Here:
    """Places and pauses of sites by their host, on the clock of this process."""

    def __init__(self) -> None:
        self._under_way: dict[str, set[str]] = {}
        self._recent: dict[str, dict[str, float]] = {}  # request → when its place is free again
        self._pauses: dict[str, float] = {}  # until when

    def enter(self, host: str, at_once: int, count: int, request: str) -> float:
        """Take a place and answer 0, or answer after how many seconds to ask again."""
        now = monotonic()
        held = self._under_way.setdefault(host, set())
        recent = {name: at for name, at in self._recent.pop(host, {}).items() if at > now}
        if recent:
            self._recent[host] = recent
        if len(held) >= at_once:
            return POLL
        if count and len(held) + len(recent) >= count:
            return max(min(recent.values()) - now, 0.001) if recent else POLL
        held.add(request)
        return 0.0

    def leave(self, host: str, seconds: float, request: str) -> None:
        """Give a place back, which is free after so many seconds; one of Valkey's is not here."""
        held = self._under_way.get(host, set())
        if request not in held:
            return
        held.remove(request)
        if not held:
            del self._under_way[host]
        if seconds:
            self._recent.setdefault(host, {})[request] = monotonic() + seconds

    def pause(self, host: str, seconds: float) -> None:
        """Remember to leave a site alone."""
        self._pauses[host] = max(self._pauses.get(host, 0.0), monotonic() + seconds)

    def paused(self, host: str) -> float:
        """Seconds for which a site is to be left alone, 0 when it is not."""
        left = self._pauses.get(host, 0.0) - monotonic()
        if left <= 0:
            self._pauses.pop(host, None)
        return max(left, 0.0)

    def clear(self) -> None:
        """Forget all."""
        for known in (self._under_way, self._recent, self._pauses):
            known.clear()


HERE = Here()
"""All crawls of a process share what it knows."""
