"""The one way in which this package asks the search server."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

import msgspec
import orjson

from engine.client import Engine, EngineAway, EngineError
from service.answering.results import Counts, Result, read

Answer = TypeVar("Answer")

SEARCH_SECONDS = 5.0
"""How long the search server may take; past it the answer is a 503."""


async def send(engine: Engine, path: str, body: bytes) -> bytes:
    """The search server's answer to a search, as it wrote it. Raises EngineAway or EngineError."""
    return await engine.search_raw(path, body, timeout=SEARCH_SECONDS)


async def ask(engine: Engine, queries: list[dict[str, Any]]) -> list[Result]:
    """The results of one multi-search, in the order of its queries.

    Raises EngineAway or EngineError.
    """
    answer = await send(engine, "/multi-search", orjson.dumps({"queries": queries}))
    try:
        return read(answer)
    except msgspec.DecodeError as error:
        raise EngineError(502, "bad_answer", f"That is no answer to a search: {error}.") from error


async def ask_facet(engine: Engine, index: str, question: dict[str, Any]) -> Counts:
    """The values of one facet with their counts. Raises EngineAway or EngineError."""
    path = f"/indexes/{index}/facet-search"
    answer = await engine.search_raw(path, orjson.dumps(question), timeout=SEARCH_SECONDS)
    return {hit["value"]: hit["count"] for hit in orjson.loads(answer)["facetHits"]}


async def in_time(answer: Awaitable[Answer]) -> Answer:
    """An answer within the time of one call, however many it needs; EngineAway past it."""
    try:
        async with asyncio.timeout(SEARCH_SECONDS):
            return await answer
    except TimeoutError:
        raise EngineAway("The search server did not answer all of a search in time.") from None
