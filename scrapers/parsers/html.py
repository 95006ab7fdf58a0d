"""Reading HTML: bytes to a tree, and text out of it that is fit to be stored."""

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias, cast
from urllib.parse import urljoin, urlsplit

import orjson
from lxml import etree

from scrapers.fetching.address import site
from scrapers.normalise.text import unescaped

Element: TypeAlias = etree._Element

CHALLENGE = "just a moment"

_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def tree(page: bytes) -> Element | None:
    """The page's tree, or None where there is none (an empty body, bytes without a tag).

    UTF-8 where the bytes are UTF-8, else what the page's own `meta` says.
    """
    try:
        page.decode()
        encoding = "utf-8"
    except UnicodeDecodeError:
        encoding = None
    parser = etree.HTMLParser(encoding=encoding, remove_comments=True, remove_pis=True)
    try:
        root: Element | None = etree.fromstring(page, parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None
    return root


def elements(path: str) -> Callable[[Element], list[Element]]:
    """A compiled XPath that finds elements."""
    return cast("Callable[[Element], list[Element]]", _compiled(path))


def string(path: str) -> Callable[[Element], str]:
    """A compiled XPath for the text of the first that it finds; empty where it finds nothing."""
    return cast("Callable[[Element], str]", _compiled(f"string({path})"))


def _compiled(path: str) -> etree.XPath:
    return etree.XPath(path, smart_strings=False)  # plain strings hold no tree and parse as JSON


_title = string("//title")


def by_class(root: Element, *names: str) -> dict[str, Element]:
    """In one pass, the first element of each of these classes that is there."""
    found: dict[str, Element] = {}
    for element in root.iter():
        if classes := element.get("class"):
            for name in classes.split():
                if name in names:
                    found.setdefault(name, element)
    return found


def clean(value: Any) -> str:
    """A value of JSON or HTML as one line of text, without characters that Postgres refuses."""
    if value is None:
        return ""
    if not isinstance(value, str):
        value = str(value).lower() if isinstance(value, bool) else str(value)
    line = " ".join(value.split())
    return line if line.isprintable() else _UNFIT.sub("", line).strip()


def text(element: Element | None) -> str:
    """The element's text, cleaned; empty for no element."""
    return "" if element is None else clean("".join(map(str, element.itertext())))


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
    if not href or not (href := unescaped(clean(href))):
        return None
    if href.startswith("/") and not href.startswith("//"):
        return site(base) + href
    try:
        url = urljoin(base, href)
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname else None


def stranger(root: Element) -> str:
    """What a page is that has nothing of ours: a challenge, or some other page."""
    challenged = clean(_title(root)).lower().startswith(CHALLENGE)
    return "parse/challenge" if challenged else "parse/not_our_page"
