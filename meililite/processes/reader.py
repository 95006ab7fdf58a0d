"""The process that answers searches: immutable versions of indexes, mapped into memory."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import orjson

from meililite.errors import ApiError
from meililite.federation.one_index import FederatedReader
from meililite.index.segment import DamagedError
from meililite.index.versions import read_manifest
from meililite.processes.frames import serve

_LIMIT = 60  # seconds that one search may take


class Reading:
    """Versions held open, by index uuid. Each operation is one frame's work."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._open: dict[str, dict[int, FederatedReader]] = {}

    def open(self, uuid: str, version: int) -> bytes:
        """Have this version ready, so that the first search of it does not wait."""
        self._reader(uuid, version)
        return b""

    def close(self, uuid: str, keep: int | None) -> bytes:
        """Let go of an index's versions, but for `keep`."""
        versions = self._open.get(uuid, {})
        for version in [version for version in versions if version != keep]:
            versions.pop(version).close()
        if not versions:
            self._open.pop(uuid, None)
        return b""

    def search(self, uuid: str, version: int, request: dict[str, Any]) -> bytes:
        return self._reader(uuid, version).search(request)

    def facet_search(self, uuid: str, version: int, request: dict[str, Any]) -> bytes:
        return self._reader(uuid, version).facet_search(request)

    def federate(self, uuid: str, version: int, job: dict[str, Any]) -> bytes:
        return self._reader(uuid, version).federate(job)

    def documents(self, uuid: str, version: int, request: dict[str, Any]) -> bytes:
        return self._reader(uuid, version).documents(request)

    def document(
        self, uuid: str, version: int, key: str, fields: list[str] | None, vectors: bool
    ) -> bytes:
        found = self._reader(uuid, version).document(key, fields, vectors)
        if found is None:
            raise ApiError("document_not_found", f"Document `{key}` not found.")
        return found

    def fields(self, uuid: str, version: int) -> bytes:
        """The names of the fields, nested ones too, in the order in which they were first seen."""
        return orjson.dumps(read_manifest(self._directory / uuid, version).fields)

    def _reader(self, uuid: str, version: int) -> FederatedReader:
        versions = self._open.setdefault(uuid, {})
        if version not in versions:
            try:
                versions[version] = FederatedReader(self._directory / uuid, version)
            except DamagedError as error:
                raise ApiError("invalid_store_file", str(error)) from error
        return versions[version]


def run(connection: socket.socket, directory: str) -> None:
    """Serve until the front is gone. `directory` holds one folder for each index uuid."""
    reading = Reading(Path(directory))
    serve(
        connection,
        {
            name: getattr(reading, name)
            for name in (
                "open",
                "close",
                "search",
                "facet_search",
                "federate",
                "documents",
                "document",
                "fields",
            )
        },
        _LIMIT,
    )
