"""How a crawl ended: done, failed, blocked or suspicious, and why."""

import logging
from typing import Any, Protocol

import asyncpg

from jobs.handlers import TryLater
from jobs.rows import Database
from scrapers.runs import rows as runs
from scrapers.runs.departures import sighted
from scrapers.runs.drift import Watch
from scrapers.runs.errors import SiteBlockedError, SiteError
from scrapers.runs.rows import Run
from scrapers.sources import breaker
from scrapers.sources import rows as sources

logger = logging.getLogger(__name__)

UNREADABLE = 0.05  # the share of cards above which they may have changed their shape
NOTHING_LEFT = "nothing was taken out of search."


class Visit(Protocol):
    """A crawl of a site or of a feed, as far as judging it needs it."""

    pool: asyncpg.Pool
    run: Run
    watch: Watch
    broken: SiteError | None
    cards: int
    unreadable: int
    least: float  # the share of what was live that must be seen; fewer may be the site's fault
    tolerated: float  # the share of cards that people know to be unreadable


class CrawlFailed(TryLater):
    """The crawl failed in a way that a later try can mend."""


async def doubt(crawl: Visit) -> str | None:
    """Why what the run did not see may be there all the same; None when there is no reason.

    A few unreadable cards are none: the page of each car that was not seen is asked for anyway.
    """
    if crawl.unreadable > crawl.cards * (crawl.tolerated + UNREADABLE):
        return f"{crawl.unreadable} of {crawl.cards} cards could not be read; {NOTHING_LEFT}"
    live = await sighted(crawl.pool, crawl.run)
    if not live.enough(crawl.least):
        return f"Of {live.before} offers that were live only {live.seen} were seen; {NOTHING_LEFT}"
    if lost := [str(fall) for fall in crawl.watch.falls if fall.is_loss]:
        return f"Items lost {', '.join(lost)}; what was known of that stays, {NOTHING_LEFT}"
    return None


async def accepted_failures(db: Database, run: Run) -> float:
    """The share of items that failed in the source's run that a person accepted last."""
    share = await db.fetchval(
        """
        SELECT failed::float8 / greatest(items, 1) FROM runs
        WHERE source = $1 AND state = 'done' AND settled_at IS NOT NULL ORDER BY id DESC LIMIT 1
        """,
        run.source,
    )
    return float(share or 0.0)


async def conclude(crawl: Visit, suspicion: str | None) -> dict[str, Any]:
    """Close the run; raises CrawlFailed where the job should be tried again."""
    broken, falls = crawl.broken, crawl.watch.falls
    state = _state(broken, suspicion)
    reason = str(broken) if broken else suspicion
    drift = [fall._asdict() for fall in falls]
    result = await runs.finish(crawl.pool, crawl.run, state, reason, drift)
    if suspicion or falls:
        told = suspicion or f"Items lost {', '.join(map(str, falls))}."
        logger.warning("run %s of %s: %s", crawl.run.id, crawl.run.source, told)
    pause = await _hold_against(crawl, broken)
    if broken and broken.passing:
        await sources.postpone(crawl.pool, crawl.run.source, broken.wait)
        raise CrawlFailed(str(broken), max(broken.wait, pause))
    return result


def _state(broken: SiteError | None, suspicion: str | None) -> str:
    if isinstance(broken, SiteBlockedError):
        return "blocked"
    return "failed" if broken else "suspicious" if suspicion else "done"


async def _hold_against(crawl: Visit, broken: SiteError | None) -> float:
    """Open or close the source's breaker; for how many seconds it is left alone."""
    source = crawl.run.source
    if isinstance(broken, SiteBlockedError):
        return await breaker.block(crawl.pool, source, str(broken))
    if broken and broken.passing:
        return await breaker.fail(crawl.pool, source, str(broken))
    await breaker.close(crawl.pool, source)
    return 0.0
