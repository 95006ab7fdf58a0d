"""Counts that were asked for before, while their index stays as it is.

Another page of a search, or another order, counts the same; so does a facet without its own
filter, whatever is ticked in it, and a search that somebody narrows has counted that facet before.
Only what is new is asked for, and nothing twice.
"""

from collections.abc import Sequence
from typing import Any

import orjson
from cachetools import LRUCache

from engine.client import Engine
from service.answering.asking import ask
from service.answering.results import Result

MOST_BYTES = 16 * 1024 * 1024
OWN_BYTES = 1_000
"""What a result takes beside its counts."""

COUNTED = ("indexUid", "q", "matchingStrategy", "filter")
"""The members of a query that say what is counted; `facets` says by which fields, the others what
is listed.
"""

Query = dict[str, Any]
Key = tuple[int, bytes]


class Known:
    """The counts of one worker's queries, without hits; the least recently used go first."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._counts: LRUCache[Key, Result] = LRUCache(most_bytes, getsizeof=_size)

    async def ask(self, engine: Engine, queries: list[Query], version: int | None) -> list[Result]:
        """The results of one multi-search, as `asking.ask` gives them, some with more counts than
        were asked for. `version` is the index's, None where it is not known, so that nothing is
        remembered.

        Raises EngineAway or EngineError.
        """
        if version is None:
            return await ask(engine, queries)
        keys = [(version, _counted(query)) for query in queries]
        known = {key: one for key in keys if (one := self._counts.get(key)) is not None}
        asked = _lacking(keys, queries, known)
        answers = await ask(engine, [*asked.values()]) if asked else []
        hits = {}
        for place, answer in zip(asked, answers, strict=True):
            key = keys[place]
            known[key] = self._kept(key, known.get(key), answer)
            hits[place] = answer.hits
        return [known[key].with_hits(hits.get(place, [])) for place, key in enumerate(keys)]

    def _kept(self, key: Key, before: Result | None, answer: Result) -> Result:
        counts = answer.copied_counts(before)
        if _size(counts) <= self._counts.maxsize:
            self._counts[key] = counts
        return counts


def _counted(query: Query) -> bytes:
    return orjson.dumps([query.get(name) for name in COUNTED])


def _lacking(
    keys: Sequence[Key], queries: Sequence[Query], known: dict[Key, Result]
) -> dict[int, Query]:
    """What is to be asked for, by the place of its query: counts that are neither known nor asked
    for by a query before it, and hits.
    """
    have = {key: {*one.distribution} for key, one in known.items()}
    asked = {}
    for place, (key, query) in enumerate(zip(keys, queries, strict=True)):
        fields = [name for name in query["facets"] if name not in have.get(key, ())]
        if fields or query["limit"] or key not in have:
            asked[place] = {**query, "facets": fields}
        have[key] = {*have.get(key, ()), *fields}
    return asked


def _size(result: Result) -> int:
    return sum(len(memoryview(told)) for told in result.distribution.values()) + OWN_BYTES
