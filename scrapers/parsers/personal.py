"""What is personal in a text or a page, taken out before anybody keeps it."""

import re
from collections.abc import Iterable
from itertools import islice

WITHHELD = "Withheld-Name"
"""What stands in a kept page where a person was named; no text that is read has it."""

# Begins where such a word begins: tried from each of its letters, a long one costs its square.
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NAME = r"[A-Z][\w'\u2019-]*(?:\s+[A-Z][\w'\u2019-]*){0,2}"
_ASK_FOR = re.compile(
    rf"\s*(?:\b(?:and|or)\s+)?\b(?i:ask for|speak to|speak with|talk to|contact)\s+{_NAME}"
)

MOST_STAFF = 500
"""Names that are looked for in one page; a page of nothing else would cost minutes."""

# Of pages, as bytes of whatever encoding that has ASCII's characters.
_DOMAIN = re.compile(rb"@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_LOCAL = re.compile(rb"[\w.+%-]{1,64}$")
_STAFF = re.compile(
    rb'"(?:sales_?contacts?|sales_?people|staff|employees?)"\s*:\s*\[[^\]]{0,65536}',
    re.IGNORECASE,
)
_NAMED = re.compile(rb'"(?:(?:full|first|last)_?)?name"\s*:\s*"([^"\\]{3,80})"', re.IGNORECASE)
_VISITOR = re.compile(
    rb'("(?:visitor|user|client)_(?:city|state|zip|ip|lat|lng|dma)"\s*:\s*)"[^"]*"'
)


def scrub(text: str, names: Iterable[str] = ()) -> str:
    """The text without e-mail addresses, these people's names, and whom a reader should ask for."""
    text = _ASK_FOR.sub("", _EMAIL.sub("", text))
    for name in (*names, WITHHELD):
        text = text.replace(name, "")
    return text


def redact(page: bytes) -> bytes:
    """A page as it may be kept: without e-mail addresses, the names of a seller's staff, and the
    visitor's place.

    What parsers read of it is what they read of the page itself.
    """
    named = (name for staff in _STAFF.findall(page) for name in _NAMED.findall(staff))
    for name in sorted(islice(dict.fromkeys(named), MOST_STAFF), key=len, reverse=True):
        page = page.replace(name, WITHHELD.encode())
    return _VISITOR.sub(rb'\1""', _without_emails(page))


def _without_emails(page: bytes) -> bytes:
    """Looks from each `@.` to both sides: `@type` in a megabyte of JSON costs nothing."""
    parts, start = [], 0
    for found in _DOMAIN.finditer(page):
        local = _LOCAL.search(page, max(start, found.start() - 64), found.start())
        if local:
            parts.append(page[start : local.start()])
            start = found.end()
    return b"".join((*parts, page[start:]))
