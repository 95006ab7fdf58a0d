"""Scope: a page, or one item of it, and what stands where in it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Any

import chompjs

from scrapers.parsers.html import Element, clean, elements, text
from scrapers.parsers.jsonld.blocks import Object, blocks
from scrapers.parsers.jsonld.graph import Item
from scrapers.parsers.jsonld.microdata import microdata
from scrapers.parsers.jsonld.pages import Things, main_car
from scrapers.recipes import selecting
from scrapers.recipes.conversions import convert
from scrapers.recipes.model import Place, Value, kind_of

MOST_SCRIPT = 4_000_000  # characters of a script that are looked through
MOST_STARTS = 20  # places in a script where a variable's value may begin
DEEPEST = 20  # lists in lists of which the text is read

_scripts = elements("//script[not(@src)]")
_HREF = {"a": "href", "area": "href", "link": "href", "img": "src", "source": "src"}
_DEFERRED = ("data-src", "data-lazy-src", "data-original")


class PageOf:
    """A page's tree and what is embedded in it, each read once."""

    def __init__(self, root: Element, url: str) -> None:
        self.root, self.url = root, url

    @cached_property
    def things(self) -> Things:
        """The cars in the words of schema.org."""
        return Things(self.root)

    @cached_property
    def car(self) -> Item | None:
        """The car that the page is about."""
        return main_car(self.things, self.url)

    @cached_property
    def attributes(self) -> list[Object]:
        return microdata(self.root)

    @cached_property
    def objects(self) -> list[Object]:
        """Everything that the page's JSON-LD says."""
        return blocks(self.root)[0]


@dataclass(frozen=True)
class Scope:
    """Where fields are looked for: the whole page, or an item's element, JSON or thing."""

    page: PageOf
    element: Element | None = None
    data: Any = None
    thing: Object | None = None
    _embedded: dict[str, Any] = field(default_factory=dict)

    def items(self, place: Place) -> list["Scope"]:
        """A scope for each item that the place finds."""
        if place.path is not None or place.script is not None:
            return [replace(self, data=each) for each in self.found(place)]
        return [
            replace(
                self,
                element=each,
                data=_json(each.get(place.attribute)) if place.attribute else None,
            )
            for each in self._selected(place)
            if not isinstance(each, str | float | bool)
        ]

    def texts(self, name: str, value: Value) -> list[str]:
        """A field's texts, converted."""
        kind = kind_of(name, value)
        said = (self._said(each, value, kind) for each in self.found(value))
        marked = (clean(selecting.matched(each, value.match)) for each in said)
        return convert(kind, [each for each in marked if each], self.page.url, value.form)

    def shows(self, place: Place) -> bool:
        """Whether the place has something that matches."""
        return any(
            selecting.matched(self._said(each, place, "text"), place.match) or not place.match
            for each in self.found(place)
        )

    def address(self, place: Place) -> str | None:
        """The address that stands at a place; None for none."""
        said = (self._said(each, place, "url") for each in self.found(place))
        marked = [selecting.matched(each, place.match) for each in said]
        return next(iter(convert("url", marked, self.page.url)), None)

    def found(self, place: Place) -> list[Any]:
        """What stands at a place: elements, JSON values or texts."""
        if place.value is not None:
            return [place.value]
        if place.jsonld is not None:
            return selecting.search(place.jsonld, self._thing())
        if place.microdata is not None:
            return selecting.search(place.microdata, self._attributes())
        if place.script is not None:
            value = self._script(place.script)
        elif place.css is not None or place.xpath is not None:
            chosen = self._selected(place)
            if place.path is None:
                return chosen
            value = next(
                (v for each in chosen if (v := _json(_raw(each, place))) is not None), None
            )
        else:
            value = self.data
        return [value] if place.path is None else _objects(selecting.search(place.path, value))

    def _selected(self, place: Place) -> list[Any]:
        element = self.page.root if self.element is None else self.element
        compiled = selecting.css(place.css) if place.css else selecting.xpath(place.xpath or "")
        return selecting.select(compiled, element)

    def _said(self, found: Any, place: Place, kind: str) -> str:
        """The text of what was found; for an address, of what the element leads to."""
        if not hasattr(found, "itertext"):
            return _plain(found)
        if place.attribute:
            return clean(found.get(place.attribute))
        if found.tag == "meta":
            return clean(found.get("content"))
        if kind in ("url", "urls") and found.tag in _HREF:
            names = (*_DEFERRED, _HREF[found.tag])
            return next((clean(said) for name in names if (said := found.get(name))), "")
        return text(found)

    def _thing(self) -> Any:
        if self.thing is not None:
            return self.thing
        return self.page.car.thing if self.page.car else self.page.objects

    def _attributes(self) -> Any:
        if self.element is not None:
            own = microdata(self.element)
            return own[0] if own else None
        return next(iter(self.page.attributes), None)

    def _script(self, name: str) -> Any:
        """The value that a script of the page gives a variable; read once a page."""
        if name not in self._embedded:
            self._embedded[name] = _variable(self.page.root, name)
        return self._embedded[name]


def _variable(root: Element, name: str) -> Any:
    """The object or list that `name = …` or `"name": …` gives in one of the page's scripts."""
    assigned = re.compile(rf"(?<![\w$.]){re.escape(name)}[\"']?\s*[=:]\s*(?=[\[{{])")
    for script in _scripts(root):
        written = (script.text or "")[:MOST_SCRIPT]
        for start in islice(assigned.finditer(written), MOST_STARTS):
            try:
                return chompjs.parse_js_object(written[start.end() :])
            except (ValueError, RecursionError):
                continue
    return None


def _json(written: str | None) -> Any:
    """The JSON in an attribute or script; None where it is none."""
    if not written or not written.strip():
        return None
    try:
        return chompjs.parse_js_object(written[:MOST_SCRIPT])
    except (ValueError, RecursionError):
        return None


def _raw(found: Any, place: Place) -> str | None:
    if isinstance(found, str):
        return found
    if place.attribute:
        said: str | None = found.get(place.attribute)
        return said
    return "".join(found.itertext())


def _objects(values: list[Any]) -> list[Any]:
    return [value for value in values if value is not None]


def _plain(value: Any, depth: int = DEEPEST) -> str:
    """A JSON value as text; of an object its name or value."""
    if isinstance(value, dict):
        named = (value.get(key) for key in ("name", "value", "url", "contentUrl"))
        return next((clean(each) for each in named if each), "")
    if isinstance(value, list):
        return " | ".join(_plains(value, depth - 1)) if depth else ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return clean(value)


def _plains(values: list[Any], depth: int) -> Iterator[str]:
    for value in values:
        if plain := _plain(value, depth):
            yield plain
