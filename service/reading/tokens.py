"""The words of a query, each with where it stands and what stands around it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.vocabulary import squeeze

_NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{3}){1,3}(?:\.[0-9]{1,6})?k?|[0-9]{1,9}\.[0-9]{1,6}k?)"
_QUOTE = '"\u201c\u201d'  # straight, and as phones write it
_TOKEN = re.compile(
    rf"""[{_QUOTE}][^{_QUOTE}]*(?:[{_QUOTE}]|\Z)           # quoted, to its end or the query's
      | (?:(?<=\s)|\A)-(?=[^\W\d_])[^\s{_QUOTE}]{{1,50}}  # a word that must not be there
      | (?P<lead>(?:[<>=~]{{1,2}}\s{{0,2}})?(?:[$#]|(?<![^\W_])['\u2019])?(?=[0-9]))?
        (?P<core>{_NUMBER}(?![^\W_])|[^\W_]+)
        (?P<plus>\+?)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_BARRIER = re.compile(r"[,;:()\[\]{}|!?]")


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a query: `text` is squeezed, except that a number keeps its comma and point.

    `lead` are signs before a number (`$`, `<`, `'`), `gap` is what stands between it and the one
    before; one that is not `readable` is quoted, or must not be there, and stays text.
    """

    text: str
    start: int
    end: int
    gap: str = " "
    lead: str = ""
    plus: bool = False
    readable: bool = True
    apart: bool = False  # a comma or the like keeps it from the word before


def is_apart(tokens: Sequence[Token], at: int) -> bool:
    """Whether a comma or the like stands before a position."""
    return at < len(tokens) and tokens[at].apart


def tokens(q: str) -> list[Token]:
    """Every word of a query in order; what is between them has no letter and no digit."""
    found = []
    last = 0
    for match in _TOKEN.finditer(q):
        core = match["core"]
        text = squeeze(core) if core and not "0" <= core[0] <= "9" else (core or "").casefold()
        gap = q[last : match.start()]
        found.append(
            Token(
                text=text,
                start=match.start(),
                end=match.end(),
                gap=gap,
                lead=match["lead"] or "",
                plus=bool(match["plus"]),
                readable=bool(text),
                apart=_BARRIER.search(gap) is not None,
            )
        )
        last = match.end()
    return found
