"""One immutable file of named arrays: written once, memory-mapped by everyone who reads it.

Layout: a magic line, the length of the header (8 bytes), the header (JSON: `meta`, and for each
array its type, shape, offset and CRC-32), the header's CRC-32 (4 bytes), then the arrays, each
aligned to 64 bytes.
"""

from __future__ import annotations

import math
import mmap
import os
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from meililite.index.strings import StringTable

_MAGIC = b"meililite segment 1\n"
_ALIGNMENT = 64

Arrays = dict[str, NDArray[Any]]


class DamagedError(Exception):
    """A file of the index is not what was written; the message says which and what to do."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(
            f"The index file {path} is damaged: {what}. Its documents are safe in "
            f"{path.parent / 'documents.db'}: move {path.name} away and start again, "
            "and it is built anew from them."
        )


def write_segment(path: Path, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> None:
    """Write the file; `sync` brings it to the disk."""
    entries: dict[str, Any] = {}
    offset = 0
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    for name, array in contiguous.items():
        crc = zlib.crc32(array.view(np.uint8).reshape(-1).data) if array.size else 0
        entries[name] = [array.dtype.str, list(array.shape), offset, crc]
        offset += -(-array.nbytes // _ALIGNMENT) * _ALIGNMENT
    header = orjson.dumps({"meta": dict(meta), "arrays": entries, "size": offset})
    with path.open("wb") as file:
        file.write(_MAGIC + len(header).to_bytes(8, "little") + header)
        file.write(zlib.crc32(header).to_bytes(4, "little"))
        file.write(bytes(-file.tell() % _ALIGNMENT))
        for array in contiguous.values():
            file.write(array.view(np.uint8).reshape(-1).data if array.size else b"")
            file.write(bytes(-file.tell() % _ALIGNMENT))


def sync(paths: Iterable[Path]) -> None:
    """Bring files and directories to the disk."""
    for path in paths:
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
        start = len(_MAGIC) + 8
        if self._map[: len(_MAGIC)] != _MAGIC:
            raise DamagedError(path, "it does not start as a segment does")
        size = int.from_bytes(self._map[len(_MAGIC) : start], "little")
        header = self._map[start : start + size]
        crc = int.from_bytes(self._map[start + size : start + size + 4], "little")
        if len(header) < size or zlib.crc32(header) != crc:
            raise DamagedError(path, "its header has a wrong checksum")
        self._read(orjson.loads(header), -(-(start + size + 4) // _ALIGNMENT) * _ALIGNMENT)

    def _read(self, header: dict[str, Any], base: int) -> None:
        if len(self._map) != base + header["size"]:
            raise DamagedError(self.path, f"{len(self._map)} bytes, not {base + header['size']}")
        self.meta: dict[str, Any] = header["meta"]
        self._entries: dict[str, Any] = header["arrays"]
        self._arrays: Arrays = {}
        for name, (dtype, shape, offset, _) in self._entries.items():
            count = math.prod(shape)
            array = np.frombuffer(self._map, np.dtype(dtype), count, base + offset)
            self._arrays[name] = array.reshape(shape)

    def verify(self) -> None:
        """Compare every array with its checksum. Raises DamagedError."""
        for name, (_, _, _, crc) in self._entries.items():
            array = self._arrays[name]
            found = zlib.crc32(array.view(np.uint8).reshape(-1).data) if array.size else 0
            if found != crc:
                raise DamagedError(self.path, f"its part {name!r} has a wrong checksum")

    def __contains__(self, name: object) -> bool:
        return name in self._arrays

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._arrays[name]

    def get(self, name: str) -> NDArray[Any] | None:
        return self._arrays.get(name)

    def strings(self, name: str) -> StringTable:
        """The table stored as `name` + `/blob` and `/offsets`."""
        return StringTable(self._arrays[f"{name}/blob"], self._arrays[f"{name}/offsets"])

    def arrays(self) -> Arrays:
        return dict(self._arrays)


def table_arrays(name: str, table: StringTable) -> Arrays:
    """A table as the two arrays that `Segment.strings` reads."""
    return {f"{name}/blob": table.blob, f"{name}/offsets": table.offsets}
