"""One source's site as its parser sees it: pages of results and details, and their troubles."""

from scrapers.archive import Archive, Copy, detail_way, list_way
from scrapers.fetching.address import site
from scrapers.fetching.answers import (
    NOT_MODIFIED,
    Answer,
    FetchError,
    SiteAwayError,
    SitePausedError,
)
from scrapers.fetching.fetcher import Fetcher
from scrapers.parsers.pages import Card, Detail, Page, Parser
from scrapers.runs import Tally

READABLE = frozenset({200, NOT_MODIFIED})
GONE = frozenset({404, 410})
NO_OFFER = (["parse/not_our_page"], ["fetch/other_site"])
STRIKES = 20  # pages in a row that could not be read, after which the site is left alone


class SiteError(Exception):
    """The site cannot be crawled on; the message is a sentence for people.

    `passing` says whether trying again later can help, `wait` after how many seconds at least.
    """

    def __init__(self, message: str, *, passing: bool = False, wait: float = 0.0) -> None:
        super().__init__(message)
        self.passing, self.wait = passing, wait


class Site:
    """Reads pages and counts what it reads, and every trouble, in `tally`.

    `start_url`, the first page of results, says which site it is: no other is to be asked.
    `archive` keeps the pages, and knows those that did not change.
    """

    def __init__(
        self, fetcher: Fetcher, parser: Parser, archive: Archive, tally: Tally, start_url: str
    ) -> None:
        self.fetcher, self.archive, self.tally = fetcher, archive, tally
        self._list, self._offer = list_way(parser), detail_way(parser)
        self.start_url = start_url
        self._strikes = 0

    def has(self, url: str) -> bool:
        """Whether an address has the scheme, host and port of the first page."""
        return site(url) == site(self.start_url)

    async def results(self, url: str) -> Page:
        """A page of results; raises SiteError where there is none."""
        try:
            copy, answer = await self._get(url)
        except FetchError as error:
            self._note(error.code)
            raise SiteError(str(error), passing=isinstance(error, SiteAwayError)) from error
        if answer.status not in READABLE:
            self._note(f"fetch/{answer.status}")
            raise SiteError(f"{url} answered {answer.status} where a page of results should be.")
        page = await self.archive.read(self._list, url, answer, copy)
        self._note(*page.problems)
        if not page.is_ours:
            raise SiteError(
                f"{url} is no page of results ({', '.join(page.problems)}):"
                " it has no car and does not say that there is none."
            )
        return page

    async def detail(self, url: str, card: Card | None = None) -> Detail:
        """An offer's own page; one that cannot be read has problems and no values.

        It is kept with its card. Raises SiteError after 20 such pages in a row, and where the site
        asks for a long pause.
        """
        detail = await self._detail(url, card)
        self._judge(url, detail, readable=detail.is_ours)
        return detail

    async def is_there(self, url: str) -> bool | None:
        """Whether the offer of this page is still there; None when the site does not let us know.

        A page that is no offer's (a sold car's address often leads to a list, or to another site)
        is an answer too. Raises SiteError after 20 times without one, and as `detail` does.
        """
        detail = await self._detail(url)
        answered = detail.is_ours or detail.problems in NO_OFFER
        self._judge(url, detail, readable=answered)
        return detail.is_ours and not detail.gone if answered else None

    def _judge(self, url: str, detail: Detail, *, readable: bool) -> None:
        """Count pages in a row that could not be read."""
        if readable:
            self._strikes = 0
            return
        self._note(*detail.problems)
        self._strikes += 1
        if self._strikes >= STRIKES:
            raise SiteError(
                f"{STRIKES} pages in a row could not be read, the last was {url}"
                f" ({', '.join(detail.problems)}).",
                passing=True,
            )

    async def _detail(self, url: str, card: Card | None = None) -> Detail:
        try:
            copy, answer = await self._get(url)
        except FetchError as error:
            return Detail(problems=[error.code])
        if answer.status in GONE:
            return Detail(gone=True)
        if answer.status not in READABLE:
            return Detail(problems=[f"fetch/{answer.status}"])
        return await self.archive.read(self._offer, url, answer, copy, card)

    async def _get(self, url: str) -> tuple[Copy | None, Answer]:
        """The last copy of a page, and what the site answers who has that one."""
        copy = await self.archive.last(url)
        try:
            answer = await self.fetcher.get(url, copy.validators if copy else None)
        except SitePausedError as pause:
            self._note(pause.code)
            raise SiteError(str(pause), passing=True, wait=pause.seconds) from pause
        self.tally.pages += 1
        self.tally.bytes += len(answer.body)
        return copy, answer

    def _note(self, *codes: str) -> None:
        self.tally.problems.update(codes)
