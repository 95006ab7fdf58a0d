"""Tables: the records of a CSV, TSV, JSON lines or XML file, one car each."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from math import inf
from time import monotonic
from typing import Any, NamedTuple, TypeVar

import orjson

from scrapers.feeds.opening import Feed, FeedError
from scrapers.feeds.xml import objects

SAMPLE_ROWS = 1_000
SAMPLE_SECONDS = 2.0
DELIMITERS = ",\t;|"
OPEN_CHARACTERS = 128 * 1024  # a cell in quotes may be so long; it is csv's own limit too
MOST_COLUMNS = 2_000
NOTE = "refused_"
"""What the names begin with that say why a row was refused; they say nothing of a car."""

LIST_MARK = "|"
_DEPTH = 4
_ITEMS = 50

T = TypeVar("T")


class Row(NamedTuple):
    """One record: where it begins, and its cells, as many as the table has columns.

    A row of JSON lines has its object too; it may be of a table that gets more columns later.
    """

    line: int
    cells: list[str]
    original: dict[str, Any] | None = None


class Broken(NamedTuple):
    """A record that cannot be read as a row: its text as cells, and why."""

    line: int
    cells: list[str]
    code: str
    reason: str


Record = Row | Broken


@dataclass
class Table:
    """A table whose first rows were read to know it; `records` gives them again, and the rest.

    Reading the records of JSON lines adds to `columns` what first comes in a later line.
    """

    kind: str  # csv, jsonl or xml
    columns: list[str]
    sample: list[Row]
    delimiter: str = ","
    _rest: Iterator[Record] = field(default_factory=lambda: iter(()))
    _first: list[Record] = field(default_factory=list)

    def records(self) -> Iterator[Record]:
        """Every record of the table, once."""
        return chain(self._first, self._rest)


def read_table(feed: Feed) -> Table:
    """Recognise a feed's format and columns; raises FeedError for what is no table."""
    if feed.start.startswith("<"):
        return _object_table(feed, "xml", ((n, value, "") for n, value in objects(feed)))
    lines = enumerate(feed.lines(), 1)
    first = next(((number, line) for number, line in lines if line.strip()), None)
    if first is None:
        raise FeedError(f"{feed.name} is empty.")
    start = first[1].lstrip("\ufeff \t")
    again = chain([(first[0], first[1].lstrip("\ufeff"))], lines)
    if start.startswith("{"):
        return _json_table(feed, again)
    if start.startswith("[") and not start.startswith("[]"):
        raise FeedError(
            f"{feed.name} is one JSON document; give one object a line:"
            " `jq -c '.[]' FILE` makes that of a list."
        )
    return _csv_table(feed, again)


def _known(
    feed: Feed, kind: str, columns: list[str], records: Iterator[Record], delimiter: str = ","
) -> Table:
    first: list[Record] = []
    try:
        first.extend(_first(feed, records, SAMPLE_ROWS))
    except FeedError as error:
        records = _failing(error)
    sample = [record for record in first if isinstance(record, Row)]
    return Table(kind, columns, sample, delimiter, records, first)


def _first(feed: Feed, items: Iterator[T], most: int) -> Iterator[T]:
    """The first items; of a pipe those of the first seconds, and at least one."""
    until = monotonic() + SAMPLE_SECONDS if feed.size is None else inf
    for item in islice(items, most):
        yield item
        if monotonic() > until:
            return


def _failing(error: FeedError) -> Iterator[Record]:
    """What follows the rows that could be read: why no more can."""
    yield from ()
    raise error


# --- CSV ---


def _csv_table(feed: Feed, lines: Iterator[tuple[int, str]]) -> Table:
    head = list(_first(feed, lines, 50))
    if head[0][1].lower().startswith("sep=") and len(head) > 1:  # Excel's own line
        head.pop(0)
    delimiter = _delimiter([line for _, line in head])
    records = _records(chain(head, lines), delimiter)
    header = next(records)
    if isinstance(header, Broken):
        raise FeedError(f"Line {header.line} of {feed.name}, its header: {header.reason}")
    if len(header.cells) > MOST_COLUMNS:
        raise FeedError(f"{feed.name} has {len(header.cells):,} columns: this is no table of cars.")
    columns = _distinct(header.cells)
    return _known(feed, "csv", columns, _fitting(records, len(columns)), delimiter)


def _delimiter(lines: list[str]) -> str:
    """The one that gives the header most columns, and the other lines as many."""

    def score(delimiter: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        alike = sum(width == widths[0] for width in widths) if widths else 0
        return (alike if widths and widths[0] > 1 else 0), (widths[0] if widths else 0)

    try:
        return max(DELIMITERS, key=score)
    except csv.Error:
        return ","


def _records(lines: Iterable[tuple[int, str]], delimiter: str) -> Iterator[Record]:
    """Rows of any width; a cell in quotes may hold line breaks.

    A quote that is opened and never closed costs the row it stands in, not the rest of the file.
    """
    ahead: deque[tuple[int, str]] = deque()
    source = iter(lines)
    while True:
        number, line = ahead.popleft() if ahead else next(source, (0, ""))
        if not line:
            return
        if not line.strip():
            continue
        if line.count('"') % 2:
            text = _closed(line, delimiter, ahead, source)
            if text is None:
                reason = "A quotation mark is opened and not closed."
                yield Broken(number, [line.rstrip("\r\n")], "row/quote", reason)
                continue
            line = text
        try:
            yield Row(number, next(csv.reader([line], delimiter=delimiter)))
        except (csv.Error, StopIteration) as error:
            yield Broken(number, [line.rstrip("\r\n")], "row/csv", f"It is no CSV ({error}).")


def _closed(
    line: str,
    delimiter: str,
    ahead: deque[tuple[int, str]],
    source: Iterator[tuple[int, str]],
) -> str | None:
    """The record that begins with this line, with the lines that its open quote takes in.

    None when the quote is not closed within bounds: the lines that were looked at are in `ahead`.
    """
    if not _is_open(line, delimiter):
        return line
    text, taken = line, 0
    while len(text) < OPEN_CHARACTERS:
        if taken == len(ahead):
            following = next(source, None)
            if following is None:
                return None
            ahead.append(following)
        more = ahead[taken][1]
        taken += 1
        text += more
        # The closing quote makes the number of quotes even; only then is it worth a look.
        if '"' in more and text.count('"') % 2 == 0 and not _is_open(text, delimiter):
            for _ in range(taken):
                ahead.popleft()
            return text
    return None


def _is_open(text: str, delimiter: str) -> bool:
    """Whether a record ends within a quoted cell; an inch sign in a cell opens nothing."""
    try:
        next(csv.reader([text], delimiter=delimiter, strict=True), None)
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False


def _fitting(records: Iterator[Record], width: int) -> Iterator[Record]:
    """Rows with as many cells as there are columns; empty ones too many at the end are cut."""
    for record in records:
        cells = record.cells
        if isinstance(record, Broken) or len(cells) == width:
            yield record
        elif not any(cells):
            continue
        elif len(cells) > width and not any(cells[width:]):
            yield Row(record.line, cells[:width])
        else:
            reason = f"It has {len(cells)} cells; the header has {width}."
            yield Broken(record.line, cells, "row/ragged", reason)


def _distinct(names: list[str]) -> list[str]:
    """The names of columns, the second `price` as `price 2`."""
    seen: dict[str, int] = {}
    columns = []
    for name in (" ".join(name.split()) for name in names):
        seen[name] = seen.get(name, 0) + 1
        columns.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return columns


# --- objects: JSON lines and XML ---


def _json_table(feed: Feed, lines: Iterator[tuple[int, str]]) -> Table:
    found = ((number, _object(line), line) for number, line in lines if line.strip())
    return _object_table(feed, "jsonl", found)


def _object_table(
    feed: Feed, kind: str, found: Iterator[tuple[int, dict[str, Any] | str, str]]
) -> Table:
    """Columns are the paths that the objects have: `mileage.value`, `image[0].url`."""
    head = list(_first(feed, found, SAMPLE_ROWS))
    columns: dict[str, None] = {}
    for _, value, _ in head:
        if isinstance(value, dict):
            columns.update(dict.fromkeys(_flat(value)))
    if not columns:
        raise FeedError(f"{feed.name} has no object in its first lines; give one a line.")
    names = list(columns)[:MOST_COLUMNS]
    return _known(feed, kind, names, _rows(chain(head, found), names))


def _rows(
    found: Iterable[tuple[int, dict[str, Any] | str, str]], columns: list[str]
) -> Iterator[Record]:
    """Objects as rows; a path that none before had becomes a column at the end.

    What is no object comes as why, with its text.
    """
    known = set(columns)
    for number, value, text in found:
        if isinstance(value, str):
            yield Broken(number, [text.rstrip("\r\n")], "row/json", value)
            continue
        flat = _flat(value)
        if len(columns) < MOST_COLUMNS and not flat.keys() <= known:
            new = [path for path in flat if path not in known][: MOST_COLUMNS - len(columns)]
            columns += new
            known.update(new)
        yield Row(number, [flat.get(column, "") for column in columns], value)


def _object(line: str) -> dict[str, Any] | str:
    """The object that a line is, or why it is none."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return f"It is no JSON ({error})."
    return value if isinstance(value, dict) else "It is no JSON object."


def _flat(value: dict[str, Any]) -> dict[str, str]:
    """An object's values by path."""
    flat: dict[str, str] = {}
    _flatten("", value, flat, _DEPTH)
    return flat


def _flatten(path: str, value: Any, flat: dict[str, str], depth: int) -> None:
    if isinstance(value, dict) and depth:
        for key, inner in value.items():
            _flatten(f"{path}.{key}" if path else key, inner, flat, depth - 1)
    elif isinstance(value, list) and depth and any(isinstance(item, dict) for item in value):
        for index, item in enumerate(value[:_ITEMS]):
            _flatten(f"{path}[{index}]", item, flat, depth - 1)
    elif isinstance(value, list):
        flat[path] = LIST_MARK.join(_scalar(item) for item in value)
    elif value is not None:
        flat[path] = _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value) if value is not None else ""
