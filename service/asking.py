"""The one way in which this package asks the search server."""

from typing import Any

import orjson

from engine.client import Engine

SEARCH_SECONDS = 5.0
"""How long the search server may take; past it the answer is a 503."""


async def ask(engine: Engine, queries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The results of one multi-search, in the order of its queries.

    Raises EngineAway or EngineError.
    """
    body = orjson.dumps({"queries": queries})
    answer = await engine.search_raw("/multi-search", body, timeout=SEARCH_SECONDS)
    results: list[dict[str, Any]] = orjson.loads(answer)["results"]
    return results
