"""One immutable file of named arrays: written once, memory-mapped by everyone who reads it.

Layout: a magic line, the arrays, each aligned to 64 bytes, the header (JSON: `meta`, and for each
array its type, shape, offset and CRC-32), the header's CRC-32 (4 bytes) and its length (8 bytes).
"""

from __future__ import annotations

import math
import mmap
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import orjson
from numpy.typing import DTypeLike, NDArray

from meililite.index.strings import StringTable

_MAGIC = b"meililite segment 2\n"
_ALIGNMENT = 64
_TRAILER = 12
_SYNCED_AT_ONCE = 1 << 25  # bytes, so that nobody's small write waits for all of a large file

_threads = ThreadPoolExecutor(4, thread_name_prefix="sync")

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Stream:
    """A one-dimensional array that is made part by part while it is written."""

    dtype: DTypeLike
    parts: Iterator[NDArray[Any]]


Parts = Iterable[tuple[str, "NDArray[Any] | Stream"]]


class DamagedError(Exception):
    """A file of the index is not what was written; the message says which and what to do."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(
            f"The index file {path} is damaged: {what}. Its documents are safe in "
            f"{path.parent / 'documents.db'}: move {path.name} away and start again, "
            "and it is built anew from them."
        )


def write_segment(path: Path, arrays: Parts, meta: Mapping[str, Any]) -> None:
    """Write the file; `sync` brings it to the disk. An array may be made when it is its turn."""
    entries: dict[str, Any] = {}
    with path.open("wb") as file:
        file.write(_MAGIC)
        for name, array in arrays:
            offset = _align(file)
            if isinstance(array, Stream):
                size, crc = _write_parts(file, array.parts)
                shape = [size // np.dtype(array.dtype).itemsize]
                entries[name] = [np.dtype(array.dtype).str, shape, offset, crc]
            else:
                _, crc = _write_parts(file, [array])
                entries[name] = [array.dtype.str, list(array.shape), offset, crc]
        header = orjson.dumps({"meta": dict(meta), "arrays": entries})
        file.write(header + zlib.crc32(header).to_bytes(4, "little"))
        file.write(len(header).to_bytes(8, "little"))


def _align(file: IO[bytes]) -> int:
    """Go on where an array may start; the place."""
    file.write(bytes(-file.tell() % _ALIGNMENT))
    return file.tell()


def _write_parts(file: IO[bytes], parts: Iterable[NDArray[Any]]) -> tuple[int, int]:
    """(bytes written, their CRC-32)"""
    size = crc = unsynced = 0
    for part in parts:
        if not part.size:
            continue
        data = np.ascontiguousarray(part).view(np.uint8).reshape(-1).data
        crc = zlib.crc32(data, crc)
        file.write(data)
        size += len(data)
        unsynced += len(data)
        if unsynced >= _SYNCED_AT_ONCE:
            file.flush()
            os.fdatasync(file.fileno())
            unsynced = 0
    return size, crc


def _checksum(array: NDArray[Any]) -> int:
    return zlib.crc32(array.view(np.uint8).reshape(-1).data) if array.size else 0


def sync(paths: Iterable[Path]) -> None:
    """Bring files and directories to the disk, all at once: it writes them down together."""
    for _ in _threads.map(_sync, paths):
        pass


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Segment:
    """The arrays of one file, and what `meta` says of them."""

    def __init__(self, path: Path) -> None:
        """Map the file. Raises DamagedError for a file that is cut short or has a bad header."""
        self.path = path
        self.name = path.name
        with path.open("rb") as file:
            try:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            except ValueError as error:
                raise DamagedError(path, "it is empty") from error
        if self._map[: len(_MAGIC)] != _MAGIC:
            raise DamagedError(path, "it does not start as a segment does")
        end = len(self._map) - _TRAILER
        crc = int.from_bytes(self._map[end : end + 4], "little")
        start = end - int.from_bytes(self._map[end + 4 :], "little")
        header = self._map[max(start, 0) : end]
        if start < 0 or zlib.crc32(header) != crc:
            raise DamagedError(path, "its header has a wrong checksum, or its end is missing")
        self._read(orjson.loads(header))

    def _read(self, header: dict[str, Any]) -> None:
        self.meta: dict[str, Any] = header["meta"]
        self._entries: dict[str, Any] = header["arrays"]
        self._arrays: Arrays = {}
        self._tables: dict[str, StringTable] = {}
        for name, (dtype, shape, offset, _) in self._entries.items():
            array = np.frombuffer(self._map, np.dtype(dtype), math.prod(shape), offset)
            self._arrays[name] = array.reshape(shape)

    def verify(self) -> None:
        """Compare every array with its checksum. Raises DamagedError."""
        found = _threads.map(_checksum, (self[name] for name in self._entries))
        for (name, (_, _, _, crc)), own in zip(self._entries.items(), found, strict=True):
            if own != crc:
                raise DamagedError(self.path, f"its part {name!r} has a wrong checksum")

    def forget(self) -> None:
        """Let go of the pages that were read; they are mapped again when they are read again."""
        self._map.madvise(mmap.MADV_DONTNEED)

    def __contains__(self, name: object) -> bool:
        return name in self._arrays

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._arrays[name]

    def get(self, name: str) -> NDArray[Any] | None:
        return self._arrays.get(name)

    def strings(self, name: str) -> StringTable:
        """The table stored as `name` + `/blob` and `/offsets`."""
        found = self._tables.get(name)
        if found is None:
            found = StringTable(self._arrays[f"{name}/blob"], self._arrays[f"{name}/offsets"])
            self._tables[name] = found
        return found

    def arrays(self) -> Arrays:
        return dict(self._arrays)


def forget(segments: Iterable[Segment]) -> None:
    """Let go of the pages of the files that were read, as Segment.forget."""
    for segment in segments:
        segment.forget()


def table_arrays(name: str, table: StringTable) -> Arrays:
    """A table as the two arrays that `Segment.strings` reads."""
    return {f"{name}/blob": table.blob, f"{name}/offsets": table.offsets}
