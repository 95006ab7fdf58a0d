"""Selectors: CSS, XPath, JSON paths and patterns, compiled once; impossible ones are refused."""

import re
from functools import lru_cache
from typing import Any

import jmespath
from cssselect import HTMLTranslator, SelectorError
from jmespath.exceptions import JMESPathError
from lxml import etree

from scrapers.parsers.html import Element

LONGEST_MATCHED = 20_000  # characters of a text that a pattern looks at


@lru_cache(maxsize=1_000)
def css(selector: str) -> etree.XPath:
    """A CSS selector for an element's descendants; raises ValueError for an impossible one."""
    try:
        path = HTMLTranslator().css_to_xpath(selector, prefix="descendant-or-self::")
    except SelectorError as error:
        raise ValueError(f"{selector!r} is no CSS selector ({error})") from error
    return xpath(path)


@lru_cache(maxsize=1_000)
def xpath(path: str) -> etree.XPath:
    """An XPath; raises ValueError for an impossible one, also one whose functions are unknown."""
    try:
        compiled = etree.XPath(path, smart_strings=False)
        compiled(etree.Element("html"))
    except etree.XPathError as error:
        raise ValueError(f"{path!r} is no XPath ({error})") from error
    return compiled


@lru_cache(maxsize=1_000)
def json_path(path: str) -> jmespath.parser.ParsedResult:
    """A JMESPath expression (jmespath.org); raises ValueError for an impossible one."""
    try:
        return jmespath.compile(path)
    except JMESPathError as error:
        reason = str(error).partition("\n")[0].rstrip(":")
        raise ValueError(f"{path!r} is no JSON path ({reason})") from error


@lru_cache(maxsize=1_000)
def pattern(text: str) -> re.Pattern[str]:
    """A regular expression with one group at most; raises ValueError for another."""
    try:
        compiled = re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression ({error})") from error
    if compiled.groups > 1:
        raise ValueError(f"{text!r} has {compiled.groups} groups; mark the one part that is meant")
    return compiled


def select(compiled: etree.XPath, element: Element) -> list[Any]:
    """What a selector finds, in order: elements or texts."""
    found = compiled(element)
    if isinstance(found, list):
        return found
    return [] if found is None or found is False else [found]


def search(path: str, value: Any) -> list[Any]:
    """What a JSON path finds, as a list; nothing where the value is of another shape."""
    try:
        found = json_path(path).search(value)
    except JMESPathError:
        return []
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def matched(text: str, expression: str | None) -> str:
    """The part of a text that a pattern marks; empty where it does not match."""
    if expression is None:
        return text
    found = pattern(expression).search(text[:LONGEST_MATCHED])
    return (found[1] if found.re.groups else found[0]) or "" if found else ""
