"""What comes of a request: an answer, or one of the ways in which there is none."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from scrapers.fetching.address import site
from scrapers.fetching.blocks import blocker

NOT_MODIFIED = 304
REFUSED = frozenset({401, 403})
"""What a site answers that does not want us."""


class FetchError(Exception):
    """A page that could not be had; `code` is counted in the run (`fetch/timeout`, `fetch/503`)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class SiteAwayError(FetchError):
    """No answer, or one that says 'not now': the site's fault and not the page's."""


class SitePausedError(SiteAwayError):
    """The site asked to be left alone for so many `seconds`, which is too long to wait for."""

    def __init__(self, code: str, url: str, seconds: float) -> None:
        super().__init__(code, f"{site(url)} asks to be left alone for {seconds:.0f} s.")
        self.seconds = seconds


class PrivateSiteError(FetchError):
    """The address is inside our network, where no site may send us."""

    def __init__(self, url: str, reason: Exception) -> None:
        super().__init__(
            "fetch/private_address",
            f"{site(url)} is not asked: {reason}. For a site of your own say `private: true` in"
            " `sources.yml`, or `--private` to `showroom recipe`.",
        )


class BlockedError(FetchError):
    """A challenge or a block page: `who` does not want us there."""

    def __init__(self, url: str, who: str) -> None:
        super().__init__("fetch/blocked", f"{url} is answered with a block page of {who}.")
        self.who = who


@dataclass(frozen=True, slots=True)
class Validators:
    """What a page was known by when it was fetched before (RFC 9110), as the site wrote it."""

    etag: str | None = None
    last_modified: str | None = None

    def headers(self) -> dict[str, str]:
        """The conditions of a request that wants the page only if it is another now."""
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a site answered; `url` is where it came from, after redirects.

    Status is 2xx, 304 or 4xx; with 304 the page is as it was and the body is empty.
    """

    url: str
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def not_modified(self) -> bool:
        return self.status == NOT_MODIFIED

    @property
    def etag(self) -> str | None:
        return self.headers.get("etag")

    @property
    def last_modified(self) -> str | None:
        return self.headers.get("last-modified")

    @property
    def validators(self) -> Validators:
        return Validators(self.etag, self.last_modified)

    @property
    def blocker(self) -> str | None:
        """Who blocks us, if this is not the page that was looked for."""
        return blocker(self.status, self.headers, self.body)
