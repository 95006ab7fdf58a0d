"""The committed versions of an index directory: one small manifest each."""

from __future__ import annotations

import zlib
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from meililite.index.segment import DamagedError, sync

MERGED = ".merged"  # the suffix of a segment that no version holds yet
_PREFIX = "version-"


@dataclass(frozen=True)
class Manifest:
    """What a version consists of; enough to read it without the document store."""

    version: int
    settings: dict[str, Any] = field(default_factory=dict)
    fields: list[str] = field(default_factory=list)
    segments: list[str] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)  # of the segments, in documents
    trees: dict[str, dict[str, list[str] | None]] | None = None  # what `facet_trees` packs
    touched: list[int] | None = None  # the documents that differ from the version before, if few


def manifest_path(directory: Path, version: int) -> Path:
    return directory / f"{_PREFIX}{version}.json"


def write_manifest(directory: Path, manifest: Manifest, durable: Collection[str]) -> None:
    """Write the manifest and bring it to the disk, with its segments that are not `durable` yet."""
    body = orjson.dumps(manifest)
    path = manifest_path(directory, manifest.version)
    path.write_bytes(b"%08x\n" % zlib.crc32(body) + body)
    fresh = [directory / name for name in manifest.segments if name not in durable]
    sync([*fresh, path, directory])


def read_manifest(directory: Path, version: int) -> Manifest:
    """Raises FileNotFoundError for a version that is not there, DamagedError for a bad file."""
    path = manifest_path(directory, version)
    checksum, _, body = path.read_bytes().partition(b"\n")
    if checksum != b"%08x" % zlib.crc32(body):
        raise DamagedError(path, "its checksum is wrong")
    return Manifest(**orjson.loads(body))


def newest_version(directory: Path) -> int:
    """The highest version that has a manifest; it may not be committed. -1: there is none."""
    paths = directory.glob(f"{_PREFIX}*.json")
    return max((_version(path) for path in paths), default=-1)


def _version(path: Path) -> int:
    return int(path.stem.removeprefix(_PREFIX))


def remove_merged(directory: Path) -> None:
    """Delete what merges left that nobody waits for any more."""
    for path in directory.glob(f"*{MERGED}"):
        path.unlink()


def remove_others(directory: Path, kept: set[int]) -> None:
    """Delete the manifests of all versions but `kept`, and segments that none of those use."""
    used: set[str] = set()
    for path in directory.glob(f"{_PREFIX}*.json"):
        if (version := _version(path)) in kept:
            used |= set(read_manifest(directory, version).segments)
        else:
            path.unlink()
    for path in directory.glob("*.segment"):
        if path.name not in used:
            path.unlink()
