"""What to do where nothing matches: which filter to drop, and what the words may have meant.

A search that finds something asks for none of this.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from engine.client import Engine
from service.answering.asking import ask
from service.answering.correcting import Speller
from service.answering.queries import counting
from service.http.problems import Problem
from service.understanding.parameters import LONGEST_QUERY
from service.understanding.search import Reader, Search

MOST_DROPS = 12
"""Filters whose dropping is counted, in one multi-search."""

PLACES = (("radius", "unit"), ("bbox", "zoom"), ("polygon",))
"""Parameters that filter by place; a place alone does not."""

Hint = dict[str, Any]


class Hints:
    """The hints of one collection."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.speller = Speller(reader.vertical)

    async def of(self, engine: Engine, search: Search) -> dict[str, Any]:
        """`drop`: the filters without each of which there are results, with their `total`, the most
        first; `spelling`: the corrected query that finds most, where one finds any.

        Raises EngineAway or EngineError.
        """
        corrected = await self.speller.corrected(engine, search.values.get("q", ""), search.q)
        spelled = [{"q": q} for q in corrected if len(q) <= LONGEST_QUERY]
        found = await self._counted(engine, search, [*islice(_drops(search), MOST_DROPS), *spelled])
        found.sort(key=lambda hint: -hint["total"])
        drops = [hint for hint in found if "parameters" in hint or "words" in hint]
        spellings = [hint for hint in found if hint not in drops]
        return {"drop": drops, **({"spelling": spellings[0]} if spellings else {})}

    async def _counted(self, engine: Engine, search: Search, hints: Iterable[Hint]) -> list[Hint]:
        """The hints that lead to results, with how many."""
        led = [(hint, self._after(search, hint)) for hint in hints]
        possible = [(hint, found) for hint, found in led if found is not None]
        if not possible:
            return []
        results = await ask(engine, [counting(found, "", facets=[]) for _, found in possible])
        totals = [result.total for result in results]
        told = zip((hint for hint, _ in possible), totals, strict=True)
        return [{**hint, "total": total} for hint, total in told if total]

    def _after(self, search: Search, hint: Hint) -> Search | None:
        """The search that a hint leads to; None where what is left does not go together."""
        dropped = hint.get("parameters", ())
        values = {name: value for name, value in search.values.items() if name not in dropped}
        try:
            return self.reader.understand({**values, **({"q": hint["q"]} if "q" in hint else {})})
        except Problem:
            return None


def _drops(search: Search) -> Iterator[Hint]:
    """Each filter that can be dropped: the parameters to leave out, or words of `q` and the `q`
    without them.
    """
    vertical = search.vertical
    facets = ((name,) for facet in vertical.facets for name in (facet, f"{facet}_all"))
    ranges = ((f"{bound.name}_min", f"{bound.name}_max") for bound in vertical.ranges)
    text = (("q",),) if search.words is None else ()
    for names in (*facets, *ranges, *PLACES, *text):
        given = [name for name in names if name in search.values]
        if given and given != ["unit"]:
            yield {"parameters": given}
    for word in search.words or ():
        if "without" in word and word["applied"].keys() - {"sort"}:
            yield {"words": word["words"], "q": word["without"]}
