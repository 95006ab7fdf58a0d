"""Answers: the engine's results as the body of a response."""

from collections.abc import Iterator, Mapping
from typing import Any

from service.answering import clusters, histograms, rings
from service.answering.facets import counted
from service.answering.listings import found
from service.answering.queries import field_of, mapped, refined, ringed
from service.answering.results import Counts, Result
from service.understanding.search import Search


def answer(
    search: Search, results: list[Result], rare: Mapping[str, Counts] | None = None
) -> dict[str, Any]:
    """The body for a search, `meta` first; `results` are those of its multi-search, `rare` what
    facets lack there.

    It is the same for everybody who asks this: what it says of one request is added to `meta`.
    """
    main = results[0]
    total = main.total
    rest = iter(results[1:])
    facets, ranges = _counts(search, main, rest, rare or {})
    told = {} if search.words is None else {"words": search.words}
    return {
        "meta": {
            "total": total,
            **search.window.told(total),
            "applied": search.applied,
            **told,
        },
        "data": found(search, main.hits),
        "facets": facets,
        "ranges": ranges,
        **_around(search, main, [*rest]),
    }


def _counts(
    search: Search, main: Result, rest: Iterator[Result], rare: Mapping[str, Counts]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Counts of the wanted facets and ranges, each without its own filter.

    Takes from `rest` the results of the `refined`.
    """
    apart = dict(zip(refined(search), rest, strict=False))
    facets = {
        name: counted(
            search,
            name,
            rare.get(name, {}) | apart.get(name, main).counts(field_of(search, name)),
        )
        for name in search.vertical.facets
        if name in search.wanted
    }
    ranges = {
        bound.name: histograms.counted(bound, apart.get(bound.name, main))
        for bound in search.vertical.ranges
        if bound.name in search.wanted
    }
    return facets, ranges


def _around(search: Search, main: Result, rest: list[Result]) -> dict[str, list[dict[str, Any]]]:
    """The wanted counts by distance and on the map; `rest` are the results of the `ringed`."""
    seen = mapped(search)
    return {
        **({"rings": rings.counted(search.unit, rest)} if ringed(search) else {}),
        **({"clusters": clusters.counted(*seen, main)} if seen else {}),
    }
