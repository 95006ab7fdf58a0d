"""The primary key of an index and the identifiers of documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson

from meililite.errors import ApiError

_IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,511}", re.ASCII)

Document = dict[str, Any]


def json_text(value: Any) -> str:
    """A value as it is shown in error messages."""
    return orjson.dumps(value).decode()


def infer_primary_key(document: Document) -> str:
    """The one top-level field whose name ends in `id`; ApiError when there is none, or several."""
    candidates = sorted(name for name in document if name.lower().endswith("id"))
    hint = "Please specify the primary key manually using the `primaryKey` query parameter."
    if not candidates:
        raise ApiError(
            "index_primary_key_no_candidate_found",
            "The primary key inference failed as the engine did not find any field ending with "
            f"`id` in its name. {hint}",
        )
    if len(candidates) > 1:
        raise ApiError(
            "index_primary_key_multiple_candidates_found",
            f"The primary key inference failed as the engine found {len(candidates)} fields ending "
            f"with `id` in their names: '{candidates[0]}' and '{candidates[1]}'. {hint}",
        )
    return candidates[0]


def document_id(document: Document, primary_key: str) -> str:
    """The identifier of a document as text; ApiError when it is missing or not a valid one."""
    value = document.get(primary_key, document)
    if value is document:  # not a field of its own: the key may be a path into objects
        value = _nested(document, primary_key)
    if isinstance(value, str):
        if _IDENTIFIER.fullmatch(value):
            return value
    elif isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise ApiError(
        "invalid_document_id",
        f"Document identifier `{json_text(value)}` is invalid. A document identifier can be of "
        "type integer or string, only composed of alphanumeric characters (a-z A-Z 0-9), hyphens "
        "(-) and underscores (_), and can not be more than 511 bytes.",
    )


def _nested(document: Document, primary_key: str) -> Any:
    found = list(_at_path(document, primary_key))
    if not found:
        raise ApiError(
            "missing_document_id",
            f"Document doesn't have a `{primary_key}` attribute: `{json_text(document)}`.",
        )
    if len(found) > 1:
        raise ApiError(
            "invalid_document_id",
            f"Document have too many matching `{primary_key}` attribute: `{json_text(document)}`.",
        )
    return found[0]


def _at_path(value: Any, path: str) -> Iterator[Any]:
    """The values at a dotted path; a name may itself hold dots."""
    if not isinstance(value, dict):
        return
    for name, inner in value.items():
        if name == path:
            yield inner
        elif path.startswith(name + "."):
            yield from _at_path(inner, path[len(name) + 1 :])
