"""What makes two searches the same question: equal meaning, however their URLs were written."""

import hashlib
from dataclasses import fields
from typing import Any

import orjson

from catalog.vertical import Vertical
from service.understanding.search import Search

OPTIONS = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_SORT_KEYS


def key_of(search: Search) -> bytes:
    """16 bytes that differ for searches whose answers may differ."""
    told = orjson.dumps(search, default=_plain, option=OPTIONS)
    return hashlib.blake2b(told, digest_size=16).digest()


def _plain(part: Any) -> Any:
    """A vertical by its name, a named tuple by its values, any other dataclass by the fields
    that make it another one.
    """
    if isinstance(part, Vertical):
        return part.name
    if isinstance(part, tuple):
        return [*part]
    return {field.name: getattr(part, field.name) for field in fields(part) if field.compare}
