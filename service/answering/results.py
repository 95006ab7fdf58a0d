"""Results of the search server, taken apart no further than an answer needs.

A member of a document goes from there to the client as the bytes that it came as, and so do the
counts of a field that nobody asks for: reading them all would take as long again as the rest of
an answer.
"""

from typing import Any

import msgspec
from msgspec import Raw, Struct

Counts = dict[str, int]
"""How many have a value, by the value."""

Document = dict[str, Raw]
"""A document's members, each as JSON; `value` reads one."""


class Ends(Struct, gc=False):
    """The least and the greatest number that a field has."""

    min: float
    max: float


class Result(Struct, gc=False):
    """The result of one query; what it did not ask for is empty."""

    hits: list[Document]
    total: int = msgspec.field(name="estimatedTotalHits")
    distribution: dict[str, Raw] = msgspec.field(name="facetDistribution", default_factory=dict)
    ends: dict[str, Ends] = msgspec.field(name="facetStats", default_factory=dict)

    def counts(self, field: str) -> Counts:
        """The most frequent values of a field that was counted."""
        told = self.distribution.get(field)
        return {} if told is None else _COUNTS.decode(told)

    def with_hits(self, hits: list[Document]) -> "Result":
        """These counts beside other hits."""
        return msgspec.structs.replace(self, hits=hits)

    def copied_counts(self, before: "Result | None" = None) -> "Result":
        """The counts alone, which do not keep the bytes of the whole answer, added to those of
        `before`, whose total stays.
        """
        own = {field: told.copy() for field, told in self.distribution.items()}
        if before is None:
            return Result([], self.total, own, self.ends)
        return Result([], before.total, before.distribution | own, before.ends | self.ends)


class _Answer(Struct, gc=False):
    results: list[Result]


_ANSWER = msgspec.json.Decoder(_Answer)
_COUNTS = msgspec.json.Decoder(Counts)


def read(answer: bytes) -> list[Result]:
    """The results in the answer to a multi-search. Raises msgspec.DecodeError."""
    return _ANSWER.decode(answer).results


def value(document: Document, name: str) -> Any:
    """A member of a document; None where it has none."""
    told = document.get(name)
    return None if told is None else msgspec.json.decode(told)
