"""Columns: which of a file's columns says what of a car."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from catalog.vocabulary import fold, squeeze
from scrapers.feeds.content import by_content, values
from scrapers.feeds.opening import FeedError
from scrapers.feeds.tables import MOST_COLUMNS, NOTE, Table
from scrapers.normalise.offer import CHOICES, CONDITIONS
from scrapers.normalise.vocabulary import Meaning

NAMING = ("title", "make", "model", "vin")
"""Without one of these no row says which car it is."""

MANY = ("photos",)
"""Fields that take all their columns together, not the first that is not empty."""

SHARED = frozenset({"id", "stock_number"})
"""Fields whose values must tell rows apart."""

REPEATED = 0.1
"""An id that more of the first rows than this share repeat (and more than one) is no offer's."""

_DATA: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("columns.yml").read_text(encoding="utf-8")
)
FIELDS: tuple[str, ...] = tuple(_DATA["fields"])
GENERAL_SELLERS = frozenset(squeeze(name) for name in _DATA["general_sellers"])
_AROUND = frozenset(_DATA["around"])
_SHORT: dict[str, str] = _DATA["short"]
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_MEANINGS: Mapping[str, Callable[[str], Meaning]] = {
    "body_type": CHOICES["body_type"].meaning,
    "condition": CONDITIONS.meaning,
}


class Column(NamedTuple):
    """A column that fills a field; `unit` is what its name says of all its values."""

    at: int
    name: str
    unit: str = ""


@dataclass
class Layout:
    """Which columns fill which field, the most telling first, and those that fill none."""

    fields: dict[str, list[Column]]
    left_out: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    given: frozenset[str] = frozenset()
    """The fields whose columns people named."""
    late: dict[str, str | None] = field(default_factory=dict)
    """The columns that the first rows did not have, and the fields that they fill."""


class _Alias(NamedTuple):
    field: str
    rank: int
    unit: str


@cache
def _aliases() -> dict[str, _Alias]:
    aliases: dict[str, _Alias] = {}
    for name, spellings in _DATA["fields"].items():
        for rank, spelling in enumerate([*spellings, name]):
            alias, _, unit = str(spelling).partition("|")
            aliases.setdefault(squeeze(alias), _Alias(name, rank, unit.strip()))
    return aliases


def _alias(column: str) -> _Alias | None:
    """What a column's name means, also without numbers of photos and words that say nothing."""
    if column.startswith(NOTE):
        return None
    aliases = _aliases()
    found = aliases.get(squeeze(column))
    if found is not None:
        return found
    numbered = aliases.get(re.sub(r"\d+", "", squeeze(column)))
    if numbered is not None and numbered.field in MANY:
        return numbered
    words = [_SHORT.get(word, word) for word in fold(_CAMEL.sub(" ", column)).split()]
    telling = [word for word in words if word not in _AROUND]
    return aliases.get("".join(words)) or aliases.get("".join(telling))


def recognise(table: Table, given: Sequence[tuple[str, str]] = ()) -> Layout:
    """The layout of a table; `given` are pairs (field, column) that people named.

    Raises FeedError when a pair names what is not there, or when no column says which car it is.
    """
    named = _named(table.columns, given)
    taken = {column.at for columns in named.values() for column in columns}
    found: dict[str, list[tuple[int, Column]]] = {}
    for index, name in enumerate(table.columns):
        if index in taken:
            continue
        alias = _by_values(table, index, name) or _alias(name)
        if alias is not None and alias.field not in named:
            found.setdefault(alias.field, []).append((alias.rank, Column(index, name, alias.unit)))
    fields = {
        name: [c for _, c in (ranked if name in MANY else sorted(ranked, key=lambda r: r[0]))]
        for name, ranked in found.items()
    } | named
    guessed = _guess(table, fields)
    fields |= guessed
    layout = Layout({name: fields[name] for name in FIELDS if name in fields})
    layout.given = frozenset(named)
    layout.notes = [
        f"{columns[0].name} is taken for {name} by its values." for name, columns in guessed.items()
    ]
    _drop_common_ids(layout, table)
    _drop_general_sellers(layout, table)
    _drop_other_units(layout)
    _drop_foreign_zips(layout)
    layout.left_out = _left_out(layout, table.columns)
    if not any(name in layout.fields for name in NAMING):
        raise FeedError(
            "No column says which car it is: a make, a model, a title or a VIN. The columns are:"
            f" {_listed(table.columns)}. Say which is which, for example"
            " `--map make=COLUMN --map model=COLUMN --map price=COLUMN`."
        )
    return layout


def widen(layout: Layout, columns: list[str], known: int) -> None:
    """Take up the columns after the first `known`, which a later line of the file has first.

    Their names alone tell: they come after the columns that a field has already. An id that was
    not seen in the first rows may be shared by many; it stays out.
    """
    for index in range(known, len(columns)):
        alias = _alias(columns[index])
        if alias is not None and alias.field not in layout.given | SHARED:
            column = Column(index, columns[index], alias.unit)
            layout.fields.setdefault(alias.field, []).append(column)
    _drop_other_units(layout)
    _drop_foreign_zips(layout)
    layout.left_out = _left_out(layout, columns)
    fills = {c.at: name for name, found in layout.fields.items() for c in found}
    layout.late |= {columns[at]: fills.get(at) for at in range(known, len(columns))}
    if len(columns) == MOST_COLUMNS:
        layout.notes.append(f"Of more than {MOST_COLUMNS:,} fields the later ones are left out.")


def _left_out(layout: Layout, columns: list[str]) -> list[str]:
    used = {column.at for found in layout.fields.values() for column in found}
    return [name for index, name in enumerate(columns) if index not in used]


def _listed(names: Iterable[str]) -> str:
    shown = [name or "(no name)" for name in names]
    more = f" and {len(shown) - 60} more" if len(shown) > 60 else ""
    return ", ".join(shown[:60]) + more


# --- what people said ---


def field_named(name: str) -> str:
    """The field of this name or of one of its other names; raises FeedError with the nearest."""
    if name in FIELDS:
        return name
    alias = _aliases().get(squeeze(name))
    if alias is not None:
        return alias.field
    near = difflib.get_close_matches(name.lower(), FIELDS, 1, 0.5)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise FeedError(f"There is no field {name!r}.{hint} The fields are: {', '.join(FIELDS)}.")


def _named(columns: list[str], given: Sequence[tuple[str, str]]) -> dict[str, list[Column]]:
    named: dict[str, list[Column]] = {}
    for name, column in given:
        index = _index(columns, column)
        named.setdefault(field_named(name), []).append(Column(index, columns[index]))
    return named


def _index(columns: list[str], name: str) -> int:
    if name in columns:
        return columns.index(name)
    squeezed = [squeeze(column) for column in columns]
    if squeeze(name) and squeezed.count(squeeze(name)) == 1:
        return squeezed.index(squeeze(name))
    near = difflib.get_close_matches(name, columns, 1, 0.4)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise FeedError(f"The file has no column {name!r}.{hint} Its columns are: {_listed(columns)}.")


# --- what the first rows say ---


def _guess(table: Table, fields: Mapping[str, list[Column]]) -> dict[str, list[Column]]:
    """Columns that no name told, for fields that have none, by what they hold."""
    taken = {column.at for columns in fields.values() for column in columns}
    free = [
        at for at, name in enumerate(table.columns) if at not in taken and not name.startswith(NOTE)
    ]
    found = by_content(table, fields, free)
    return {name: [Column(at, table.columns[at])] for name, at in found.items()}


def _by_values(table: Table, index: int, name: str) -> _Alias | None:
    """The field of a column whose name is ambiguous: the one whose words most values are."""
    candidates = _DATA["by_values"].get("_".join(fold(_CAMEL.sub(" ", name)).split()))
    if candidates is None:
        return None
    said = values(table, index)

    def known(candidate: str) -> int:
        return sum(_MEANINGS[candidate](value).known for value in said)

    best = max(candidates, key=known)
    return _Alias(best, len(FIELDS), "") if known(best) * 2 > len(said) else None


def is_unique(table: Table, index: int) -> bool:
    """Whether a column tells the first rows apart."""
    said = values(table, index)
    return bool(said) and len(said) - len(set(said)) <= max(1, REPEATED * len(said))


def _drop_common_ids(layout: Layout, table: Table) -> None:
    """An id or stock number that many rows share is of something else than the offer."""
    for name in SHARED - layout.given:
        kept = [c for c in layout.fields.get(name, []) if is_unique(table, c.at)]
        dropped = [c.name for c in layout.fields.pop(name, []) if c not in kept]
        if kept:
            layout.fields[name] = kept
        layout.notes += [
            f"{column} is no id of a car here: rows share its values." for column in dropped
        ]


def _drop_general_sellers(layout: Layout, table: Table) -> None:
    """A column that says `private` or `dealer` names no dealer."""
    columns = layout.fields.get("dealer_name", [])
    if columns and "dealer_name" not in layout.given:
        said = {squeeze(value) for column in columns for value in values(table, column.at)}
        if said <= GENERAL_SELLERS:
            del layout.fields["dealer_name"]


def _drop_other_units(layout: Layout) -> None:
    """Where one column counts kilometers, a plain `mileage` beside it is how far a litre goes."""
    columns = layout.fields.get("mileage", [])
    if columns and "mileage" not in layout.given:
        layout.fields["mileage"] = [c for c in columns if c.unit == columns[0].unit]


def _drop_foreign_zips(layout: Layout) -> None:
    """Five digits are a ZIP code in the USA; a file that counts kilometers is not from there."""
    mileage = layout.fields.get("mileage", [])
    if "zip" in layout.fields and "zip" not in layout.given and mileage and mileage[0].unit == "km":
        column = layout.fields.pop("zip")[0].name
        layout.notes.append(
            f"{column} is left out: this file counts kilometers, ZIPs are American."
        )
