"""Opening files: packing, encodings, and what cannot be opened."""

import gzip
import io
import os
import sys
from pathlib import Path
from threading import Timer

import pytest

from scrapers.feeds.opening import LONGEST_LINE, FeedError, open_feed

TEXT = "make,model\nCitroën,C3 “Élite”\n"


def lines(path: Path | str) -> list[str]:
    with open_feed(str(path)) as feed:
        return list(feed.lines())


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-32"]
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_file_is_read_by_what_it_is_not_by_its_name(
    tmp_path: Path, encoding: str, packed: bool
) -> None:
    data = TEXT.encode(encoding)
    path = tmp_path / "cars.bin"
    path.write_bytes(gzip.compress(data) if packed else data)
    assert "".join(lines(path)) == TEXT


def test_bytes_of_windows_far_into_a_file_of_utf_8_are_read_as_such(tmp_path: Path) -> None:
    path = tmp_path / "cars.csv"
    path.write_bytes(b"a\n" * 100_000 + "é\n".encode() + "é\n".encode("cp1252"))
    assert lines(path)[-2:] == ["é\n", "é\n"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_on_any_system(tmp_path: Path, end: str) -> None:
    path = tmp_path / "cars.csv"
    path.write_bytes(f"a{end}b{end}".encode())
    assert lines(path) == ["a\n", "b\n"]


def test_standard_input_is_a_file_of_unknown_size(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(gzip.compress(b"make\nKia\n")))
    monkeypatch.setattr(sys, "stdin", stdin)
    with open_feed("-") as feed:
        assert (feed.name, feed.size, list(feed.lines())) == (
            "standard input",
            None,
            ["make\n", "Kia\n"],
        )


def test_a_pipe_gives_lines_as_they_come_and_ends_when_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as stdin, os.fdopen(writing, "wb", buffering=0) as pipe:
        monkeypatch.setattr(sys, "stdin", stdin)
        pipe.write(b"\n")  # nothing can be told of so little
        Timer(0.1, pipe.write, [b"make,model,price\nKia"]).start()
        with open_feed("-") as feed:
            found = feed.lines()
            assert [next(found), next(found)] == ["\n", "make,model,price\n"]
            pipe.write(b",Rio\nVW,")
            assert next(found) == "Kia,Rio\n"
            Timer(0.1, feed.end).start()
            assert list(found) == ["VW,"]


def test_progress_is_bytes_of_the_file_as_it_lies_there(tmp_path: Path) -> None:
    path = tmp_path / "cars.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" * 500_000))
    with open_feed(str(path)) as feed:
        assert feed.size == path.stat().st_size
        for _ in feed.lines():
            pass
        assert feed.position == feed.size


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"PK\x03\x04....", "ZIP archive"),
        (b"PAR1....", "Parquet"),
        (b"\x00\x01\x02\x03" * 3 + b"abcdefgh" * 20, "is no text"),
        (b"\x1f\x8b\x08\x00broken", "cannot be read"),
    ],
)
def test_what_is_no_text_is_told(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "cars.csv"
    path.write_bytes(data)
    with pytest.raises(FeedError, match=says):
        lines(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="There is no file"):
        lines(tmp_path / "none.csv")
    with pytest.raises(FeedError, match="cannot be read"):
        lines(tmp_path)


def test_a_file_that_breaks_off_gives_its_lines_until_there(tmp_path: Path) -> None:
    data = gzip.compress("\n".join(str(number) for number in range(200_000)).encode())
    path = tmp_path / "cars.csv.gz"
    path.write_bytes(data[: len(data) // 2])
    read: list[str] = []
    with open_feed(str(path)) as feed, pytest.raises(FeedError, match="damaged after line"):
        read.extend(feed.lines())
    assert read[:2] == ["0\n", "1\n"]


def test_a_line_without_end_is_not_read_into_memory(tmp_path: Path) -> None:
    path = tmp_path / "cars.csv"
    path.write_bytes(b"x" * (LONGEST_LINE + 10))
    with pytest.raises(FeedError, match="longer than"):
        lines(path)
