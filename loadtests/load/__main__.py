"""Many people at once: `python -m loadtests.load [--users 40] [--seconds 60] [--url URL]`.

Starts servers of its own with cars in them, an API and an indexer, and indexes all cars anew in
the middle of the run; with --url it asks the API that is there. Prints locust's summary and writes
its report; 1 when a request failed, or the reindex did.
"""

import argparse
import asyncio
import ipaddress
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from config.settings import Settings
from loadtests.sync import loading, stock
from loadtests.sync.rows import machine
from loadtests.sync.stage import Stage, servers, stage
from stack.plan import api_url

SCENARIOS = Path(__file__).with_name("scenarios.py")
REPORT = Path("build/load.html")
LONGEST_SECONDS = 3600
MOST_USERS = 2000
END_SECONDS = 60.0
"""What locust may take beside the run: to start, to end open requests, to write its report."""


async def play(url: str, given: argparse.Namespace) -> int:
    """The exit status of locust, whose people ask this API; its summary goes to the terminal.

    Raises TimeoutError when it does not end.
    """
    given.report.parent.mkdir(parents=True, exist_ok=True)
    options = {
        "--locustfile": SCENARIOS, "--host": url, "--users": given.users,
        "--spawn-rate": max(1, given.users // 5), "--run-time": f"{given.seconds}s",
        "--stop-timeout": 10, "--html": given.report, "--loglevel": "WARNING",
    }  # fmt: skip
    arguments = [str(part) for pair in options.items() for part in pair]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "locust", "--headless", "--only-summary", *arguments
    )
    try:
        async with asyncio.timeout(given.seconds + END_SECONDS):
            return await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def own(settings: Settings, given: argparse.Namespace) -> int:
    """Play against an API of our own, with a reindex meanwhile."""
    async with stage(settings) as started:
        await stock.fill(started.db, 0, given.cars)
        started.start("api", "indexer")
        await loading.idle(started)
        await loading.run_reindex(started)
        print(f"{given.cars:,} cars", *(f"{name} {value}" for name, value in machine().items()))
        async with asyncio.TaskGroup() as group:
            playing = group.create_task(play(api_url(settings), given))
            took = group.create_task(_reindex(started, given.seconds))
        print(f"A reindex from second {given.seconds // 3} on took {took.result():.1f} s.")
        return playing.result()


async def _reindex(started: Stage, seconds: int) -> float:
    """Seconds that a reindex took which began in the first third of the run."""
    await asyncio.sleep(seconds // 3)
    loop = asyncio.get_running_loop()
    began = loop.time()
    await loading.run_reindex(started)
    return loop.time() - began


def is_here(url: str) -> bool:
    """Whether a URL is one of this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _whole(least: int, most: int, text: str) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"a whole number from {least} to {most}, not {text!r}")
    return int(text)


def main() -> None:
    """Run it; 1 when a request failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--users", type=lambda text: _whole(1, MOST_USERS, text), default=40)
    parser.add_argument("--seconds", type=lambda text: _whole(3, LONGEST_SECONDS, text), default=60)
    parser.add_argument("--cars", type=lambda text: _whole(1, 10_000_000, text), default=20_000)
    parser.add_argument("--url", help="an API that runs, instead of one of our own")
    parser.add_argument("--elsewhere", action="store_true", help="--url may be another machine")
    parser.add_argument("--report", type=Path, default=REPORT, help=f"(default {REPORT})")
    given = parser.parse_args()
    if given.url and not given.elsewhere and not is_here(given.url):
        parser.error(f"{given.url} is not this machine; add --elsewhere if you may load it.")
    if given.url:
        status = asyncio.run(play(given.url, given))
    else:
        os.environ["SHOWROOM_RATE"] = "0"  # one client here stands for many
        with servers() as settings:
            status = asyncio.run(own(settings, given))
    print(f"Report: {given.report}")
    sys.exit(status)


if __name__ == "__main__":
    main()
