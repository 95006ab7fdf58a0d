"""Acts that change the view from which documents are made."""

import asyncio
import random
import time

from tests.chaos.servers import Servers

REINDEX_SECONDS = 15.0
VIEW = "SELECT rtrim(pg_get_viewdef('cars_documents'::regclass), ';')"
OF_TODAY = (
    "SELECT view_digest = md5(pg_get_viewdef('cars_documents'::regclass)) FROM generations"
    " WHERE state = 'live'"
)


async def wrong_view(servers: Servers, _: random.Random) -> None:
    """For a moment the view does not show cars that are active, and these change."""
    right = await servers.db.fetchval(VIEW)
    await servers.db.execute(
        f"CREATE OR REPLACE VIEW cars_documents AS SELECT * FROM ({right}) v"
        " WHERE id NOT LIKE 'w0-%'"
    )
    try:
        await servers.db.execute(
            "WITH locked AS (SELECT key FROM listings WHERE key LIKE 'w0-%'"
            " ORDER BY key FOR UPDATE)"
            " UPDATE listings l SET trim = coalesce(l.trim, '') || '+'"
            " FROM locked WHERE l.key = locked.key"
        )
        await asyncio.sleep(1)
    finally:
        await servers.db.execute(f"CREATE OR REPLACE VIEW cars_documents AS {right}")


async def another_view(servers: Servers, _: random.Random) -> None:
    """From now on every document has another digest; the act ends when the live index has it."""
    before = await servers.db.fetchval(VIEW)
    await servers.db.execute(
        "CREATE OR REPLACE VIEW cars_documents AS"
        " SELECT id, new.digest, convert_to(made.body::text, 'UTF8') AS line, made.body"
        f" FROM ({before}) v CROSS JOIN LATERAL (SELECT md5(v.digest) AS digest) new"
        " CROSS JOIN LATERAL (SELECT"
        " (v.body::jsonb || jsonb_build_object('digest', new.digest))::json AS body) made"
    )
    end = time.monotonic() + REINDEX_SECONDS
    while not await servers.db.fetchval(OF_TODAY):
        if time.monotonic() > end:
            return
        await asyncio.sleep(0.05)
