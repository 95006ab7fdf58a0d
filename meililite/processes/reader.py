"""The process that answers searches: immutable versions of indexes, mapped into memory."""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from meililite.errors import ApiError
from meililite.federation.one_index import FederatedReader
from meililite.index.segment import DamagedError
from meililite.index.versions import read_manifest
from meililite.processes.frames import serve
from meililite.processes.recent import Query, Recent

_LIMIT = 60  # seconds that one search may take


class Reading:
    """Versions held open, by index uuid. Each operation is one frame's work."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._open: dict[str, dict[int, FederatedReader]] = {}
        self._recent = Recent()
        self._unwarmed: dict[str, list[Query]] = {}  # by the name that an index is to have

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

    def warm(self, uuid: str, version: int, uid: str) -> bytes:
        """Answer one of the queries that were asked lately of the name `uid` by this version, which
        is to have that name: what it needs is made ready for others. Whether there are more.
        """
        queries = self._unwarmed.setdefault(uid, self._recent.of(uid))
        if queries:
            operation, request = queries.pop()
            with suppress(ApiError):  # this index may have other settings
                getattr(self._reader(uuid, version), operation)(request)
        if not queries:
            del self._unwarmed[uid]
        return orjson.dumps(bool(queries))

    def rest(self, uuid: str, uid: str) -> bytes:
        """Let go of what searches used of an index, if nobody asks for the name that it has now."""
        return b"" if self._recent.of(uid) else self.close(uuid, None)

    def search(self, uuid: str, version: int, request: dict[str, Any]) -> bytes:
        self._recent.note(("search", request))
        return self._reader(uuid, version).search(request)

    def facet_search(self, uuid: str, version: int, request: dict[str, Any]) -> bytes:
        self._recent.note(("facet_search", request))
        return self._reader(uuid, version).facet_search(request)

    def federate(self, uuid: str, version: int, job: dict[str, Any]) -> bytes:
        self._recent.note(("federate", job))
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
                "warm",
                "rest",
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
