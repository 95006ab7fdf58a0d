"""The command `python -m tests.chaos`."""

import argparse
import asyncio
import logging
import random
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from stack.process import StartError
from tests.chaos.broken_rules import MUTATIONS
from tests.chaos.mutations import mutate_database
from tests.chaos.report import Report
from tests.chaos.rounds import Rounds
from tests.chaos.servers import Refused, Servers, running
from tests.chaos.settling import Unsettled, settle
from tests.chaos.stock import stock

ROUNDS = 20


async def chaos(
    servers: Servers, report: Report, rounds: int, seed: int, broken: str | None = None
) -> None:
    """The rounds, on servers with nothing in them; the first that finds something is the last."""
    await stock(servers.db)
    if broken:
        await mutate_database(servers.db, broken)
    await servers.start_indexers(broken)
    await settle(servers, set())
    one_by_one = Rounds(servers, seed, broken)
    for number in range(1, rounds + 1):
        report.add(await one_by_one.run(number))
        if not report.clean:
            return


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the rounds; 1 when something was found, or the servers could not be used."""
    options = _options(arguments)
    seed = random.randrange(1_000_000) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    report = Report(options.rounds, seed, verbose=options.verbose)
    home = Path(tempfile.mkdtemp(prefix="chaos-"))
    home.chmod(0o711)
    logging.basicConfig(filename=home / "chaos.log", level=logging.INFO)

    async def run() -> None:
        async with running(home) as servers:
            await chaos(servers, report, options.rounds, seed, options.mutation)

    try:
        asyncio.run(run())
    except (Refused, StartError, Unsettled) as error:
        sys.stderr.write(f"{error}\nThe logs are in {home}.\n")
        return 1
    print(report.end())
    if not report.clean:
        print(f"The logs are in {home}.")
        return 1
    shutil.rmtree(home)
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"how many (default {ROUNDS})")
    parser.add_argument("--seed", type=int, help="choose the same acts again (default: any)")
    parser.add_argument("--mutation", choices=sorted(MUTATIONS), help="break one rule on purpose")
    parser.add_argument("--verbose", action="store_true", help="a line for each round")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
