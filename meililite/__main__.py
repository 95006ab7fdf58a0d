"""`python -m meililite`: start the server."""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import sys
from collections.abc import Sequence

from meililite.options import Options, parse
from meililite.processes.nursery import Entry, Nursery

# Where Meilisearch's names of levels are not those of `logging`.
_LEVELS = {"OFF": logging.CRITICAL + 1, "WARN": logging.WARNING, "TRACE": logging.DEBUG}


def _entries() -> dict[str, Entry]:
    """What child processes run; imported once, in the process that forks them."""
    from meililite.processes import intake, merger, reader, writer  # noqa: PLC0415 - in there

    kinds = {"reader": reader, "writer": writer, "intake": intake, "merger": merger}
    return {kind: module.run for kind, module in kinds.items()}


def _run(options: Options, nursery: Nursery) -> None:
    from meililite.front.server import serve  # noqa: PLC0415 - while the nursery imports, too

    if importlib.util.find_spec("uvloop"):
        import uvloop  # noqa: PLC0415 - where present

        uvloop.run(serve(options, nursery))
    else:
        asyncio.run(serve(options, nursery))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until stopped; 1 and one sentence on stderr when the server cannot start."""
    options = parse(arguments)
    level = _LEVELS.get(options.log_level, options.log_level)
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(message)s")
    nursery = Nursery(_entries)
    from meililite.registry.database import DamagedError  # noqa: PLC0415 - after the fork

    try:
        _run(options, nursery)
    except (OSError, DamagedError) as error:
        print(f"meililite: {error}", file=sys.stderr)
        return 1
    finally:
        nursery.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
