"""Payloads of documents: JSON, NDJSON and CSV, with Meilisearch's words for what is wrong."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import orjson

from meililite.documents.depth import may_be_too_deep
from meililite.documents.json_faults import JsonFaultError, check
from meililite.errors import ApiError

Document = dict[str, Any]

_NO_DOCUMENT = "data are neither an object nor a list of objects"
_SHOWN_START, _SHOWN_END = 50, 85
_I64 = 2**63

csv.field_size_limit(sys.maxsize)  # payloads are limited as a whole


def parse(data: bytes, kind: str, delimiter: str = ",") -> list[Document]:
    """The documents of a payload of kind `json`, `ndjson` or `csv`.

    Raises ApiError (`malformed_payload`, or `internal` as Meilisearch does for a list that holds
    something other than objects).
    """
    if kind == "csv":
        return list(_csv(data, delimiter))
    if may_be_too_deep(data):
        _refuse_faults(data, kind)
    return _json(data) if kind == "json" else _ndjson(data)


def count(data: bytes, kind: str, delimiter: str = ",") -> int:
    """How many documents a payload holds. As `parse`, but documents of NDJSON are not kept."""
    if kind == "ndjson" and not may_be_too_deep(data):
        with suppress(orjson.JSONDecodeError):
            return sum(1 for _ in _lines(data))
    return len(parse(data, kind, delimiter))


def _json(data: bytes) -> list[Document]:
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        _refuse_faults(data, "json")
        value = json.loads(data)  # what only the fast parser refuses, such as a lone surrogate
    if isinstance(value, dict):
        return [value]
    if not isinstance(value, list):
        raise _malformed("json", _NO_DOCUMENT)
    return [_object(item) for item in value]


def _ndjson(data: bytes) -> list[Document]:
    try:
        return list(_lines(data))
    except orjson.JSONDecodeError:
        _refuse_faults(data, "ndjson")
    return list(_stream(data.decode()))  # documents that share lines, or stretch over several


def _lines(data: bytes) -> Iterator[Document]:
    """Documents that have a line each; JSONDecodeError where that is not so."""
    return map(_object, map(orjson.loads, filter(bytes.strip, io.BytesIO(data))))


def _stream(text: str) -> Iterator[Document]:
    decoder = json.JSONDecoder()
    at = 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        value, at = decoder.raw_decode(text, at)
        yield _object(value)


def _refuse_faults(data: bytes, kind: str) -> None:
    try:
        check(data, stream=kind == "ndjson")
    except JsonFaultError as fault:
        raise _malformed(kind, str(fault)) from None


def _malformed(kind: str, what: str) -> ApiError:
    if len(what) > _SHOWN_START + _SHOWN_END + 3:
        what = f"{what[:_SHOWN_START]}...{what[-_SHOWN_END:]}"
    return ApiError(
        "malformed_payload",
        f"The `{kind}` payload provided is malformed. `Couldn't serialize document value: {what}`.",
    )


def _object(value: Any) -> Document:
    if isinstance(value, dict):
        return value
    raise ApiError("internal", f"invalid type: {describe(value)}, expected a map {_end_of(value)}")


def describe(value: Any) -> str:
    """A value's type and text, as serde says it."""
    text = orjson.dumps(value).decode()
    match value:
        case None:
            return "null"
        case bool():
            return f"boolean `{text}`"
        case int():
            return f"integer `{text}`"
        case float():
            return f"floating point `{text}`"
        case str():
            return f"string {text}"
        case list():
            return "sequence"
        case _:
            return "map"


def _end_of(value: Any) -> str:
    column = 0 if isinstance(value, list | dict) else len(orjson.dumps(value))
    return f"at line 1 column {column}"


def _csv(data: bytes, delimiter: str) -> Iterator[Document]:
    """Rows as documents; `name:number` and `name:boolean` in the head give a column its type."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _bad_csv(f"CSV error: invalid UTF-8 at byte {error.start}") from None
    lines = _Lines(text)
    rows = csv.reader(lines, delimiter=delimiter)
    head: list[tuple[str, str]] | None = None
    number = 0
    while (row := _row(rows, lines)) is not None:
        if head is None:
            head = [_column(name) for name in row]
            continue
        number += 1
        if len(row) != len(head):
            line, byte = lines.start
            raise _bad_csv(
                f"CSV error: record {number} (line: {line}, byte: {byte}): found record with "
                f"{len(row)} fields, but the previous record has {len(head)} fields"
            )
        yield {
            name: _typed(value, kind, number) for (name, kind), value in zip(head, row, strict=True)
        }


class _Lines:
    """Lines of a text, remembering where the row that is being read began."""

    def __init__(self, text: str) -> None:
        self._lines = io.StringIO(text, newline="")
        self._number = 1
        self._byte = 0
        self.start = (1, 0)

    def begin(self) -> None:
        self.start = (self._number, self._byte)

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._lines.readline()
        if not line:
            raise StopIteration
        self._number += 1
        self._byte += len(line.encode())
        return line


def _row(rows: Iterator[list[str]], lines: _Lines) -> list[str] | None:
    while True:
        lines.begin()
        try:
            row = next(rows, None)
        except csv.Error as error:
            raise _bad_csv(f"CSV error: {error}") from None
        if row != []:  # an empty line is no row
            return row


def _bad_csv(what: str) -> ApiError:
    return ApiError("malformed_payload", f"The `csv` payload provided is malformed: `{what}`.")


def _column(name: str) -> tuple[str, str]:
    field, colon, kind = name.rpartition(":")
    return (field, kind) if colon and kind in ("string", "boolean", "number") else (name, "string")


def _typed(value: str, kind: str, row: int) -> Any:
    if kind == "string":
        return value or None
    text = value.strip()
    if not text:
        return None
    return _number(value, text, row) if kind == "number" else _boolean(value, text, row)


def _number(value: str, text: str, row: int) -> int | float | None:
    if re.fullmatch(r"[+-]?[0-9]+", text) and -_I64 <= int(text) < _I64:
        return int(text)
    try:
        number = float(text.replace("_", "?"))  # which Python would pass over
    except ValueError:
        raise _bad_csv(
            f"Error parsing number {json.dumps(value, ensure_ascii=False)} at line {row}: "
            "invalid float literal"
        ) from None
    return number if abs(number) < float("inf") else None


def _boolean(value: str, text: str, row: int) -> bool:
    if text not in ("true", "false"):
        raise _bad_csv(
            f"Error parsing boolean {json.dumps(value, ensure_ascii=False)} at line {row}: "
            "provided string was not `true` or `false`"
        )
    return text == "true"
