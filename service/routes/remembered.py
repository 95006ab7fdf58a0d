"""What the queries of URLs ask for, remembered within a bound of bytes."""

import sys
from dataclasses import dataclass

from cachetools import TTLCache

from service.analytics.events import Told, told
from service.caching.keys import key_of
from service.understanding.search import Reader, Search

MOST_BYTES = 16 * 1024 * 1024
SECONDS = 3600
"""What a query means may depend on the year."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a URL's query asks for; equal `key` for equal meaning, `size` in bytes of memory."""

    search: Search
    key: bytes
    told: Told
    size: int


class Remembered:
    """Reads a URL once; what was read longest ago goes first."""

    def __init__(self, reader: Reader, most_bytes: int = MOST_BYTES) -> None:
        self._reader = reader
        self._known: TTLCache[str, Asked] = TTLCache(
            most_bytes, SECONDS, getsizeof=lambda asked: asked.size
        )

    def read(self, query: str) -> Asked:
        """What a URL's query asks for; raises Problem (400) naming the parameter."""
        asked = self._known.get(query)
        if asked is None:
            search = self._reader.read(query)
            remembered = told(search.values.get("q", ""), search)
            asked = Asked(search, key_of(search), remembered, _size(query, search, remembered))
            if search.polygon is None:  # whose boxes may be many
                self._known[query] = asked
        return asked


def _size(query: str, search: Search, remembered: Told) -> int:
    """About what a search takes, rather too much than too little: each value of a filter is in
    several of its parts, and each of its words has two queries that take it back.
    """
    words = len(search.words or ())
    back = 600 + 3 * sys.getsizeof(search.values.get("q", ""))
    return 3_000 + 12 * len(query) + 120 * len(remembered.filters) + words * back
