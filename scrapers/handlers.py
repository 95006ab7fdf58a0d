"""The crawl as a job."""

from typing import Any

from config.settings import Settings
from jobs.handlers import Context, TryLater, handler
from jobs.rows import Job
from scrapers import runs, sources
from scrapers.crawl import Crawl
from scrapers.departures import sighted
from scrapers.fetching.fetcher import Fetcher
from scrapers.parsers import PARSERS
from scrapers.precedence import rank
from scrapers.runs import Tally
from scrapers.site import Site
from scrapers.sources import Source
from scrapers.vins.decoder import decoding

UNREADABLE = 0.05  # the share of cards above which the pages may have changed their shape


class CrawlFailed(TryLater):
    """The crawl failed in a way that a later try can mend."""


@handler("crawl")
async def crawl_source(job: Job, context: Context) -> dict[str, Any]:
    """Crawl the source that the job's key names; the run's row is the result.

    A job that was killed goes on with its run. The job fails, and is tried again, only where the
    site was away: whatever else went wrong stands in the run.
    """
    source = await sources.one(context.pool, job.key)
    run = await runs.begin(context.pool, source.name, job.id)
    async with (
        _fetcher(source, context.settings) as fetcher,
        decoding(context.pool, context.settings) as decoder,
    ):
        site = Site(fetcher, PARSERS[source.parser], Tally(), source.start_url)
        crawl = Crawl(context.pool, run, site, context.stop, context.progress, decoder)
        await crawl.read()
        context.check()
        suspicion = await doubt(crawl)
        if not crawl.broken and not suspicion:
            await crawl.check_unseen()
            context.check()
    return await conclude(crawl, suspicion)


def _fetcher(source: Source, settings: Settings) -> Fetcher:
    return Fetcher(
        settings.contact, source.rate, redis_url=settings.redis_url, private=source.private
    )


@handler("precedence")
async def rank_again(job: Job, context: Context) -> dict[str, Any]:
    """Let a changed precedence of the source in the arguments reach the listings it shares."""
    listings = 0
    async for count in rank(context.pool, job.args["source"]):
        listings += count
        context.progress["listings"] = listings
        context.check()
    return {"listings": listings}


async def doubt(crawl: Crawl) -> str | None:
    """Why what the run did not see may be there all the same; None when there is no reason.

    A few unreadable cards are none: the page of each car that was not seen is asked for anyway.
    """
    if crawl.unreadable > crawl.cards * UNREADABLE:
        return (
            f"{crawl.unreadable} of {crawl.cards} cards could not be read;"
            " nothing was taken out of search."
        )
    live = await sighted(crawl.pool, crawl.run)
    if not live.enough:
        return (
            f"Of {live.before} offers that were live only {live.seen} were seen;"
            " nothing was taken out of search."
        )
    return None


async def conclude(crawl: Crawl, suspicion: str | None) -> dict[str, Any]:
    """Close the run; raises CrawlFailed where the job should be tried again."""
    broken = crawl.broken
    state = "failed" if broken else "suspicious" if suspicion else "done"
    reason = str(broken) if broken else suspicion
    result = await runs.finish(crawl.pool, crawl.run, state, reason)
    if broken and broken.passing:
        await sources.postpone(crawl.pool, crawl.run.source, broken.wait)
        raise CrawlFailed(str(broken), broken.wait)
    return result
