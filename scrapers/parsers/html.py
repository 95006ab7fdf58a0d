"""Reading HTML: bytes to a tree, and text out of it that is fit to be stored."""

import re
from collections.abc import Callable, Iterable
from typing import Any, cast
from urllib.parse import urljoin, urlsplit

import orjson
from lxml import etree, html

_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_SPACE = re.compile(r"\s+")


def tree(page: bytes) -> html.HtmlElement | None:
    """The page's tree, or None where there is none (an empty body, bytes without a tag).

    UTF-8 where the bytes are UTF-8, else what the page's own `meta` says.
    """
    try:
        page.decode()
        encoding = "utf-8"
    except UnicodeDecodeError:
        encoding = None
    parser = html.HTMLParser(encoding=encoding, remove_comments=True, remove_pis=True)
    try:
        root: html.HtmlElement | None = etree.fromstring(page, parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None
    return root


def elements(path: str) -> Callable[[html.HtmlElement], list[html.HtmlElement]]:
    """A compiled XPath that finds elements."""
    return cast("Callable[[html.HtmlElement], list[html.HtmlElement]]", _compiled(path))


def strings(path: str) -> Callable[[html.HtmlElement], list[str]]:
    """A compiled XPath that finds attributes or text nodes."""
    return cast("Callable[[html.HtmlElement], list[str]]", _compiled(path))


def string(path: str) -> Callable[[html.HtmlElement], str]:
    """A compiled XPath for the text of the first that it finds; empty where it finds nothing."""
    return cast("Callable[[html.HtmlElement], str]", _compiled(f"string({path})"))


def has(path: str) -> Callable[[html.HtmlElement], bool]:
    """A compiled XPath for whether there is any."""
    return cast("Callable[[html.HtmlElement], bool]", _compiled(f"boolean({path})"))


def _compiled(path: str) -> etree.XPath:
    return etree.XPath(path, smart_strings=False)  # plain strings hold no tree and parse as JSON


def of_class(name: str) -> str:
    """The XPath predicate for elements of a class; the first half is only there to be fast."""
    exact = f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"
    return f"contains(@class, '{name}') and {exact}"


def clean(value: Any) -> str:
    """A value of JSON or HTML as one line of text, without characters that Postgres refuses."""
    if value is None:
        return ""
    if not isinstance(value, str):
        value = str(value).lower() if isinstance(value, bool) else str(value)
    return _SPACE.sub(" ", _UNFIT.sub("", value)).strip()


def text(element: html.HtmlElement) -> str:
    """The element's text, cleaned."""
    return clean("".join(element.itertext()))


def filled(pairs: Iterable[tuple[str, Any]]) -> dict[str, str]:
    """Only what has a value, cleaned; of two values for one key the first."""
    found: dict[str, str] = {}
    for key, value in pairs:
        if key not in found and (value := clean(value)):
            found[key] = value
    return found


def json_object(written: str | None) -> dict[str, Any]:
    """The JSON object that an attribute or script holds; empty where it holds none."""
    try:
        value = orjson.loads(written or "")
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def link(base: str, href: str | None) -> str | None:
    """The absolute http(s) address of a link, or None."""
    if not href or not (href := clean(href)):
        return None
    try:
        url = urljoin(base, href)
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname else None
