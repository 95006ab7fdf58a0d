"""The memory of an import does not grow with its file."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import stack

MEGABYTE = 1024 * 1024
SMALL, LARGE = 5 * MEGABYTE, 150 * MEGABYTE
ROW = 2_500  # bytes, about: a long description and twenty photos, as feeds have them

# Its own process says what it took at most: a parent's figure would be of all its children.
_IMPORT = """
import resource, sys
from stack.cli import application
try:
    application()(["import", "cars", *sys.argv[1:]])
finally:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(peak if sys.platform == "darwin" else peak * 1024, file=sys.stderr)
"""


def write(path: Path, size: int) -> int:
    """A file of about `size` bytes in which every row is another car; how many there are."""
    count = size // ROW
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "make", "model", "year", "price", "mileage", "photos", "notes"])
        for n in range(count):
            photos = "|".join(f"https://lot.example/{n}/{photo:06}.jpg" for photo in range(20))
            notes = f"Car {n} has one owner and a full history. " * 38
            writer.writerow([n, "Kia", "Rio", 2010 + n % 15, 5_000 + n, n, photos, notes[:1_600]])
    return count


def peak(path: Path, url: str, home: Path) -> tuple[int, int]:
    """How many rows an import found new, and how many bytes of memory it had at most."""
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT, str(path), "--json"],
        env=os.environ
        | {
            "DATABASE_URL": url,
            "SHOWROOM_HOME": str(home),
            "PYTHONPATH": str(Path(stack.__file__).parents[1]),
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["new"], int(done.stderr.split()[-1])


@pytest.mark.prove
@pytest.mark.timeout(360)
def test_a_large_file_takes_no_more_memory_than_a_small_one(
    postgres_url: str, tmp_path: Path
) -> None:
    small, large = tmp_path / "small.csv", tmp_path / "large.csv"
    rows = write(small, SMALL), write(large, LARGE)
    assert large.stat().st_size > 0.9 * LARGE
    (few, before), (many, after) = (peak(path, postgres_url, tmp_path) for path in (small, large))
    assert (few, many) == rows
    assert after - before < 64 * MEGABYTE, f"{before / MEGABYTE:.0f} → {after / MEGABYTE:.0f} MB"
