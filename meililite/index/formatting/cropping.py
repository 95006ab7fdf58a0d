"""Choosing the part of a text to show: around the matches that say most."""

from __future__ import annotations

from collections.abc import Sequence

from meililite.index.formatting.matching import MatchedText, TextMatch
from meililite.index.tokens import Token

_FARTHEST = 7  # matches that are farther apart count as so far


def crop_bounds(matched: MatchedText, size: int) -> tuple[int, int]:
    """The characters (from, to) of about `size` words around the best matches."""
    window = _Window(matched.tokens, *_start(matched, size))
    while window.left > 0 and window.grow():
        pass
    return window.bounds(len(matched.text))


def _start(matched: MatchedText, size: int) -> tuple[int, list[Token], list[Token], bool]:
    """(words to add, tokens before the window from its edge, tokens after it, forwards?)."""
    tokens, matches = matched.tokens, matched.matches
    if not matches:
        return size, [], tokens, True
    first, last = best_interval(matches, size)
    words = last.last_word - first.first_word + 1
    after = min(last.last_token + 1, len(tokens))
    if size >= words:
        return size - words, tokens[: first.first_token][::-1], tokens[after:], True
    return words - size, [], tokens[: after + 1][::-1], False


class _Window:
    """A stretch of tokens that grows on both sides, evenly by words."""

    def __init__(
        self,
        tokens: list[Token],
        left: int,
        before: list[Token],
        after: list[Token],
        forwards: bool,
    ) -> None:
        self.left = left  # words still to add
        self._before, self._after = before, after
        self._taken_before = self._taken_after = 0

    def _peek(self) -> tuple[Token | None, Token | None]:
        before = self._before[self._taken_before :][:1]
        after = self._after[self._taken_after :][:1]
        return (before[0] if before else None), (after[0] if after else None)

    def grow(self) -> bool:
        """Take the next token, or one on each side; False if none is left."""
        before, after = self._peek()
        if before is None and after is None:
            return False
        if before is None or after is None:
            self._take(before=before is not None, after=after is not None)
        elif before.is_separator and after.is_separator:
            self._grow_separators(before, after)
        elif before.is_separator != after.is_separator:
            self._take(before=not before.is_separator, after=not after.is_separator)
        else:
            self._take(before=True, after=self.left > 1)
        return True

    def _grow_separators(self, before: Token, after: Token) -> None:
        if before.kind == after.kind:
            # A separator that nothing follows would stand before the crop marker.
            self._take(before=True, after=self.left > 1)
        else:
            self._take(before=before.kind == "soft", after=before.kind == "hard")

    def _take(self, *, before: bool, after: bool) -> None:
        left, right = self._peek()
        if before and left is not None:
            self._taken_before += 1
            self.left -= 0 if left.is_separator else 1
        if after and right is not None:
            self._taken_after += 1
            self.left -= 0 if right.is_separator else 1

    def bounds(self, length: int) -> tuple[int, int]:
        before, after = self._peek()
        return (before.end if before else 0), (after.start if after else length)


def best_interval(matches: Sequence[TextMatch], size: int) -> tuple[TextMatch, TextMatch]:
    """The first and last of the matches within `size` words that say most."""
    best: tuple[tuple[int, int, int], int, int] | None = None
    first = 0

    def keep(last: int) -> None:
        nonlocal best
        score = _score(matches[first : last + 1])
        if best is None or score > best[0]:
            best = (score, first, last)

    for index, match in enumerate(matches):
        if match.last_word - matches[first].first_word < size:
            continue
        if index:
            keep(index - 1)
        first = _next_start(matches, first, match.last_word, size)
    last = len(matches) - 1
    if first != last or matches[first].words < size:
        keep(last)
    if best is None:
        return matches[0], matches[0]
    return matches[best[1]], matches[best[2]]


def _next_start(matches: Sequence[TextMatch], first: int, last_word: int, size: int) -> int:
    """The next match from which the window reaches the word."""
    while first + 1 < len(matches):
        first += 1
        start = matches[first].first_word
        if start > last_word or last_word - start < size:
            break
    return first


def _score(matches: Sequence[TextMatch]) -> tuple[int, int, int]:
    """(different words, minus the distances between them, how many are in order)."""
    ids: set[int] = set()
    order = distance = 0
    for index, match in enumerate(matches):
        ids.update(match.ids)
        inside = match.words - 1
        order += inside
        distance -= inside
        if index + 1 < len(matches):
            following = matches[index + 1]
            order += min(following.ids) > min(match.ids)
            distance -= min(following.first_word - match.last_word, _FARTHEST)
    return len(ids), distance, order
