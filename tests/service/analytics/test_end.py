"""A process that is asked to end writes what it noted, though it had no second for it."""

import asyncio
import os
import signal
import subprocess
import sys
import time

import asyncpg
import httpx

from stack.sockets import free_port


def searched(url: str) -> bool:
    try:
        answer = httpx.get(f"{url}/api/v1/listings?q=clean&facets=none", timeout=5)
    except httpx.HTTPError:
        return False
    return answer.status_code == 200


def kept(postgres_url: str) -> int:
    async def count() -> int:
        connection = await asyncpg.connect(postgres_url)
        try:
            return await connection.fetchval("SELECT count(*) FROM search_events")
        finally:
            await connection.close()

    return asyncio.run(count())


def test_what_was_noted_is_written_at_sigterm(filled: tuple[str, str], postgres_url: str) -> None:
    port = free_port()
    url, key = filled
    given = {
        "MEILI_URL": url,
        "MEILI_SEARCH_KEY": key,
        "DATABASE_URL": postgres_url,
        "SHOWROOM_PORT": str(port),
        "SHOWROOM_WORKERS": "1",
    }
    process = subprocess.Popen([sys.executable, "-m", "service"], env={**os.environ, **given})
    try:
        deadline = time.monotonic() + 60
        while not (searched(f"http://127.0.0.1:{port}") and kept(postgres_url)):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        before = kept(postgres_url)
        more = sum(searched(f"http://127.0.0.1:{port}") for _ in range(20))
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    finally:
        process.kill()
        process.wait()
    assert kept(postgres_url) >= before + more
