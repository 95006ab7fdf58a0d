"""Blocks: the JSON-LD scripts of a page as objects, however badly they are written."""

import html
import json
import re
from typing import Any

import chompjs

from scrapers.parsers.html import Element, elements

Object = dict[str, Any]

LONGEST = 4_000_000  # characters of one script

_scripts = elements(
    "//script[contains(translate(@type, 'ADJLNOPSTCI', 'adjlnopstci'), 'application/ld+json')]"
)
_BEFORE = re.compile(r"(?:\s|\ufeff|//(?=\s*<!)|/\*(?=\s*<!)|<!--|<!\[CDATA\[(?:\s*\*/)?)+")
_ENDINGS = ("]]>*/", "]]> */", "]]>", "-->")
_QUOTE = re.compile(r'\\.|"', re.DOTALL)
_AFTER_COMMA = re.compile(r'\s*(?:["{\[\]}/\d-]|true\b|false\b|null\b|$)')
_AFTER_STRING = re.compile(r"\s*([,:}\]]|/[/*]|$)")


def blocks(root: Element) -> tuple[list[Object], list[str]]:
    """The objects of all JSON-LD scripts in order, lists opened, and problems.

    A script that says nothing (`null`, empty) is none; one that cannot be read even with leniency
    is the problem `jsonld/unreadable`.
    """
    found: list[Object] = []
    problems: list[str] = []
    for script in _scripts(root):
        values = read(script.text or "")
        if values is None:
            problems.append("jsonld/unreadable")
        else:
            found += values
    return found, problems


def read(text: str) -> list[Object] | None:
    """The objects that one script holds; None where it is no JSON, even mended.

    Tried in this order: as it is (control characters allowed), with its entities decoded, and as
    JavaScript (comments, commas at the end, bare names) with stray quotes in strings escaped.
    """
    text = _unwrapped(text[:LONGEST])
    if not text:
        return []
    decoded = html.unescape(text) if "&" in text else text
    for attempt in (text, decoded):
        try:
            return _objects(json.loads(attempt, strict=False))
        except (ValueError, RecursionError):
            continue
    return _lenient(with_quotes(text)) or _lenient(with_quotes(decoded))


def _unwrapped(text: str) -> str:
    """The text without the comment or CDATA section around it, and without `;` at its end."""
    if begun := _BEFORE.match(text):
        text = text[begun.end() :]
    text = text.rstrip("; \t\r\n")
    for ending in _ENDINGS:
        if text.endswith(ending):
            text = text.removesuffix(ending).rstrip().removesuffix("//").removesuffix("/*")
            return text.rstrip("; \t\r\n")
    return text


def _lenient(text: str) -> list[Object] | None:
    """The objects of a text that is nearly JSON."""
    if not text.startswith(("{", "[", "/")):
        return None
    try:
        values: list[Any] = list(chompjs.parse_js_objects(text, loader_kwargs={"strict": False}))
    except (ValueError, RecursionError):
        return None
    return [each for value in values for each in _objects(value)] or None


def _objects(value: Any) -> list[Object]:
    if isinstance(value, list):
        return [each for each in value if isinstance(each, dict)]
    return [value] if isinstance(value, dict) else []


def with_quotes(text: str) -> str:
    """The text with a backslash before each quote that stands inside a string.

    A quote ends a string where a comma, colon, bracket or comment follows as JSON has it. Valid
    JSON comes back as it is.
    """
    pieces: list[str] = []
    inside, start = False, 0
    for match in _QUOTE.finditer(text):
        if match[0] != '"':
            continue
        if inside and not _ends(text, match.end()):
            pieces += (text[start : match.start()], '\\"')
            start = match.end()
        else:
            inside = not inside
    return "".join((*pieces, text[start:]))


def _ends(text: str, after: int) -> bool:
    following = _AFTER_STRING.match(text, after)
    if following is None:
        return False
    return following[1] != "," or _AFTER_COMMA.match(text, following.end()) is not None
