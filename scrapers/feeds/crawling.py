"""Feeds as sources: fetched if they changed, loaded as runs; what they no longer have departs."""

import hashlib
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from catalog.vocabulary import FOLDER as VOCABULARIES
from jobs.handlers import Context
from scrapers.feeds.columns import recognise
from scrapers.feeds.loading import Load, Progress, Stopped
from scrapers.feeds.opening import FeedError, open_feed
from scrapers.feeds.tables import read_table
from scrapers.fetching.answers import (
    REFUSED,
    Answer,
    BlockedError,
    FetchError,
    SiteAwayError,
    SitePausedError,
    Validators,
)
from scrapers.fetching.fetcher import Fetcher
from scrapers.runs import rows as runs
from scrapers.runs.departures import depart, sighted
from scrapers.runs.drift import Shares, Watch, usual
from scrapers.runs.errors import SiteBlockedError, SiteError
from scrapers.runs.rows import Run, Tally
from scrapers.runs.verdict import accepted_failures, conclude, doubt
from scrapers.vins.decoder import Decoder


class Known(NamedTuple):
    """What the file of the last healthy run is known by."""

    etag: str | None
    last_modified: str | None
    hash: bytes


class FeedCrawl:
    """One run over one feed: `place` is its address, or its file's path.

    `broken` says why the file was not read to its end; `cards` are its rows, `unreadable` those
    that were refused, `nameless` those of which not even the key is known; `unmodified` that it is
    as the last healthy run had it. `tolerated` is the share of refused rows that somebody accepted.
    """

    least = 0.8  # of what was live: there is no page to ask, and the file may have been cut short

    def __init__(
        self,
        context: Context,
        run: Run,
        place: str,
        decoder: Decoder,
        watch: Watch,
        tolerated: float,
    ) -> None:
        self.context, self.pool, self.run, self.place = context, context.pool, run, place
        self.decoder, self.watch = decoder, watch
        self.tolerated = tolerated
        self.broken: SiteError | None = None
        self.cards = self.unreadable = self.nameless = 0
        self.unmodified = False
        self._answer: Answer | None = None
        self._hash = b""

    async def read(self, fetcher: Fetcher) -> None:
        """Fetch the file where it is elsewhere, and load it; whatever is wrong is in `broken`."""
        try:
            if "://" not in self.place:
                await self._load(Path(self.place))
                return
            with tempfile.TemporaryDirectory(prefix="showroom-") as folder:
                path = Path(folder) / "feed"
                if await self._fetch(fetcher, path):
                    await self._load(path, Path(urlsplit(self.place).path).name)
        except FetchError as error:
            await runs.add(self.pool, self.run, Tally(problems=Counter([error.code])))
            self.broken = _site_error(error)
        except FeedError as error:
            self.broken = SiteError(str(error))

    async def remember(self) -> None:
        """Note what the file is known by, after a healthy run."""
        if self._answer is None:
            return
        await self.pool.execute(
            _REMEMBER,
            self.run.source,
            self.run.id,
            self.place,
            self._answer.status,
            self._answer.etag,
            self._answer.last_modified,
            self._hash,
            _reader(),
        )

    async def _fetch(self, fetcher: Fetcher, path: Path) -> bool:
        """Write the feed to a file; False where it is as the last healthy run had it."""
        row = await self.pool.fetchrow(_LAST, self.run.source, self.place, _reader())
        known = Known(*row) if row else None
        validators = Validators(known.etag, known.last_modified) if known else None
        with path.open("w+b") as file:
            answer = await fetcher.download(self.place, file, validators)
            file.seek(0)
            self._hash = hashlib.file_digest(file, "blake2b").digest()[:16]
        if answer.status in REFUSED:
            raise _RefusedError(answer.status, self.place)
        if not answer.not_modified and answer.status != 200:
            raise FeedError(f"{self.place} answered {answer.status} where a feed should be.")
        as_before = known is not None and known.hash == self._hash
        self.unmodified = answer.not_modified or as_before
        await runs.add(self.pool, self.run, Tally(pages=1, unmodified=int(self.unmodified)))
        self._answer = None if self.unmodified else answer
        return not self.unmodified

    async def _load(self, path: Path, name: str | None = None) -> None:
        """Every row of a file as an offer; raises FeedError where it cannot be read further."""
        await runs.count_anew(self.pool, self.run)
        with open_feed(str(path), name) as feed:
            table = read_table(feed)
            with Load(
                pool=self.pool,
                run=self.run,
                feed=feed,
                table=table,
                layout=recognise(table),
                folder=self.context.settings.home / "imports",
                should_stop=self.context.stop.is_set,
                on_progress=self._tell,
                decoder=self.decoder,
                watch=self.watch,
            ) as load:
                try:
                    await load.work()
                except Stopped:
                    self.context.check()

    def _tell(self, progress: Progress) -> None:
        self.cards, self.unreadable = progress.rows, progress.refused.total()
        self.nameless = progress.nameless
        self.context.progress.update(
            pages=1,
            items=progress.rows,
            new=progress.new,
            changed=progress.changed,
            unchanged=progress.unchanged,
            failed=self.unreadable,
            gone=0,
        )


class _RefusedError(FetchError):
    """The site answers that it does not want us."""

    def __init__(self, status: int, place: str) -> None:
        super().__init__(f"fetch/{status}", f"{place} answered {status}: it does not want us.")


async def crawl_feed(
    context: Context, run: Run, place: str, fetcher: Fetcher, decoder: Decoder
) -> dict[str, Any]:
    """Read a feed as a run; its row. What a full healthy read did not have is taken out of search.

    Raises CrawlFailed as `conclude` does.
    """
    watch = Watch(await usual(context.pool, run), Shares())
    tolerated = await accepted_failures(context.pool, run)
    crawl = FeedCrawl(context, run, place, decoder, watch, tolerated)
    await crawl.read(fetcher)
    context.check()
    is_whole = not crawl.broken and not crawl.unmodified
    suspicion = await doubt(crawl) if is_whole else None
    if is_whole and not suspicion:
        # Offers that were not seen may be the rows that could not be read.
        if (await sighted(context.pool, run)).unseen > crawl.nameless:
            async for count in depart(context.pool, run):
                context.progress["gone"] = context.progress.get("gone", 0) + count
                context.check()
        await crawl.remember()
    return await conclude(crawl, suspicion)


def _site_error(error: FetchError) -> SiteError:
    """What a feed that was not to be had means for its source."""
    if isinstance(error, BlockedError | _RefusedError):
        return SiteBlockedError(str(error))
    wait = error.seconds if isinstance(error, SitePausedError) else 0.0
    return SiteError(str(error), passing=isinstance(error, SiteAwayError), wait=wait)


@cache
def _reader() -> str:
    """The version of what reads feeds: with another one an unchanged file is read again."""
    digest = hashlib.blake2b(digest_size=8)
    code = Path(__file__).parent
    for folder in (code, code.parent / "normalise", VOCABULARIES):
        for path in sorted(each for each in folder.iterdir() if each.is_file()):
            digest.update(path.read_bytes())
    return f"feed {digest.hexdigest()}"


# What a run after that one read of another file, the rows have by now.
_LAST = """
    SELECT etag, last_modified, hash FROM pages p
    WHERE source = $1 AND md5(url) = md5($2) AND url = $2 AND reader = $3
        AND NOT EXISTS (
            SELECT FROM runs r WHERE r.source = $1 AND r.id > p.run_id AND r.items > 0)
    ORDER BY id DESC LIMIT 1
"""
# The file itself is not kept: it has no page that today's parser could read again.
_REMEMBER = """
    INSERT INTO pages (source, run_id, url, status, etag, last_modified, hash, body, size, reader,
        said)
    VALUES ($1, $2, $3, $4, $5, $6, $7, '', 0, $8, '{}')
"""
