"""Refused rows: kept in a file beside each other with their lines and reasons."""

import csv
import re
from collections import Counter
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TextIO

import orjson

from scrapers.feeds.tables import Broken, Row, Table

_NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")


class Refusals:
    """Writes what is refused to a file of the same kind, made when the first row is."""

    def __init__(self, folder: Path, name: str, started_at: datetime, table: Table) -> None:
        ending = "jsonl" if table.kind == "jsonl" else "csv"
        stem = _NO_NAME.sub("-", name).strip("-.")[:100] or "import"
        self.path = folder / f"{stem}-{started_at:%Y%m%dT%H%M%S%f}-refused.{ending}"
        self.reasons: Counter[str] = Counter()
        self._table = table
        self._file: TextIO | None = None

    def __enter__(self) -> "Refusals":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
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
        if self._table.kind == "csv":
            csv.writer(file).writerow([record.line, code, reason, *record.cells])
            return
        row: object = record.cells[0] if isinstance(record, Broken) else self._object(record)
        line = {"line": record.line, "code": code, "reason": reason, "row": row}
        file.write(orjson.dumps(line).decode() + "\n")

    def _object(self, row: Row) -> dict[str, str]:
        named = zip(self._table.columns, row.cells, strict=True)
        return {name: cell for name, cell in named if cell}

    def _open(self) -> TextIO:
        if self._file is None:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = self.path.open("x", encoding="utf-8", errors="replace", newline="")
            if self._table.kind == "csv":
                csv.writer(self._file).writerow(["line", "code", "reason", *self._table.columns])
        return self._file
