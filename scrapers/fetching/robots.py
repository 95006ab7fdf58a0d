"""What a site's robots.txt lets us do (RFC 9309)."""

import re
from dataclasses import dataclass

from protego import Protego

TOKEN = "Showroom"  # noqa: S105 -- the product token by which a robots.txt addresses us
SIZE_LIMIT = 500 * 1024  # bytes that RFC 9309 asks a reader to parse at least

_AGENT = re.compile(r"(\s*user[- ]?agent\s*:\s*)([a-z_-]+).*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Robots:
    """The verdict on one site: its rules; without rules everything, or nothing while unknown.

    `unknown` is a sentence that says why.
    """

    rules: Protego | None = None
    unknown: str = ""

    def allows(self, url: str) -> bool:
        if self.rules is None:
            return not self.unknown
        return bool(self.rules.can_fetch(url, TOKEN))

    @property
    def interval(self) -> float:
        """Seconds that the site wants between two requests, 0 where it does not say."""
        if self.rules is None:
            return 0.0
        delay = float(self.rules.crawl_delay(TOKEN) or 0.0)
        rate = self.rules.request_rate(TOKEN)
        return max(delay, rate.seconds / rate.requests if rate and rate.requests else 0.0)


def read_robots(status: int | None, body: bytes) -> Robots:
    """Judge the answer to `GET /robots.txt`; `status` is None when there was none, `body` why.

    4xx allows everything; 5xx, a redirect without end or no answer allows nothing. A body of HTML
    is no robots file, so it sets no rules.
    """
    if status is None:
        return Robots(unknown=body.decode() or "There was no answer.")
    if status >= 500 or 300 <= status < 400:
        return Robots(unknown=f"It is answered with {status}.")
    if status >= 400 or _is_html(body):
        return Robots()
    text = body[:SIZE_LIMIT].decode("utf-8", "replace").removeprefix("\ufeff")
    return Robots(Protego.parse("\n".join(map(_addressed, text.splitlines()))))


def _addressed(line: str) -> str:
    """The line with its product token alone, as RFC 9309 compares it: whole, without a version.

    Protego takes `Show` for us, since our token begins so, and `Showroom/0.1` for another.
    """
    found = _AGENT.fullmatch(line)
    if found is None:
        return line
    begin, token = found.groups()
    return f"{begin}{token}" if token.lower() == TOKEN.lower() else f"{begin}not-{token}"


def _is_html(body: bytes) -> bool:
    start = body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype", b"<html", b"<head", b"<?xml"))
