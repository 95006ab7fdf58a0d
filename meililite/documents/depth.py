"""How deep a JSON text is nested, without parsing it."""

from __future__ import annotations

import numpy as np

LIMIT = 127  # arrays and objects within one another that Meilisearch's parser takes

_BRACKETS = b"[]{}"
_OTHERS = bytes(set(range(256)) - set(_BRACKETS))

_STEP = np.zeros(256, dtype=np.int8)
_STEP[list(b"[{")] = 1
_STEP[list(b"]}")] = -1


def may_be_too_deep(data: bytes) -> bool:
    """Whether `data` might be nested deeper than LIMIT; brackets in strings count, too.

    False is certain. True wants a slower look.
    """
    brackets = np.frombuffer(data.translate(None, _OTHERS), dtype=np.uint8)
    depths = np.cumsum(_STEP[brackets], dtype=np.int64)
    return bool((depths > LIMIT).any())
