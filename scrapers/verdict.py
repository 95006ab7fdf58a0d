"""How a crawl ended: done, failed, or suspicious, and why."""

import logging
from typing import Any

from jobs.handlers import TryLater
from scrapers import runs, sources
from scrapers.crawl import Crawl
from scrapers.departures import sighted

logger = logging.getLogger(__name__)

UNREADABLE = 0.05  # the share of cards above which the pages may have changed their shape
NOTHING_LEFT = "nothing was taken out of search."


class CrawlFailed(TryLater):
    """The crawl failed in a way that a later try can mend."""


async def doubt(crawl: Crawl) -> str | None:
    """Why what the run did not see may be there all the same; None when there is no reason.

    A few unreadable cards are none: the page of each car that was not seen is asked for anyway.
    """
    if crawl.unreadable > crawl.cards * UNREADABLE:
        return f"{crawl.unreadable} of {crawl.cards} cards could not be read; {NOTHING_LEFT}"
    live = await sighted(crawl.pool, crawl.run)
    if not live.enough:
        return f"Of {live.before} offers that were live only {live.seen} were seen; {NOTHING_LEFT}"
    if lost := [str(fall) for fall in crawl.watch.falls if fall.is_loss]:
        return f"Items lost {', '.join(lost)}; what was known of that stays, {NOTHING_LEFT}"
    return None


async def conclude(crawl: Crawl, suspicion: str | None) -> dict[str, Any]:
    """Close the run; raises CrawlFailed where the job should be tried again."""
    broken, falls = crawl.broken, crawl.watch.falls
    state = "failed" if broken else "suspicious" if suspicion else "done"
    reason = str(broken) if broken else suspicion
    drift = [fall._asdict() for fall in falls]
    result = await runs.finish(crawl.pool, crawl.run, state, reason, drift)
    if suspicion or falls:
        told = suspicion or f"Items lost {', '.join(map(str, falls))}."
        logger.warning("run %s of %s: %s", crawl.run.id, crawl.run.source, told)
    if broken and broken.passing:
        await sources.postpone(crawl.pool, crawl.run.source, broken.wait)
        raise CrawlFailed(str(broken), broken.wait)
    return result
