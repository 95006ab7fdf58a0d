"""Sitemaps (sitemaps.org): indexes, and lists of addresses with when each changed last."""

import gzip
import io
import re
import zlib
from collections.abc import Iterator

from lxml import etree

from scrapers.parsers.html import clean, link
from scrapers.parsers.jsonld.pages import link_card
from scrapers.parsers.pages import Card, Page

LARGEST = 50 * 1024 * 1024  # bytes unpacked, as the protocol has it
MOST = 50_000  # addresses in one file, as the protocol has it
ELEMENTS = 20 * MOST  # in one file, with those of its extensions; each takes memory

UNREADABLE = "parse/sitemap_unreadable"
TOO_LARGE = "parse/sitemap_too_large"


def parse_sitemap(body: bytes, url: str, wanted: str) -> Page:
    """A sitemap's file, plain or gzip: more files of an index, or a card for each address that
    the pattern `wanted` is found in.

    A card's digest is of `lastmod`, so that a page which did not change since is not read again.
    """
    unpacked = _unpacked(body)
    if unpacked is None:
        return Page(problems=[TOO_LARGE])
    page, kinds, looked = Page(), set[str](), 0
    try:
        for kind, address, changed in _entries(unpacked):
            kinds.add(kind)
            looked += 1
            if looked > MOST:
                page.problems.append(TOO_LARGE)
                break
            _take(page, kind, link(url, address), changed, wanted)
    except (etree.XMLSyntaxError, ValueError):
        page.problems.append(UNREADABLE)
    if not kinds and not page.problems:
        page.empty = b"<urlset" in unpacked[:4096]
        page.problems += [] if page.empty else ["parse/not_our_page"]
    elif not page.items and not page.pages and not page.problems:
        page.empty = True  # of a site that has sold out, one of its sitemaps is about other things
    return page


def _take(page: Page, kind: str, address: str | None, changed: str, wanted: str) -> None:
    if address is None:
        page.problems.append("parse/card_unreadable")
    elif kind == "sitemap":
        page.pages.append(address)
    elif re.search(wanted, address):
        page.items.append(_card(address, changed))


def _card(address: str, changed: str) -> Card:
    return link_card(address, f"lastmod {changed}" if changed else None)


def _unpacked(body: bytes) -> bytes | None:
    """The file without its compression; None where it is larger than a sitemap may be."""
    if body[:2] != b"\x1f\x8b":
        return body if len(body) <= LARGEST else None
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
            text = packed.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error):
        return b""
    return text if len(text) <= LARGEST else None


def _entries(text: bytes) -> Iterator[tuple[str, str, str]]:
    """Kind (`url` or `sitemap`), address and `lastmod` of each entry, one at a time."""
    events = etree.iterparse(
        io.BytesIO(text),
        events=("end",),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
    )
    for number, (_, element) in enumerate(events):
        if number > ELEMENTS:
            raise ValueError("it has more elements than so many addresses need")
        kind = etree.QName(element).localname
        if kind in ("url", "sitemap"):
            said = {etree.QName(child).localname: clean(child.text) for child in element}
            yield kind, said.get("loc", ""), said.get("lastmod", "")
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
