"""Refused rows: kept in a file that can be imported again, with their lines and reasons."""

import csv
import re
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TextIO

import orjson

from scrapers.feeds.tables import NOTE, Broken, Row, Table

_NOTES = [f"{NOTE}{what}" for what in ("line", "code", "reason")]
_NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")


class Refusals:
    """Writes what is refused to a file of the same kind, made when the first row is."""

    def __init__(self, folder: Path, name: str, started_at: datetime, table: Table) -> None:
        ending = "csv" if table.kind == "csv" else "jsonl"
        stem = _NO_NAME.sub("-", name).strip("-.")[:100] or "import"
        self.path = folder / f"{stem}-{started_at:%Y%m%dT%H%M%S%f}-refused.{ending}"
        self.reasons: Counter[str] = Counter()
        self._table = table
        self._file: TextIO | None = None

    def __enter__(self) -> "Refusals":
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def count(self) -> int:
        """How many rows were refused."""
        return self.reasons.total()

    def add(self, record: Row | Broken, code: str, reason: str) -> None:
        """Keep a refused record, its line in the file and why."""
        self.reasons[code] += 1
        file = self._open()
        notes = dict(zip(_NOTES, (record.line, code, reason), strict=True))
        if self._table.kind == "csv":
            csv.writer(file).writerow([*notes.values(), *record.cells])
            return
        original = record.original if isinstance(record, Row) else None
        text = {f"{NOTE}text": record.cells[0]}
        file.write(orjson.dumps((original or text) | notes).decode() + "\n")

    def _open(self) -> TextIO:
        if self._file is None:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = self.path.open("x", encoding="utf-8", errors="replace", newline="")
            if self._table.kind == "csv":
                csv.writer(self._file).writerow([*_NOTES, *self._table.columns])
        return self._file
