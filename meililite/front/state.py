"""What handlers share."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from meililite.index.filters import parse_filter, refuse_contains
from meililite.options import Options
from meililite.processes.fleet import Fleet
from meililite.registry import tasks
from meililite.registry.database import Database
from meililite.registry.indexes import Index, Indexes
from meililite.registry.keys import Keys
from meililite.registry.tasks import NewTask
from meililite.scheduler.run import Scheduler

_KIB = 1024


@dataclass(frozen=True, slots=True)
class State:
    options: Options
    database: Database
    indexes: Indexes
    keys: Keys
    fleet: Fleet
    scheduler: Scheduler
    payloads: Path
    features: dict[str, bool]

    async def enqueue(self, task: NewTask) -> dict[str, Any]:
        """Accept a task: it is on disk when this returns its summary."""
        summary = await self.database.write(lambda connection: tasks.enqueue(connection, task))
        self.scheduler.wake()
        return summary

    async def read(self, operation: str, uid: str, *arguments: Any) -> bytes:
        """Ask a reader about an index as it is when the reader's turn comes.

        Arguments that are functions are called then.
        """

        def where() -> tuple[Any, ...]:
            index = self.indexes.find(uid)
            ready = (given() if callable(given) else given for given in arguments)
            return (index.uuid, index.version, *ready)

        return await self.fleet.readers.call(operation, where)

    def is_indexing(self, uid: str) -> bool:
        return self.scheduler.busy_index == uid

    def stats(self, index: Index, *, human: bool, internal: bool) -> dict[str, Any]:
        """An index's numbers as clients see them; `human` sizes have units."""
        size = binary_size if human else int
        documents = size(index.stats.get("rawDocumentDbSize", 0))
        return {
            "numberOfDocuments": index.stats.get("numberOfDocuments", 0),
            "rawDocumentDbSize": documents,
            "avgDocumentSize": size(index.stats.get("avgDocumentSize", 0)),
            **({"internalDatabaseSizes": {"documents": documents}} if internal else {}),
            "isIndexing": self.is_indexing(index.uid),
            "numberOfEmbeddings": 0,
            "numberOfEmbeddedDocuments": 0,
            "fieldDistribution": index.stats.get("fieldDistribution", {}),
        }

    async def check_filter(self, value: Any, code: str) -> None:
        """Raise unless every operator of a filter may be used; `code` is for a broken filter."""
        if not self.features.get("containsFilter") and b"CONTAINS" in orjson.dumps(value):
            # Long filters take long to parse.
            node = await asyncio.to_thread(parse_filter, value, code)
            if node is not None:
                refuse_contains(node)


def binary_size(size: int) -> str:
    """`1.50 KiB`."""
    shown, unit = float(size), "B"
    for larger in ("KiB", "MiB", "GiB"):
        if shown < _KIB:
            break
        shown, unit = shown / _KIB, larger
    return f"{shown:.2f} {unit}"
