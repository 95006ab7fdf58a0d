"""A worker with handlers that write what they did into the database; run by the tests."""

import asyncio
import sys
from datetime import timedelta

from jobs import rows, work
from jobs.handlers import handler
from stack import worker


@handler("quick")
async def quick(job, context):
    return {"attempt": job.attempts}


@handler("slow")
async def slow(job, context):
    context.progress["started"] = True
    await context.heartbeat()
    while True:
        context.check()
        await asyncio.sleep(0.05)


@handler("deaf")
async def deaf(job, context):
    context.progress["started"] = True
    await context.heartbeat()
    await asyncio.sleep(600)


if __name__ == "__main__":
    rows.LEASE = timedelta(seconds=float(sys.argv[1]))
    rows.HEARTBEAT_SECONDS = rows.LEASE.total_seconds() / 4
    work.SWEEP_SECONDS = 0.5
    worker.HANDLERS = ()
    worker.main()
