"""Pages that say "not you": who refuses us, so that the crawl stops and says so.

Only what stands on a challenge or a block page counts. Good pages of the same sites load the same
guards (`cdn-cgi/challenge-platform`, `_pxAppId`, `js.datadome.co`), and those are no sign.
"""

import re
from collections.abc import Mapping

REFUSALS = frozenset({401, 403, 429, 503})  # statuses that a guard answers with
LOOKED_AT = 64 * 1024  # bytes from the start of a page

CLOUDFLARE = "Cloudflare"
AKAMAI = "Akamai"
PERIMETERX = "PerimeterX"
DATADOME = "DataDome"
IMPERVA = "Imperva"
AWS = "AWS WAF"

_TITLE = re.compile(rb"<title[^>]{0,200}>(.{0,400}?)</title>", re.DOTALL)

# Titles and what must stand on the same page.
_TITLED = (
    (b"just a moment...", b"_cf_chl_opt", CLOUDFLARE),
    (b"just a moment...", b"challenge-platform", CLOUDFLARE),
    (b"attention required! | cloudflare", b"cf-", CLOUDFLARE),
    (b"access denied", b"errors.edgesuite.net", AKAMAI),
    (b"access denied", b"reference&#32;&#35;", AKAMAI),
    (b"access denied", b"reference #", AKAMAI),
)
_MARKS = (
    (b"/akamai-block/", AKAMAI),
    (b"sec-if-cpt-container", AKAMAI),
    (b"%26%2332%3b%26%2335%3b18%26%2346%3b", AKAMAI),  # a reference, " #18.", escaped twice
    (b'id="px-captcha"', PERIMETERX),
    (b"captcha.px-cdn.net", PERIMETERX),
    (b"captcha-delivery.com", DATADOME),
    (b"request unsuccessful. incapsula incident id", IMPERVA),
)
# Headers of a refusal; on good answers some of them only say who guards the site.
_REFUSING = (
    ("server", "akamaighost", AKAMAI),
    ("x-datadome", "", DATADOME),
    ("x-dd-b", "", DATADOME),
    ("x-px-block", "", PERIMETERX),
)


def blocker(status: int, headers: Mapping[str, str], body: bytes) -> str | None:
    """Who answers with a challenge or a block page; None where nobody known does.

    For answers that refuse (REFUSALS), and for pages that are not what was looked for: an answer
    that has what we came for is no block, whatever else stands on it.
    """
    if headers.get("cf-mitigated", "").lower() == "challenge":
        return CLOUDFLARE
    if headers.get("x-amzn-waf-action", "").lower() in ("challenge", "captcha"):
        return AWS
    found = _on_page(body[:LOOKED_AT].lower())
    if found is None and status in (401, 403):
        return _by_header(headers)
    return found


def _on_page(text: bytes) -> str | None:
    if titled := _TITLE.search(text):
        for title, mark, who in _TITLED:
            if titled[1].strip() == title and mark in text:
                return who
    return next((who for mark, who in _MARKS if mark in text), None)


def _by_header(headers: Mapping[str, str]) -> str | None:
    for name, part, who in _REFUSING:
        if name in headers and part in headers[name].lower():
            return who
    return None
