"""A suggestion, what was typed, and how the two go together."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from catalog.vocabulary import fold


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something to search for.

    `parameters` are those of the search it stands for, `count` the live listings that they find,
    None where that is not known; `names` is what people call it beside its text.
    """

    kind: str
    text: str
    parameters: Mapping[str, Any]
    count: int | None = None
    names: tuple[str, ...] = ()


class Typed:
    """What somebody typed so far, and its words without case, accents and punctuation."""

    def __init__(self, text: str) -> None:
        self.words = tuple(fold(text).split())

    @cached_property
    def telling(self) -> list[str]:
        """The words that no other one begins with: who has that one has them, too."""
        ordered = sorted(set(self.words))
        following = [*ordered[1:], ""]
        pairs = zip(ordered, following, strict=True)
        return [word for word, after in pairs if not after.startswith(word)]

    @cached_property
    def squeezed(self) -> str:
        return "".join(self.words)


@dataclass(frozen=True, slots=True)
class Found:
    """A suggestion for what was typed; `matched` are the beginnings of its words that were met."""

    suggestion: Suggestion
    matched: tuple[str, ...]
    misspelled: bool = False
