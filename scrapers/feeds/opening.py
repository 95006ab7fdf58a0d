"""Opening a file: plain or gzip, in whatever encoding, as lines of text, with its progress."""

import codecs
import gzip
import io
import os
import re
import select
import stat
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, cast

SAMPLE = 64 * 1024
LONGEST_LINE = 4 * 1024 * 1024  # characters
LONGEST_TEXT = 100_000_000_000  # characters unpacked: a hundred million cars
STDIN = "-"
START = 256  # bytes
MAGIC = 16  # bytes that tell a kind of file
TICK = 0.2  # seconds

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"""\s*<\?xml[^>]{0,100}?\sencoding\s*=\s*["']([\w.:-]{1,40})["']""")
_GUESSED = ("utf-8", "ascii", "iso8859-1", "cp1252")  # what is read as UTF-8, or Windows', anyway
_OTHERS = {
    b"PK\x03\x04": "a ZIP archive or a spreadsheet: unpack it, or save it as CSV",
    b"PAR1": "a Parquet file: convert it to CSV or JSON lines",
    b"\x28\xb5\x2f\xfd": "compressed with zstd: unpack it first",
    b"BZh": "compressed with bzip2: unpack it first",
    b"\xfd7zXZ": "compressed with xz: unpack it first",
    b"SQLite": "an SQLite database: export the table as CSV",
    b"%PDF": "a PDF: it holds no table that can be imported",
}


class FeedError(Exception):
    """A file cannot be read, or not further; the message is a sentence for people."""


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are no UTF-8 are Windows': files are often both."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("or-cp1252", _as_cp1252)


class _Counted(io.RawIOBase):
    """A binary file that knows how many bytes were read of it, and ends when it is told to."""

    def __init__(self, file: io.BufferedIOBase) -> None:
        self._file = file
        self._descriptor = _descriptor(file)
        self.position = 0
        self.ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        data = self._arrived(len(buffer))
        # The first bytes tell what the file is: they are a few, and what is there beside them.
        while self.position == 0 and data and len(data) < len(buffer):
            if len(data.strip()) >= MAGIC and not self._ready(0):
                break
            more = self._arrived(len(buffer) - len(data))
            if not more:
                break
            data += more
        buffer[: len(data)] = data
        self.position += len(data)
        return len(data)

    def _arrived(self, most: int) -> bytes:
        """The next bytes; those of a pipe as soon as there are some, not when there are `most`."""
        while not self.ended and not self._ready():
            pass
        return b"" if self.ended else self._file.read1(most)

    def _ready(self, seconds: float = TICK) -> bool:
        """Whether reading gives something at once, after waiting for it so long."""
        if self._descriptor is None:
            return True
        return bool(select.select([self._descriptor], [], [], seconds)[0])


def _descriptor(file: io.BufferedIOBase) -> int | None:
    """The number that the system knows a file by; None for one that is in memory."""
    try:
        return file.fileno()
    except io.UnsupportedOperation:
        return None


def _size(descriptor: int | None) -> int | None:
    """How long a regular file is, in bytes; None for a pipe."""
    if descriptor is None:
        return None
    status = os.fstat(descriptor)
    return status.st_size if stat.S_ISREG(status.st_mode) else None


@dataclass
class Feed:
    """A file that is open for reading; `size` in bytes as it lies on disk, None for a pipe.

    `start` is what its text begins with, without spaces before it.
    """

    name: str
    size: int | None
    encoding: str
    start: str
    _counted: _Counted
    _text: TextIO

    @property
    def position(self) -> int:
        """How many of its bytes were read so far."""
        return self._counted.position

    @property
    def is_ended(self) -> bool:
        """Whether `end` was called."""
        return self._counted.ended

    def end(self) -> None:
        """Let whoever reads it find its end, also one who waits for a pipe, within a moment."""
        self._counted.ended = True

    def lines(self) -> Iterator[str]:
        """Its lines with their ends; raises FeedError where it cannot be read further."""
        for number, line in enumerate(self._pieces(self._text.readline, LONGEST_LINE, "line"), 1):
            if len(line) == LONGEST_LINE and not line.endswith("\n"):
                raise FeedError(
                    f"Line {number} of {self.name} is longer than {LONGEST_LINE:,} characters:"
                    " this is no table of one car a line."
                )
            yield line

    def chunks(self) -> Iterator[str]:
        """Its text in pieces of 64 k characters; raises FeedError as `lines` does."""
        return self._pieces(self._text.read, SAMPLE, "piece")

    def _pieces(self, take: Callable[[int], str], most: int, what: str) -> Iterator[str]:
        number = length = 0
        try:
            while piece := take(most):
                number += 1
                length += len(piece)
                if length > LONGEST_TEXT:
                    raise FeedError(f"{self.name} has more than {LONGEST_TEXT:,} characters.")
                yield piece
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise FeedError(
                f"{self.name} is damaged after {what} {number:,} ({error}); fetch it again."
            ) from error
        except UnicodeError as error:
            raise FeedError(
                f"{self.name} stops being {self.encoding} after {what} {number:,}:"
                " save it as UTF-8."
            ) from error
        except OSError as error:
            raise FeedError(
                f"{self.name} cannot be read after {what} {number:,} ({error})."
            ) from error


@contextmanager
def open_feed(path: str, name: str | None = None) -> Iterator[Feed]:
    """Open a file, or standard input for `-`; raises FeedError with what to do instead.

    `name` is what people know it by, where that is not the file's name.
    """
    name = name or ("standard input" if path == STDIN else Path(path).name)
    try:
        binary = _open(path)
    except FileNotFoundError as error:
        raise FeedError(f"There is no file {path}.") from error
    except OSError as error:
        raise FeedError(f"{path} cannot be read ({error.strerror}).") from error
    with binary:
        counted = _Counted(binary)
        size = _size(_descriptor(binary))
        with _text(name, counted) as (text, encoding, start):
            yield Feed(name, size, encoding, start, counted, text)


def _open(path: str) -> io.BufferedIOBase:
    return cast("io.BufferedIOBase", sys.stdin.buffer) if path == STDIN else Path(path).open("rb")


@contextmanager
def _text(name: str, counted: _Counted) -> Iterator[tuple[TextIO, str, str]]:
    """Unpack and decode, by what the first bytes are and not by the file's name.

    Gives the text, its encoding and what it begins with.
    """
    binary = io.BufferedReader(counted, SAMPLE)
    try:
        if _peek(binary)[:2] == b"\x1f\x8b":
            binary = io.BufferedReader(gzip.GzipFile(fileobj=binary), SAMPLE)  # type: ignore[arg-type]
        sample = _peek(binary)
    except (OSError, EOFError, zlib.error) as error:
        raise FeedError(f"{name} cannot be read ({error}).") from error
    encoding = _encoding(name, sample)
    errors = "or-cp1252" if encoding.startswith("utf-8") else "strict"
    start = sample[:START].decode(encoding, "replace").lstrip("\ufeff \t\r\n")
    yield io.TextIOWrapper(binary, encoding=encoding, errors=errors), encoding, start


def _peek(binary: "io.BufferedReader[_Counted]") -> bytes:
    return binary.peek(SAMPLE)[:SAMPLE]


def _encoding(name: str, sample: bytes) -> str:
    """The encoding by its mark, or by the zeros that UTF-16 has in every second byte."""
    if not sample.strip():
        raise FeedError(f"{name} is empty.")
    for magic, what in _OTHERS.items():
        if sample.startswith(magic):
            raise FeedError(f"{name} is {what}.")
    for mark, encoding in _BOMS:
        if sample.startswith(mark):
            return encoding
    zeros = sample.count(0)
    if zeros > len(sample) // 4:
        return "utf-16-le" if sample[1::2].count(0) > zeros // 2 else "utf-16-be"
    if zeros > len(sample) // 100:
        raise FeedError(f"{name} is no text: give a CSV, TSV or JSON lines file.")
    return _declared(sample[:START]) or "utf-8"


def _declared(start: bytes) -> str | None:
    """The encoding that XML declares, where it is none that is guessed, and can be this one."""
    found = _DECLARED.match(start)
    if found is None:
        return None
    encoding = found[1].decode()
    try:
        is_possible = start.decode(encoding, "replace").lstrip().startswith("<?xml")
    except LookupError:
        return None
    return encoding if is_possible and codecs.lookup(encoding).name not in _GUESSED else None
