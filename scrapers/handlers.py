"""What workers do for sources: crawls, and what people decide of them."""

from dataclasses import asdict
from typing import Any

from config.settings import Settings
from jobs.decisions import DEPART
from jobs.handlers import HOUR, Context, handler
from jobs.rows import Job
from scrapers.feeds.crawling import crawl_feed
from scrapers.fetching.fetcher import Fetcher
from scrapers.runs import rows as runs
from scrapers.runs.departures import depart
from scrapers.runs.drift import Watch
from scrapers.runs.retirement import RETIRE, is_back, retire
from scrapers.runs.rows import Tally
from scrapers.runs.verdict import conclude, doubt
from scrapers.sites.archive import Archive, reader_of
from scrapers.sites.crawl import Crawl
from scrapers.sites.reparse import Reparse
from scrapers.sites.site import Site
from scrapers.sources import breaker
from scrapers.sources import rows as sources
from scrapers.sources.entries import FEED
from scrapers.sources.rows import Source
from scrapers.storing.precedence import rank
from scrapers.vins.decoder import decoding

LONGEST_CRAWL = 24 * HOUR


@handler("crawl", limit=LONGEST_CRAWL)
async def crawl_source(job: Job, context: Context) -> dict[str, Any]:
    """Crawl the source that the job's key names; the run's row is the result.

    A job that was killed goes on with its run. The job fails, and is tried again, only where the
    site was away, or its breaker is open: whatever else went wrong stands in the run.
    """
    source = await sources.one(context.pool, job.key)
    await breaker.admit(context.pool, source.name)
    run = await runs.begin(context.pool, source.name, job.id)
    async with (
        _fetcher(source, context.settings) as fetcher,
        decoding(context.pool, context.settings) as decoder,
    ):
        if source.parser == FEED:
            return await crawl_feed(context, run, source.start_url, fetcher, decoder)
        parser, tally = sources.parser_of(source), Tally()
        archive = Archive(context.pool, run, reader_of(parser), tally)
        site = Site(fetcher, parser, archive, tally, source.start_url)
        watch = await Watch.begin(context.pool, run)
        crawl = Crawl(context.pool, run, site, context.stop, context.progress, decoder, watch)
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


@handler(DEPART)
async def take_out(job: Job, context: Context) -> dict[str, Any]:
    """Take out of search what an accepted run, the job's key, did not see."""
    run = await runs.taken_up(context.pool, int(job.key))
    gone = 0
    async for count in depart(context.pool, run):
        gone += count
        context.progress["gone"] = gone
        context.check()
    return {"gone": gone}


@handler(RETIRE, limit=LONGEST_CRAWL)
async def retire_source(job: Job, context: Context) -> dict[str, Any]:
    """Take out of search what a source, the job's key, has left there.

    `back` says that it was stopped, since the source is crawled again.
    """
    context.check()
    gone = 0
    async for count in retire(context.pool, job):
        gone += count
        context.progress["gone"] = gone
        context.check()
    return {"gone": gone, "back": await is_back(context.pool, job.key)}


@handler("reparse")
async def read_again(job: Job, context: Context) -> dict[str, Any]:
    """Read the kept pages of a run, the job's key, with today's parser."""
    run = await runs.taken_up(context.pool, int(job.key))
    source = await sources.one(context.pool, run.source)
    async with decoding(context.pool, context.settings) as decoder:
        reparse = Reparse(context.pool, run, sources.parser_of(source), decoder)
        async for result in reparse.work():
            context.progress.update(asdict(result))
            await context.heartbeat()
            context.check()
    return asdict(reparse.result)
