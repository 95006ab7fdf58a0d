"""Text from strangers: made clean before anything is understood or stored."""

import html
import re
from functools import lru_cache
from urllib.parse import quote

_SPACES = (*range(32), *range(127, 160), 0x2028, 0x2029)
_TURNS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))  # what follows reads right to left
_NOTHINGS = (0, 0x200B, 0x200C, 0x200E, 0x200F, 0x2060, 0xFEFF, *_TURNS)  # NUL, zero widths, marks
_CONTROL: dict[int, str] = {**dict.fromkeys(_SPACES, " "), **dict.fromkeys(_NOTHINGS, "")}
_TAG = re.compile(r"<(?:/?[A-Za-z][^<>]{0,500}|!--.{0,500}?--)>", re.DOTALL)
_BREAK = re.compile(r"(?:\r\n?|\n|<br\s*/?>|</p>|</li>)", re.IGNORECASE)

_BLANK = re.compile(
    r"""[-.?]+ | n/?a | n\.a\. | \#n/a | nan | none | null | nil | \\n | \(null\) | undefined
        | unknown | tbd | unspecified | not[ _]?(?:specified|available|listed|provided|applicable)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LONGEST_BLANK = 14
"""What people and programs write where they have nothing to say, and how long it is at most."""


def clean(text: str | None, limit: int = 200) -> str | None:
    """One line of at most `limit` characters, without entities, markup and control characters.

    None when nothing is left, or when it is one of the words for nothing. Postgres takes every
    result: it has no NUL and no half of a surrogate pair.
    """
    if not text:
        return None
    if "&" in text:
        text = html.unescape(html.unescape(text))  # many a site escapes what was escaped before
    return _line(_TAG.sub(" ", text) if "<" in text else text, limit)


def _line(text: str, limit: int) -> str | None:
    """`clean` of a text whose entities were read and whose markup is gone."""
    if not text.isprintable() or not text.isascii():
        text = text.translate(_CONTROL).encode("utf-8", "ignore").decode()
    text = " ".join(text.split())
    if len(text) > limit:
        text = text[:limit].rstrip()
    silent = len(text) <= _LONGEST_BLANK and _BLANK.fullmatch(text)
    return None if silent or not text else text


def prose(text: str | None, limit: int = 20_000) -> str | None:
    """Like `clean`, for a description: markup is taken out, line breaks stay, one empty at most."""
    if not text:
        return None
    # Cut first: what follows is linear, but a description may be a hundred megabytes.
    text = _TAG.sub(" ", _BREAK.sub("\n", html.unescape(text[: 4 * limit])))
    lines: list[str] = []
    for line in text.split("\n"):
        cleaned = clean(line, limit) or ""
        if cleaned or (lines and lines[-1]):
            lines.append(cleaned)
    return "\n".join(lines).strip()[:limit].rstrip() or None


_PLAIN_LINK = re.compile(r"https?://[A-Za-z0-9][!#-%'-;=?-~]{0,1900}")


_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")


def unescaped(address: str) -> str:
    """An address without entities; `&region=` is a parameter, though `&reg` alone means a sign."""
    if "&" not in address:
        return address
    return _ENTITY.sub(lambda found: html.unescape(found[0]), address)


def link(text: str | None, limit: int = 2_000) -> str | None:
    """An absolute http or https address, or None: others are not for a reader to follow."""
    if not text or _PLAIN_LINK.fullmatch(text):
        return text or None
    text = _line(unescaped(text), limit + 1)
    if text is None or len(text) > limit:
        return None
    if text.startswith("//"):
        text = f"https:{text}"
    scheme, separator, rest = text.partition("://")
    if not separator or scheme.lower() not in ("http", "https") or not rest[:1].isalnum():
        return None
    return quote(text, safe="%/:?#[]@!$&'()*+,;=~-._")


_label = lru_cache(maxsize=50_000)(clean)


def labels(values: list[str], most: int, limit: int) -> list[str]:
    """Clean, without repetition, at most `most` of them, in their order.

    They are remembered: the features of a thousand cars are the same few hundred words.
    """
    cleaned = dict.fromkeys(_label(value[: 4 * limit], limit) for value in dict.fromkeys(values))
    return [value for value in cleaned if value is not None][:most]
