"""The parameters of a search: name, form and limits of each, declared once for a vertical."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from rapidfuzz import fuzz, process

from catalog.vertical import Vertical
from service.geography.places import FARTHEST, METRES
from service.http.problems import Problem, bad_value
from service.understanding.forms import (
    BoundingBox,
    Choice,
    Decimal,
    Form,
    Polygon,
    Value,
    Whole,
    Words,
    Zip,
)
from service.understanding.paging import MOST_RESULTS

RINGS, CLUSTERS = "rings", "clusters"
"""The parts of an answer that count by distance and by place on the map."""

LONGEST_QUERY = 200  # characters of `q`
LONGEST_VALUE = 200  # characters of one facet value
MOST_VALUES = 50  # values of one facet
MOST_CORNERS = 50  # of a polygon
MOST_PAIRS = 200  # name=value pairs of one request
LARGEST_NUMBER = 2_147_483_647
LARGEST_PAGE = 100
CLOSEST_ZOOM = 24  # levels of web maps
PLACED = ("location", "distance")  # members of a listing that are made of its place
NEAR_ENOUGH = 65  # of 100: below, a name is another one rather than misspelled

_SPLIT = re.compile(r"(?:[^,\\]|\\.|\\\Z)*", re.DOTALL)
_ESCAPED = re.compile(r"\\([,!\\])")

LISTED = " Leave it out; /docs lists what there is."

NOT = "!"
"""Before a value: what has it is left out."""


@dataclass(frozen=True)
class Values:
    """Values of a facet: a result has one of `some`, if there are any, and none of `none`."""

    some: tuple[str, ...]
    none: tuple[str, ...]


@dataclass(frozen=True)
class Parameter:
    """One parameter: `several` are given by repeating it or with commas between them.

    Where it `excludes`, NOT may stand before each of them.
    """

    name: str
    form: Form
    description: str
    several: bool = False
    excludes: bool = False

    def read(self, texts: list[str]) -> Any:
        """The value, a tuple where several may be given, Values where it excludes.

        Raises Problem.
        """
        if not self.several:
            if len(texts) > 1:
                raise bad_value(
                    self.name, f"{self.name} was given {len(texts)} times; give it once."
                )
            return self._value(texts[0])
        parts = [part for text in texts for part in split(text)]
        if self.excludes:
            out = [part.lstrip()[1:] for part in parts if part.lstrip().startswith(NOT)]
            parts = [part for part in parts if not part.lstrip().startswith(NOT)]
            return Values(self._values(parts, MOST_VALUES - len(out)), self._values(out))
        marked = any(part.lstrip().startswith(NOT) for part in parts)
        if marked and not isinstance(self.form, Choice):
            detail = (
                f"{self.name} leaves nothing out: a {NOT} that begins a value is written \\{NOT}."
            )
            raise bad_value(self.name, detail)
        return self._values(parts)

    def _values(self, parts: list[str], most: int = MOST_VALUES) -> tuple[Any, ...]:
        values = tuple(dict.fromkeys(self._value(unescaped(part)) for part in parts))
        if len(values) > most:
            raise bad_value(self.name, f"{self.name} takes at most {MOST_VALUES} values.")
        return values

    def _value(self, text: str) -> Any:
        """What a text is read as, without the spaces around it, whatever its form."""
        try:
            return self.form.read(text.strip())
        except ValueError as error:
            choices = self.form.choices if isinstance(self.form, Choice) else ()
            near = nearest(text, choices)
            detail = f"{self.name} must be {error}; it is {shown(text)}."
            raise bad_value(self.name, detail + _hint(near), **_nearest_member(near)) from None


def split(text: str) -> Iterator[str]:
    """The parts between commas as they are written, escapes and all."""
    position = 0
    while True:
        match = _SPLIT.match(text, position)
        assert match is not None  # it matches the empty text
        yield match[0]
        if match.end() == len(text):
            return
        position = match.end() + 1


def unescaped(part: str) -> str:
    r"""The value that is written so: `\,` is a comma, `\!` a mark and `\\` a backslash of it."""
    return _ESCAPED.sub(r"\1", part)


def shown(text: str) -> str:
    """A value as an error quotes it: short, and with nothing that a terminal would obey."""
    cut = text if len(text) <= 40 else text[:40] + "…"
    return repr(cut)


def nearest(name: str, names: Mapping[str, Any] | tuple[str, ...]) -> str | None:
    """The name most like `name` whatever its letters' case, where one is like it."""
    found = process.extractOne(
        name[:LONGEST_VALUE].lower(), list(names), scorer=fuzz.ratio, score_cutoff=NEAR_ENOUGH
    )
    return found[0] if found else None


def _hint(near: str | None) -> str:
    return f" Did you mean {near}?" if near else ""


def _nearest_member(near: str | None) -> dict[str, str]:
    return {"nearest": near} if near else {}


def read(declared: Mapping[str, Parameter], query: str) -> dict[str, Any]:
    """The values in a URL's query by parameter, in the order of `declared`; raises Problem."""
    given: dict[str, list[str]] = {}
    for name, text in _pairs(query):
        if name not in declared:
            near = nearest(name, declared)
            detail = f"There is no parameter {shown(name)} here.{_hint(near) or LISTED}"
            extra = {"parameter": name[:LONGEST_VALUE], **_nearest_member(near)}
            raise Problem(400, "unknown-parameter", detail, extra)
        given.setdefault(name, []).append(text)
    return {name: declared[name].read(given[name]) for name in declared if name in given}


def apart(given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, tuple[str, ...]]]:
    """The parameters with the values that may be, and by facet those that may not."""
    facets = {name: value for name, value in given.items() if isinstance(value, Values)}
    excluded = {name: values.none for name, values in facets.items() if values.none}
    return {**given, **{name: values.some for name, values in facets.items()}}, excluded


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=MOST_PAIRS)
    except UnicodeDecodeError:
        raise Problem(400, "bad-request", "The URL is not UTF-8 under its % signs.") from None
    except ValueError:
        raise Problem(400, "bad-request", f"A URL has at most {MOST_PAIRS} parameters.") from None


def parameters(vertical: Vertical) -> dict[str, Parameter]:
    """Every parameter of a vertical's search by name."""
    declared = [
        Parameter("q", Words(LONGEST_QUERY), "words to look for; typos are forgiven"),
        Parameter("parse", Choice(("on", "off")), "whether words of q become filters"),
        *_facets(vertical),
        *_bounds(vertical),
        *(_place() if vertical.place else ()),
        Parameter("sort", Choice(tuple(sort.name for sort in vertical.sorts)), "order of results"),
        *_paging(),
        *_parts(vertical),
    ]
    return {parameter.name: parameter for parameter in declared}


def counted(vertical: Vertical) -> tuple[str, ...]:
    """The parts of an answer that count, as `facets` names them."""
    ranges = (bound.name for bound in vertical.ranges)
    return *vertical.facets, *ranges, *((RINGS, CLUSTERS) if vertical.place else ())


def _facets(vertical: Vertical) -> Iterator[Parameter]:
    for name, facet in vertical.facets.items():
        form = Value(LONGEST_VALUE, partial(_proper, vertical, name))
        one = f"{facet.label}: one of these values; with ! before it, not this one"
        yield Parameter(name, form, one, several=True, excludes=True)
        if facet.many:
            yield Parameter(f"{name}_all", form, f"{facet.label}: all of these", several=True)


def _proper(vertical: Vertical, facet: str, value: str) -> str:
    return vertical.words().proper(facet, value)  # which are read by the first, or `prepare`


def _bounds(vertical: Vertical) -> Iterator[Parameter]:
    form = Whole(0, LARGEST_NUMBER)
    for bound in vertical.ranges:
        yield Parameter(f"{bound.name}_min", form, f"{bound.label} at least ({bound.unit})")
        yield Parameter(f"{bound.name}_max", form, f"{bound.label} at most ({bound.unit})")


def _place() -> Iterator[Parameter]:
    yield Parameter("zip", Zip(), "a US ZIP code: results have their distance from it")
    yield Parameter("lat", Decimal(-90, 90), "a place by degrees of latitude, with lng")
    yield Parameter("lng", Decimal(-180, 180), "a place by degrees of longitude, with lat")
    yield Parameter("radius", Decimal(0, FARTHEST, above=True), "at most so far from the place")
    yield Parameter("unit", Choice(tuple(METRES)), "unit of radius and rings: mi (miles) or km")
    yield Parameter("bbox", BoundingBox(), "what is on this part of the map")
    yield Parameter("zoom", Whole(0, CLOSEST_ZOOM), "zoom level of that map, for its clusters")
    yield Parameter("polygon", Polygon(MOST_CORNERS), "what is inside of this shape on the map")


def _paging() -> Iterator[Parameter]:
    yield Parameter("page", Whole(1, MOST_RESULTS), "which page, from 1")
    yield Parameter("per_page", Whole(1, LARGEST_PAGE), "results a page")
    yield Parameter("offset", Whole(0, MOST_RESULTS), "results to leave out, instead of a page")
    yield Parameter("limit", Whole(0, LARGEST_PAGE), "results to return, instead of per_page")


def _parts(vertical: Vertical) -> Iterator[Parameter]:
    """The parameters that say which parts an answer has."""
    parts = Choice((*counted(vertical), "none"))
    yield Parameter("facets", parts, "which counts and ranges to return", several=True)
    members = (*vertical.fields, *(PLACED if vertical.place else ()))
    yield Parameter("fields", Choice(members), "which members of a listing to return", several=True)
    texts = Choice(vertical.texts)
    yield Parameter("highlight", texts, "texts to return with their matches marked", several=True)
