"""`python -m stack.market`: open the market and serve it until SIGTERM."""

import argparse
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import uvloop

from stack.market import cars, dealers, fleet, server
from stack.market.clock import Clock, ClockError
from stack.market.generations import FUSE, GENERATIONS
from stack.market.lot import Lot

MOST_CARS, MOST_DEALERS = 200_000, 5_000


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status; a failure is one sentence on standard error."""
    asked = _parser().parse_args(arguments)
    try:
        # The address first: if it cannot be had, nobody waits for the cars.
        with socket.create_server((asked.host, asked.port)) as listening:
            lot = _open(asked)
            token = os.environ.get("SHOWROOM_MARKET_TOKEN", "")
            uvloop.run(server.serve(lot, token, listening))
    except ClockError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        place = error.filename or f"{asked.host}:{asked.port}"
        print(f"The market cannot open at {place}: {error.strerror}.", file=sys.stderr)
        return 1
    return 0


def _open(asked: argparse.Namespace) -> Lot:
    market = {"seed": asked.seed, "cars": asked.cars, "dealers": asked.dealers}
    clock = Clock(asked.state, market)
    if asked.rate is not None:
        clock.set_rate(asked.rate)
    if asked.paused:
        clock.pause(True)
    kinds = fleet.build(asked.seed, min(asked.cars, fleet.FULL))
    sellers = dealers.build(asked.seed, asked.dealers)
    lot = Lot(cars.Source(asked.seed, kinds, sellers), asked.cars, clock)
    lot.generation = asked.generation
    return lot


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stack.market", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, required=True, help="port to listen on; 0: any free")
    parser.add_argument("--state", type=Path, required=True, help="folder that keeps the clock")
    parser.add_argument("--seed", type=_whole(0, 2**32), default=20260101, help="which market")
    parser.add_argument("--cars", type=_whole(1, MOST_CARS), default=12_000, help="live cars")
    parser.add_argument("--dealers", type=_whole(1, MOST_DEALERS), default=300)
    parser.add_argument(
        "--rate", type=float, metavar="DAYS_PER_HOUR", help="market days in a real hour"
    )
    parser.add_argument(
        "--generation", choices=GENERATIONS, default=FUSE, help="how the cards are written"
    )
    parser.add_argument("--paused", action="store_true", help="let no time pass until resumed")
    return parser


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        value = int(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"must be from {least} to {most}")
        return value

    return read


if __name__ == "__main__":
    sys.exit(main())
