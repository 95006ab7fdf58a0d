"""The answers that one worker keeps, bounded by their bytes; the least recently used go first."""

import hashlib
from dataclasses import dataclass

from cachetools import LRUCache

MOST_BYTES = 64 * 1024 * 1024
OWN_BYTES = 600
"""What an answer takes beside its body: key, tag and their places."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer's bytes and their tag; `version` is the index's when it was asked for.

    `made` is on the loop's clock, in seconds.
    """

    body: bytes
    etag: str
    version: int | None
    made: float


def etag_of(body: bytes) -> str:
    """The tag of an answer, weak (RFC 9110, 8.8.3): what is said of one request is not in it."""
    return f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'  # twice as fast here as blake2b


class Memory(LRUCache[tuple[str, bytes], Kept]):
    """Answers by vertical and key."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        super().__init__(most_bytes, getsizeof=lambda kept: len(kept.body) + OWN_BYTES)

    def keep(self, key: tuple[str, bytes], kept: Kept) -> None:
        """Keep an answer unless a newer one is there, or it is larger than all of this."""
        known = self.get(key)
        newer = known is not None and known.made > kept.made
        if not newer and self.getsizeof(kept) <= self.maxsize:
            self[key] = kept
