"""The way through a list of offers: which of its pages comes next, within bounds."""

from collections import deque
from collections.abc import Callable

from scrapers.parsers.pages import Page
from scrapers.runs.errors import SiteError

MOST_PAGES = 100_000  # of results; a site with more has no end
MOST_STALE = 10  # pages in a row whose offers all stood on earlier ones; a list that moves has some
MARKS = 1 << 21  # bytes, with a bit for an offer that was on a page: enough for some millions
DEEPEST = 3  # an index of indexes of pages; the protocol of sitemaps allows one index


class Route:
    """Pages are taken in order; what a page leads to comes before what an earlier one left over.

    `is_ours` says whether an address is on the site; no other is to be asked.
    """

    def __init__(self, start: str, is_ours: Callable[[str], bool]) -> None:
        self._is_ours = is_ours
        self._waiting = deque([(start, 0)])
        self._known = {start}
        self._marks = bytearray(MARKS)
        self._stale = 0
        self._depth = 0

    def next(self) -> str | None:
        """The address of the next page; None at the end."""
        if not self._waiting:
            return None
        url, self._depth = self._waiting.popleft()
        return url

    def extend(self, url: str, page: Page) -> None:
        """Note where the page at `url` leads; raises SiteError where that has no end."""
        self._compare(url, page)
        fresh = (inner for inner in dict.fromkeys(page.pages) if inner not in self._known)
        following = [(inner, self._depth + 1) for inner in fresh]
        if following and self._depth >= DEEPEST:
            raise SiteError(f"The list of offers has no end: {url} is one index too deep.")
        if page.next_url is not None:
            if page.next_url in self._known:
                raise SiteError(
                    f"The list of offers has no end: after {url} comes {page.next_url}."
                )
            following.append((page.next_url, self._depth))
        for address, _ in following:
            if not self._is_ours(address):
                raise SiteError(f"{url} says that its next page is on another site: {address}.")
            self._known.add(address)
        if len(self._known) > MOST_PAGES:
            raise SiteError(f"The list of offers has no end: {url} is page {len(self._known):,}.")
        self._waiting.extendleft(reversed(following))

    def _compare(self, url: str, page: Page) -> None:
        """Raise SiteError where the list only repeats itself, under ever new addresses."""
        if not page.items:
            return
        new = [card for card in page.items if self._mark(card.external_id)]
        self._stale = 0 if new else self._stale + 1
        if self._stale >= MOST_STALE:
            raise SiteError(
                f"The list of offers has no end: {url} is page {self._stale} in a row with nothing"
                " but offers of earlier ones."
            )

    def _mark(self, external_id: str) -> bool:
        """Remember an offer by one bit, which others may share; whether it is surely new."""
        at, bit = divmod(hash(external_id) % (8 * MARKS), 8)
        is_new = not self._marks[at] & 1 << bit
        self._marks[at] |= 1 << bit
        return is_new
