"""Indexes to ask, each in a folder of its own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import orjson
import pytest

from meililite.index import IndexReader, IndexWriter
from meililite.index import segments as segments_module
from meililite.index import writer as writer_module

Document = dict[str, Any]


class Asked:
    """A committed index, and short ways to ask it."""

    def __init__(self, directory: Path, version: int) -> None:
        self.reader = IndexReader(directory, version)

    def search(self, **request: Any) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(self.reader.search(request))
        return found

    def ids(self, **request: Any) -> list[Any]:
        return [hit["id"] for hit in self.search(limit=1000, **request)["hits"]]

    def facets(self, *names: str, **request: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.search(facets=list(names), **request)["facetDistribution"]
        return found


Build = Callable[..., Asked]


def build_index(directory: Path, documents: list[Document], settings: dict[str, Any]) -> Asked:
    writer = IndexWriter(directory)
    writer.update_settings(settings)
    writer.upsert([(str(document["id"]), document) for document in documents])
    version = writer.commit()
    writer.close()
    return Asked(directory, version)


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Build an index of documents and settings."""

    def one(documents: list[Document], **settings: Any) -> Asked:
        name = f"index{len(list(tmp_path.iterdir()))}"
        return build_index(tmp_path / name, documents, settings)

    return one


@contextmanager
def apart() -> Iterator[None]:
    """Have every commit leave a segment of its own."""
    with (
        patch.object(segments_module, "_AT_ONCE", 0),
        patch.object(writer_module, "_SMALL", 0),
    ):
        yield
