"""What can be set from the command line or the environment, under Meilisearch's names."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from meililite import MEILISEARCH_VERSION

_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9} | {
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
}
_MASTER_KEY_BYTES = 16  # what Meilisearch asks of a master key in production
_ENVIRONMENTS = ("development", "production")
LOG_LEVELS = ("OFF", "ERROR", "WARN", "INFO", "DEBUG", "TRACE")

# By flag: what its value is called, its default, and its line of help.
FLAGS: dict[str, tuple[str, str | None, str]] = {
    "http-addr": ("HOST:PORT", "127.0.0.1:7700", "address to listen on"),
    "db-path": ("FOLDER", "data.ms", "folder of the data; one server at a time"),
    "master-key": ("KEY", None, "key that may do everything; without one, everybody may"),
    "env": ("NAME", "development", "production asks for a master key of 16 bytes"),
    "http-payload-size-limit": ("SIZE", "100 MB", "largest request body, also when unpacked"),
    "max-search-processes": ("NUMBER", None, "processes that answer searches; one for each core"),
    "log-level": ("LEVEL", "WARN", ", ".join(LOG_LEVELS)),
}
_ABOUT = "A search server with the HTTP API of Meilisearch {version}, for development and tests."
_EPILOG = """\
Each flag can be given as a variable: MEILI_DB_PATH for --db-path. A flag wins over its variable.
Give the master key as MEILI_MASTER_KEY: other users of the machine can see flags.

  MEILI_MASTER_KEY=a-long-secret python -m meililite --db-path data.ms
"""


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


class _Parser(argparse.ArgumentParser):
    """Says in one sentence what is wrong."""

    def error(self, message: str) -> NoReturn:
        unknown = re.fullmatch(r"unrecognized arguments: (.*)", message)
        if unknown is not None:
            known = ", ".join(f"--{flag}" for flag in FLAGS)
            message = f"`{unknown[1]}` is nothing that this server knows; its flags are {known}"
        self.exit(2, f"{self.prog}: {message}. See {self.prog} --help.\n")


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
    if not colon or not port.isdecimal() or not 0 <= int(port) < 2**16:
        raise ValueError(f"`{text}` is not an address: write it as host:port, 127.0.0.1:7700")
    return host.strip("[]") or "127.0.0.1", int(port)


def _parse_number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"`{text}` is not a number of processes: write 1 or more")
    return int(text)


def _parse_word(text: str, accepted: Sequence[str]) -> str:
    found = next((word for word in accepted if word.lower() == text.lower()), None)
    if found is None:
        raise ValueError(f"`{text}` is none of {', '.join(accepted)}")
    return found


def _parser() -> _Parser:
    parser = _Parser(
        prog="meililite",
        description=_ABOUT.format(version=MEILISEARCH_VERSION),
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"meililite {MEILISEARCH_VERSION}")
    for flag, (value, default, text) in FLAGS.items():
        shown = f"{text} ({default})" if default else text
        parser.add_argument(f"--{flag}", metavar=value, help=shown)
    parser.add_argument("--no-analytics", action="store_true", help="nothing is sent in any case")
    return parser


def parse(arguments: Sequence[str] | None = None) -> Options:
    """The options of this start; flags win over `MEILI_*` variables. Exits with 2 on a bad one."""
    parser = _parser()
    given = vars(parser.parse_args(arguments))
    values: dict[str, str] = {}
    for flag, (_, default, _) in FLAGS.items():
        name = flag.replace("-", "_")
        chosen = given[name]
        if chosen is None:
            chosen = os.environ.get(f"MEILI_{name.upper()}")
        values[name] = chosen or default or ""
    try:
        return _options(values)
    except ValueError as error:
        parser.error(str(error))


def _options(values: dict[str, str]) -> Options:
    host, port = parse_address(values["http_addr"])
    options = Options(
        host=host,
        port=port,
        db_path=Path(values["db_path"]).absolute(),
        master_key=values["master_key"] or None,
        env=_parse_word(values["env"], _ENVIRONMENTS),
        payload_limit=parse_size(values["http_payload_size_limit"]),
        readers=_parse_number(values["max_search_processes"] or str(os.cpu_count() or 1)),
        log_level=_parse_word(values["log_level"], LOG_LEVELS),
    )
    if options.env == "production" and len((options.master_key or "").encode()) < _MASTER_KEY_BYTES:
        raise ValueError(
            f"in production a master key of at least {_MASTER_KEY_BYTES} bytes is needed"
        )
    return options
