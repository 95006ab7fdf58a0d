"""What was asked lately, so that a version nobody has searched yet can be made ready for it."""

from __future__ import annotations

from collections import deque
from typing import Any

import orjson

_KEPT = 32  # queries, of all indexes together
_MOST_BYTES = 16_384  # of one; a longer one is not typical of others

Query = tuple[str, dict[str, Any]]  # the operation, and its request, which names its index


class Recent:
    """The last queries that this process answered."""

    def __init__(self) -> None:
        self._asked: deque[tuple[str, bytes]] = deque(maxlen=_KEPT)

    def note(self, query: Query) -> None:
        asked = orjson.dumps(query)
        if len(asked) <= _MOST_BYTES:
            self._asked.append((query[1].get("indexUid") or "", asked))

    def of(self, uid: str) -> list[Query]:
        """Those of the index that has this name, each once, the oldest first."""
        own = dict.fromkeys(asked for name, asked in self._asked if name == uid)
        return [orjson.loads(asked) for asked in own]
