"""XML feeds: the elements that repeat, one car each, as objects; read as a stream."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import Any

from lxml import etree

from catalog.vocabulary import squeeze
from scrapers.feeds.opening import Feed, FeedError

LOOKED_AT = 1_000_000  # characters in which the element of a car is looked for
DEPTH = 6
MOST_CHILDREN = 500
MOST_ELEMENTS = 20_000  # between two ends of cars; more would be held in memory
NAMING = frozenset({"vin", "make", "model", "brand", "vehicleid", "manufacturer"})
"""What stands directly in the element of a car, and in no other."""

NAMED = frozenset({"component", "attribute", "field", "property"})
"""Elements that say in an attribute what they are: `<component name="city">`."""

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_HTML = re.compile(r"\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE)
# What was passed is not tried in another way: many comments have more ways than can be tried.
_DOCTYPE = re.compile(r"(?>\s|<!--.*?-->|<\?.*?\?>)*+<!DOCTYPE", re.IGNORECASE | re.DOTALL)
_Events = Iterator[tuple[str, Any]]


def objects(feed: Feed) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each car's element as an object, with its number in the file, counted from 1.

    Namespaces are left out: `<g:price>` is `price`. Raises FeedError for HTML, for a file that
    declares entities, and where it cannot be read further.
    """
    pieces = feed.chunks()
    head = [_DECLARATION.sub("", next(pieces, ""))]
    if _HTML.match(head[0]):
        raise FeedError(f"{feed.name} is a page of HTML, no feed.")
    if _DOCTYPE.match(head[0]):
        raise _typed(feed)
    while sum(map(len, head)) < LOOKED_AT and (piece := next(pieces, "")):
        head.append(piece)
    wanted = _record(feed, head)
    number = 0
    depth = held = 0
    for event, element in _events(feed, chain(head, pieces)):
        if event == "start":
            depth, held = depth + 1, held + 1
            if held > MOST_ELEMENTS:
                raise FeedError(f"{feed.name} has a part of more than {MOST_ELEMENTS} elements.")
            continue
        depth -= 1
        if (depth, _name(element)) == wanted:
            number += 1
            found = _value(element, DEPTH)
            if isinstance(found, dict):
                yield number, found
        if depth <= wanted[0]:
            _forget(element)
            held = 0


def _record(feed: Feed, head: list[str]) -> tuple[int, str]:
    """Depth and name of the element that holds a car.

    Among those that repeat, the outermost that directly has what names a car; else the outermost.
    """
    seen: Counter[tuple[int, str]] = Counter()
    naming: set[tuple[int, str]] = set()
    depth = 0
    for event, element in _events(feed, iter(head), whole=False):
        depth += 1 if event == "start" else -1
        if event == "end" and len(element) and depth:
            key = (depth, _name(element))
            seen[key] += 1
            if any(squeeze(_name(child)) in NAMING for child in element):
                naming.add(key)
    repeated = [key for key, count in seen.items() if count > 1]
    candidates = (
        [key for key in repeated if key in naming] or [key for key in seen if key in naming],
        repeated,
        list(seen),
    )
    best = min(next((found for found in candidates if found), []), default=None)
    if best is None:
        raise FeedError(f"{feed.name} is XML in which no element has the parts of a car.")
    return best


def _events(feed: Feed, pieces: Iterator[str], *, whole: bool = True) -> _Events:
    """Starts and ends of elements; `whole` says that the end of the pieces is that of the file."""
    parser = etree.XMLPullParser(
        ("start", "end"),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
    )
    checked = False
    try:
        for piece in pieces:
            parser.feed(piece)
            for event, element in parser.read_events():
                if not checked:
                    _refuse_entities(feed, element)
                    checked = True
                yield event, element
        if whole:
            parser.close()
    except etree.XMLSyntaxError as error:
        raise FeedError(f"{feed.name} is no XML, or damaged: {error.msg}.") from error


def _refuse_entities(feed: Feed, root: Any) -> None:
    """Find a document type also behind a long preface."""
    if root.getroottree().docinfo.doctype:
        raise _typed(feed)


def _typed(feed: Feed) -> FeedError:
    """No feed needs a document type; a few lines of one can stand for gigabytes."""
    return FeedError(f"{feed.name} declares a document type; a feed has none.")


def _forget(element: Any) -> None:
    """Let go of an element that was read, and of those before it."""
    element.clear(keep_tail=False)
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _name(element: Any) -> str:
    tag = str(element.tag)
    return tag.rpartition("}")[2]


def _key(element: Any) -> str:
    """What an element is called: by its tag, or by the attribute that names it."""
    name = _name(element)
    return str(element.get("name") or name) if name in NAMED else name


def _value(element: Any, depth: int) -> Any:
    """A text, or an object of children and attributes; a name that repeats has a list."""
    attributes = {
        _local(key): value for key, value in element.attrib.items() if _key(element) != value
    }
    said = (element.text or "").strip()
    if not len(element) or not depth:
        return {"value": said, **attributes} if attributes and said else attributes or said
    found: dict[str, Any] = dict(attributes)
    for child in element[:MOST_CHILDREN]:
        key, value = _key(child), _value(child, depth - 1)
        if key not in found:
            found[key] = value
        elif isinstance(found[key], list):
            found[key].append(value)
        else:
            found[key] = [found[key], value]
    return found


def _local(name: str) -> str:
    return name.rpartition("}")[2]
