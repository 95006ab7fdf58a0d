"""How deep a JSON text is nested, without parsing it."""

from __future__ import annotations

import numpy as np

LIMIT = 127  # arrays and objects within one another that Meilisearch's parser takes
_CHUNK = 1 << 20

_STEP = np.zeros(256, dtype=np.int8)
_STEP[list(b"[{")] = 1
_STEP[list(b"]}")] = -1


def may_be_too_deep(data: bytes) -> bool:
    """Whether `data` might be nested deeper than LIMIT; brackets in strings count, too.

    False is certain. True wants a slower look.
    """
    if data.count(b"[") + data.count(b"{") <= LIMIT:
        return False
    codes = np.frombuffer(data, dtype=np.uint8)
    depth = 0
    for start in range(0, len(codes), _CHUNK):
        steps = np.cumsum(_STEP[codes[start : start + _CHUNK]], dtype=np.int64)
        if depth + int(steps.max()) > LIMIT:
            return True
        depth += int(steps[-1])
    return False
