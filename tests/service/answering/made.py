"""Results as the search server would tell them, and what is made of them as a client reads it."""

from typing import Any

import msgspec

from service.answering.results import Result, read


def result(**members: object) -> Result:
    """The result with these members in the search server's words."""
    told = {"hits": [], "estimatedTotalHits": 0, **members}
    return read(msgspec.json.encode({"results": [told]}))[0]


def as_json(made: object) -> Any:
    return msgspec.json.decode(msgspec.json.encode(made))
