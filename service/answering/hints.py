"""What to do where nothing matches: which filter to drop, and what may have been meant.

A search that finds something asks for none of this.
"""

import asyncio
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from engine.client import Engine
from service.answering.asking import ask
from service.answering.correcting import Speller
from service.answering.nearest import changed, nearest
from service.answering.queries import counting
from service.http.problems import Problem
from service.understanding.parameters import LONGEST_QUERY
from service.understanding.search import Reader, Search

MOST_DROPS = 12
"""Filters whose dropping is counted, in one multi-search."""

MOST_PAIRED = 6
"""Filters of which any two are dropped together, and that counted, where none alone helps."""

PLACES = (("radius", "unit"), ("bbox", "zoom"), ("polygon",))
"""Parameters that filter by place; a place alone does not."""

Hint = dict[str, Any]
Way = tuple[Hint, dict[str, Any]]
"""A hint, and the values of the parameters that it leads to."""


class Hints:
    """The hints of one collection."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.speller = Speller(reader.vertical)

    async def of(self, engine: Engine, search: Search) -> dict[str, Any]:
        """`drop`: the filters without each of which there are results, with their `total`, the most
        first; `spelling`: the corrected query that finds most, where one finds any; `nearest`: the
        values that may be meant by those that nothing has, where they find something. Where there
        is none of them, `drop_both`: the two filters without which there are most.

        Raises EngineAway or EngineError.
        """
        corrected, meant = await asyncio.gather(
            self.speller.corrected(engine, search.values.get("q", ""), search.q),
            self._nearest(engine, search),
        )
        spelled = [_with_query({}, search, q) for q in corrected if len(q) <= LONGEST_QUERY]
        ways = [*islice(_drops(search), MOST_DROPS), *spelled, *meant]
        found = await self._counted(engine, ways)
        if not found:
            return {"drop": [], **await self._drop_both(engine, search)}
        found.sort(key=lambda hint: -hint["total"])
        drops = [hint for hint in found if "parameters" in hint or "words" in hint]
        spellings = [hint for hint in found if hint.keys() == {"q", "total"}]
        others = [hint for hint in found if "values" in hint]
        return {
            "drop": drops,
            **({"spelling": spellings[0]} if spellings else {}),
            **({"nearest": others[0]} if others else {}),
        }

    async def _drop_both(self, engine: Engine, search: Search) -> Hint:
        found = await self._counted(engine, self._pairs(search))
        return {"drop_both": max(found, key=lambda hint: hint["total"])} if found else {}

    def _pairs(self, search: Search) -> list[Way]:
        """Any two filters: the second is one of the search without the first."""
        pairs: dict[tuple[str, ...], Way] = {}
        for one, values in islice(_drops(search), MOST_PAIRED):
            rest = self._after(values)
            for other, left in islice(_drops(rest) if rest else (), MOST_PAIRED - 1):
                both = _together(one, other)
                names = (*both.get("parameters", ()), *both.get("words", ()))
                pairs.setdefault(tuple(sorted(names)), (both, left))
        return [*pairs.values()]

    async def _nearest(self, engine: Engine, search: Search) -> list[Way]:
        """All values that nothing has with those that may be meant, if any may."""
        found = await nearest(engine, self.reader, search)
        told = [
            {"parameter": lost.parameter, "value": lost.value, "nearest": value}
            for lost, value in found.items()
        ]
        return [({"values": told}, changed(search.values, found))] if found else []

    async def _counted(self, engine: Engine, ways: Iterable[Way]) -> list[Hint]:
        """The hints that lead to results, with how many."""
        led = [(hint, self._after(values)) for hint, values in ways]
        possible = [(hint, found) for hint, found in led if found is not None]
        if not possible:
            return []
        results = await ask(engine, [counting(found, "", facets=[]) for _, found in possible])
        totals = [result.total for result in results]
        told = zip((hint for hint, _ in possible), totals, strict=True)
        return [{**hint, "total": total} for hint, total in told if total]

    def _after(self, values: dict[str, Any]) -> Search | None:
        """The search for values of parameters; None where they do not go together."""
        try:
            return self.reader.understand(values)
        except Problem:
            return None


def _with_query(hint: Hint, search: Search, q: str) -> Way:
    """A hint to send another `q`."""
    return {**hint, "q": q}, {**search.values, "q": q}


def _drops(search: Search) -> Iterator[Way]:
    """Each filter that can be dropped: the parameters to leave out, or words of `q` and the `q`
    without them.
    """
    vertical = search.vertical
    facets = ((name,) for facet in vertical.facets for name in (facet, f"{facet}_all"))
    ranges = ((f"{bound.name}_min", f"{bound.name}_max") for bound in vertical.ranges)
    text = (("q",),) if not search.words else ()
    for names in (*facets, *ranges, *PLACES, *text):
        given = [name for name in names if name in search.values]
        if given and given != ["unit"]:
            left = {name: value for name, value in search.values.items() if name not in given}
            yield {"parameters": given}, left
    for word in search.words or ():
        if "without" in word and word["applied"].keys() - {"sort"}:
            yield _with_query({"words": word["words"]}, search, word["without"])


def _together(one: Hint, other: Hint) -> Hint:
    """The hint to drop two filters, of which the other one was dropped last."""
    parameters = [name for hint in (one, other) for name in hint.get("parameters", ())]
    words = [hint["words"] for hint in (one, other) if "words" in hint]
    both: Hint = {"parameters": parameters} if parameters else {}
    return {**both, "words": words, "q": {**one, **other}["q"]} if words else both
