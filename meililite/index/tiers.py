"""Which segments become one.

A segment belongs to a class by its size; once a few of a class are there, they and all younger
ones become one of the next class. So there are few segments however many changes come, and a
document is written again only once for each class, until it joins the oldest segment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_FAN = 4  # so many segments of one class become one
_CLASS = 8  # a class ends where the next begins: at the powers of this
_SHARE = 4  # the oldest segment is written anew when the others hold a quarter as much


def first_to_merge(sizes: Sequence[int], *, whole: bool, limit: int | None = None) -> int | None:
    """Where the segments to merge start; all from there on are merged. None: there is no need.

    sizes: of the segments, oldest first, in documents; whole: the first is the oldest of the
    index; limit: the most documents that may be merged now.
    """
    for start in _starts(sizes, whole=whole):
        if limit is None or sum(sizes[start:]) <= limit:
            return start
    return None


def _starts(sizes: Sequence[int], *, whole: bool) -> Iterator[int]:
    if whole and len(sizes) > 1 and sum(sizes[1:]) * _SHARE >= sizes[0]:
        yield 0
    limit = _CLASS
    while limit < _CLASS * max(sizes, default=0):
        start = len(sizes)
        while start and sizes[start - 1] < limit:
            start -= 1
        if sum(size * _CLASS >= limit for size in sizes[start:]) >= _FAN:
            yield start
        limit *= _CLASS
