"""What can be set from the command line or the environment, under Meilisearch's names."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9} | {
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
}
_MASTER_KEY_BYTES = 16  # what Meilisearch asks of a master key in production


@dataclass(frozen=True, slots=True)
class Options:
    """Resolved settings of one server. Sizes are bytes."""

    host: str
    port: int
    db_path: Path
    master_key: str | None
    env: str
    payload_limit: int
    readers: int
    log_level: str


def parse_size(text: str) -> int:
    """Bytes of `104857600`, `100 MB` or `100MiB`; ValueError says what is wrong."""
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([kmg]?i?b?)", text.strip().lower())
    factor = _UNITS.get(found[2]) if found else None
    if found is None or factor is None:
        raise ValueError(f"`{text}` is not a size: write a number of bytes, or one with MB or MiB")
    return int(float(found[1]) * factor)


def parse_address(text: str) -> tuple[str, int]:
    """Host and port of `127.0.0.1:7700`; ValueError says what is wrong."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or not 0 <= int(port) < 2**16:
        raise ValueError(f"`{text}` is not an address: write it as host:port, 127.0.0.1:7700")
    return host.strip("[]") or "127.0.0.1", int(port)


def _flags() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="meililite", description=__doc__)
    for flag, text in {
        "http-addr": "address to listen on (127.0.0.1:7700)",
        "db-path": "folder of the data (data.ms)",
        "master-key": "key that may do everything; better given as MEILI_MASTER_KEY",
        "env": "development or production",
        "http-payload-size-limit": "largest request body (100 MB)",
        "max-search-processes": "processes that answer searches (one for each core)",
        "log-level": "OFF, ERROR, WARN, INFO or DEBUG",
    }.items():
        parser.add_argument(f"--{flag}", default=_environment(flag), help=text)
    return parser


def _environment(flag: str) -> str | None:
    return os.environ.get("MEILI_" + flag.upper().replace("-", "_"))


def parse(arguments: Sequence[str] | None = None) -> Options:
    """The options of this start; flags win over `MEILI_*` variables. Exits with 2 on a bad one."""
    parser = _flags()
    given = parser.parse_args(arguments)
    try:
        host, port = parse_address(given.http_addr or "127.0.0.1:7700")
        options = Options(
            host=host,
            port=port,
            db_path=Path(given.db_path or "data.ms").absolute(),
            master_key=given.master_key or None,
            env=given.env or "development",
            payload_limit=parse_size(given.http_payload_size_limit or "100 MB"),
            readers=int(given.max_search_processes or os.cpu_count() or 1),
            log_level=(given.log_level or "WARN").upper(),
        )
        _check(options)
    except ValueError as error:
        parser.error(str(error))
    return options


def _check(options: Options) -> None:
    if options.env not in ("development", "production"):
        raise ValueError(f"`{options.env}` is no environment: write development or production")
    if options.readers < 1:
        raise ValueError("at least one process must answer searches: --max-search-processes 1")
    if options.env == "production" and len(options.master_key or "") < _MASTER_KEY_BYTES:
        raise ValueError(
            f"in production a master key of at least {_MASTER_KEY_BYTES} bytes is needed"
        )
