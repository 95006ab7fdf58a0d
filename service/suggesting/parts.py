"""A suggestion's text in parts: what was typed of it, and the rest."""

import unicodedata
from itertools import groupby
from typing import Any

from catalog.vocabulary import squeeze


def parts(text: str, matched: tuple[str, ...]) -> list[dict[str, Any]]:
    """The text cut into parts, each with whether it is one of these beginnings of words.

    The beginnings are squeezed; the first word that begins so is marked. Joined, the parts are
    the text.
    """
    letters, places, starts = _letters(text)
    marked: set[int] = set()
    for beginning in matched:
        for start in starts:
            if beginning and letters.startswith(beginning, start):
                last = places[start + len(beginning) - 1]
                marked.update(range(places[start], last + 1))
                break
    return [
        {"text": "".join(text[at] for at in group), "matched": is_marked}
        for is_marked, group in groupby(range(len(text)), marked.__contains__)
    ]


def _letters(text: str) -> tuple[str, list[int], list[int]]:
    """The squeezed text, where in the text each of its letters is, and where its words begin."""
    letters: list[str] = []
    places: list[int] = []
    starts = []
    between = True
    for place, character in enumerate(text):
        if unicodedata.combining(character):
            continue
        squeezed = squeeze(character)
        if squeezed and between:
            starts.append(len(letters))
        between = not squeezed
        letters += squeezed
        places += [place] * len(squeezed)
    return "".join(letters), places, starts
