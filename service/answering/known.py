"""Counts that were asked for before, while their index stays as it is.

Another page of a search, or another order, counts the same; so does a facet without its own
filter, whatever is ticked in it. Only what is new is asked for.
"""

from typing import Any

import orjson
from cachetools import LRUCache

from engine.client import Engine
from service.answering.asking import ask
from service.answering.results import Result

MOST_BYTES = 16 * 1024 * 1024
OWN_BYTES = 1_000
"""What a result takes beside its counts."""

COUNTING = ("indexUid", "q", "matchingStrategy", "filter", "facets")
"""The members of a query that say what is counted; the others say what is listed."""

Query = dict[str, Any]
Key = tuple[int, bytes]


class Known:
    """The results of one worker's queries without their hits; the least recently used go first."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._results: LRUCache[Key, Result] = LRUCache(most_bytes, getsizeof=_size)

    async def ask(self, engine: Engine, queries: list[Query], version: int | None) -> list[Result]:
        """The results of one multi-search, as `asking.ask` gives them; `version` is the index's,
        None where it is not known, so that nothing is remembered.

        Raises EngineAway or EngineError.
        """
        if version is None:
            return await ask(engine, queries)
        keys = [(version, _counted(query)) for query in queries]
        known = [self._results.get(key) for key in keys]
        new = [_lacking(query, one) for query, one in zip(queries, known, strict=True)]
        asked = [query for query in new if query is not None]
        answers = iter(await ask(engine, asked) if asked else [])
        results = []
        for key, query, one in zip(keys, new, known, strict=True):
            if one is None:
                results.append(self._kept(key, next(answers)))
            else:
                results.append(one if query is None else one.with_hits(next(answers).hits))
        return results

    def _kept(self, key: Key, result: Result) -> Result:
        counts = result.copied_counts()
        if _size(counts) <= self._results.maxsize:
            self._results[key] = counts
        return result


def _counted(query: Query) -> bytes:
    return orjson.dumps([query.get(name) for name in COUNTING])


def _lacking(query: Query, known: Result | None) -> Query | None:
    """What is to be asked for: all of it, its hits alone, or nothing."""
    if known is None:
        return query
    return {**query, "facets": []} if query["limit"] else None


def _size(result: Result) -> int:
    return sum(len(memoryview(told)) for told in result.distribution.values()) + OWN_BYTES
