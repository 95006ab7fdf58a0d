"""Microdata: what a page's attributes say (`itemscope`, `itemprop`), as objects of JSON-LD.

After https://html.spec.whatwg.org/multipage/microdata.html#json, without `itemref`.
"""

from collections.abc import Iterator
from typing import Any

from scrapers.parsers.html import Element, clean, elements, text
from scrapers.parsers.jsonld.blocks import Object

DEPTH = 12

_ADDRESS = {
    **dict.fromkeys(("a", "area", "link"), "href"),
    **dict.fromkeys(("audio", "embed", "iframe", "img", "source", "track", "video"), "src"),
    "object": "data",
}
_VALUE = {"data": "value", "meter": "value", "time": "datetime"}
_top = elements("//*[@itemscope and not(@itemprop)]")


def microdata(root: Element) -> list[Object]:
    """The page's items that belong to no other, in order."""
    return [_object(element, DEPTH) for element in _top(root)]


def _object(element: Element, depth: int) -> Object:
    types = [kind.rstrip("/").rpartition("/")[2] for kind in element.get("itemtype", "").split()]
    found: Object = {"@type": types[0] if len(types) == 1 else types} if types else {}
    if name := element.get("itemid"):
        found["@id"] = clean(name)
    for child in _properties(element) if depth else ():
        value = _object(child, depth - 1) if "itemscope" in child.attrib else _value(child)
        for name in child.get("itemprop", "").split():
            _add(found, name, value)
    return found


def _add(found: Object, name: str, value: Any) -> None:
    """The second value of a name makes a list of the first."""
    if name not in found:
        found[name] = value
    elif isinstance(found[name], list):
        found[name].append(value)
    else:
        found[name] = [found[name], value]


def _properties(element: Element) -> Iterator[Element]:
    """The elements below that name a property of this item, and of no item within it."""
    waiting = list(reversed(element))
    while waiting:
        child = waiting.pop()
        if "itemprop" in child.attrib:
            yield child
        if "itemscope" not in child.attrib:
            waiting.extend(reversed(child))


def _value(element: Element) -> str:
    tag = str(element.tag)
    for name in ("content", _ADDRESS.get(tag), _VALUE.get(tag)):
        if name and (said := element.get(name)) is not None:
            return clean(said)
    return text(element)
