"""When segments are merged, and how many there may be."""

import tempfile
from pathlib import Path
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from meililite.index import IndexWriter
from meililite.index import segments as segments_module
from meililite.index.tiers import first_to_merge
from meililite.processes.merger import merge_files
from tests.meililite.index.conftest import Asked, apart


def test_a_long_merge_waits_for_the_end_of_a_load_unless_there_are_many(tmp_path: Path) -> None:
    writer = IndexWriter(tmp_path)
    with (
        apart(),
        patch.object(segments_module, "_WHILE_BUSY", 2),
        patch.object(segments_module, "_PATIENCE", 4),
    ):
        for number in range(1, 4):
            writer.upsert([(str(number), {"id": number})])
            writer.commit()
        assert writer.plan(busy=True) == ([], False)
        writer.upsert([("4", {"id": 4})])
        writer.commit()
        names = writer._segments.names
        assert writer.plan(busy=True) == (names, True)
        writer.adopt(names, None)
        writer.delete(["4"])
        assert writer.plan(busy=False) == (names, True)


@settings(deadline=None, max_examples=40)
@given(steps=st.lists(st.sampled_from(["put"] * 4 + ["plan", "made", "failed"]), max_size=40))
def test_merges_elsewhere_leave_room_for_more_segments(steps: list[str]) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        apart(),
        patch.object(segments_module, "_MANY", 8),
        patch.object(segments_module, "_ELSEWHERE", 6),
    ):
        writer = IndexWriter(Path(folder))
        running: list[tuple[list[str], bool]] = []
        count = 0
        for step in ["put"] * 7 + steps + ["put"] * 3:
            if step == "put":
                writer.upsert([(str(count), {"id": count})])
                writer.commit()
                count += 1
            elif step == "plan":
                planned = writer.plan(busy=False)
                running += [planned] if planned[0] else []
            elif running:
                names, oldest = running.pop(0)
                made = step == "made" and merge_files(writer.directory, names, oldest=oldest)
                writer.adopt(names, made or None)
                assert not made or names[0] not in writer._segments.names
            assert len(writer._segments) < 8
        assert Asked(writer.directory, writer.version).ids() == list(range(count))


def test_a_merge_of_as_many_segments_as_there_may_be_does_not_stop_the_writer(
    tmp_path: Path,
) -> None:
    writer = IndexWriter(tmp_path)
    with apart():
        for number in range(70):
            if number == 63:
                names, oldest = writer.plan(busy=False)
                assert len(names) == 48  # the others are there to make room with
            writer.upsert([(str(number), {"id": number})])
            writer.commit()
            assert len(writer._segments) < 64
        writer.adopt(names, merge_files(tmp_path, names, oldest=oldest))
    assert len(writer._segments) < 20
    assert Asked(tmp_path, writer.version).ids() == list(range(70))


def test_few_segments_are_left_whatever_the_commits_hold() -> None:
    sizes: list[int] = []
    for size in [10_000, 1] + [1, 3, 50] * 200:
        sizes.append(size)
        while (start := first_to_merge(sizes, whole=True)) is not None:
            sizes = [*sizes[:start], sum(sizes[start:])]
    assert len(sizes) < 20
