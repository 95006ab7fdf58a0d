"""What is committed stays, what is not is gone, and damage is said."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from meililite.errors import ApiError
from meililite.index import IndexReader, IndexWriter
from meililite.index.segment import DamagedError
from tests.meililite.index.conftest import Asked

CHILD = """
import os, signal, sys
from pathlib import Path
from meililite.index import IndexWriter, segments, store, writer

def die(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)

index = IndexWriter(Path(sys.argv[1]))
index.upsert([("1", {"id": 1, "v": "new"}), ("2", {"id": 2})])
if sys.argv[2] == "segment":
    segments.write_segment = die
elif sys.argv[2] == "manifest":
    writer.write_manifest = die
else:
    store.DocumentStore.commit = die
index.commit()
"""


def filled(directory: Path) -> IndexWriter:
    writer = IndexWriter(directory)
    writer.upsert([("1", {"id": 1, "v": "old"}), ("0", {"id": 0})])
    writer.commit()
    return writer


@pytest.mark.parametrize("moment", ["segment", "manifest", "store"])
def test_a_kill_during_a_commit_leaves_the_last_version(tmp_path: Path, moment: str) -> None:
    writer = filled(tmp_path)
    version = writer.version
    writer.close()
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path), moment],
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        timeout=60,
        check=False,
    )
    assert child.returncode == -signal.SIGKILL
    again = IndexWriter(tmp_path)
    assert again.version == version
    assert Asked(tmp_path, version).search()["hits"] == [{"id": 1, "v": "old"}, {"id": 0}]
    again.upsert([("3", {"id": 3})])
    assert Asked(tmp_path, again.commit()).ids() == [1, 0, 3]


def test_rollback_forgets_documents_deletions_and_settings(tmp_path: Path) -> None:
    writer = filled(tmp_path)
    writer.upsert([("5", {"id": 5})])
    writer.delete(["1"])
    writer.update_settings({"filterableAttributes": ["v"]})
    writer.rollback()
    assert writer.settings() == {}
    assert writer.commit() == writer.version
    assert Asked(tmp_path, writer.version).ids() == [1, 0]


def test_a_bad_place_fails_the_commit_and_changes_nothing(tmp_path: Path) -> None:
    writer = IndexWriter(tmp_path)
    writer.update_settings({"filterableAttributes": ["_geo"]})
    version = writer.commit()
    writer.upsert([("0", {"id": 0}), ("1", {"id": 1, "_geo": {"lat": 1}})])
    with pytest.raises(ApiError, match="Could not find longitude in the document with the id"):
        writer.commit()
    writer.rollback()
    assert writer.version == version
    assert writer.stats()["numberOfDocuments"] == 0


def damage(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 0xFF
    path.write_bytes(content)


@pytest.mark.parametrize("part", [b"segment 2", b"documents/numbers", b'"old"'])
def test_a_damaged_segment_is_reported(tmp_path: Path, part: bytes) -> None:
    filled(tmp_path).close()
    segment = next(iter(tmp_path.glob("*.segment")))
    damage(segment, segment.read_bytes().index(part))
    with pytest.raises(DamagedError, match=rf"{segment.name} is damaged: .* is built anew"):
        IndexWriter(tmp_path)


def test_a_segment_that_is_cut_short_is_reported_to_readers(tmp_path: Path) -> None:
    version = filled(tmp_path).version
    segment = next(iter(tmp_path.glob("*.segment")))
    segment.write_bytes(segment.read_bytes()[:-64])
    with pytest.raises(DamagedError, match="its end is missing"):
        IndexReader(tmp_path, version)


def test_a_damaged_manifest_is_reported(tmp_path: Path) -> None:
    writer = filled(tmp_path)
    damage(tmp_path / f"version-{writer.version}.json", 20)
    with pytest.raises(DamagedError, match="its checksum is wrong"):
        IndexReader(tmp_path, writer.version)


@pytest.mark.parametrize("lost", ["*.segment", "version-*.json"])
def test_what_was_moved_away_is_built_anew(tmp_path: Path, lost: str) -> None:
    filled(tmp_path).close()
    for path in tmp_path.glob(lost):
        path.unlink()
    writer = IndexWriter(tmp_path)
    assert Asked(tmp_path, writer.version).ids() == [1, 0]


def test_a_damaged_store_is_reported(tmp_path: Path) -> None:
    tmp_path.joinpath("documents.db").write_bytes(b"not a database, by any means" * 100)
    with pytest.raises(OSError, match="cannot be read"):
        IndexWriter(tmp_path)
