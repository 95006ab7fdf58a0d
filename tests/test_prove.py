"""`make prove` in a bounded time: which proofs begin, and what is made of the others."""

import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parent


def prove(*arguments: str, seconds: str = "") -> tuple[int, list[str]]:
    """(exit status, lines of output)."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n0", "-q", "-m", "prove", *arguments],
        env=os.environ | {"PROVE_SECONDS": seconds},
        cwd=TESTS.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.splitlines()


def test_the_main_job_is_first() -> None:
    _, lines = prove("--collect-only", "tests/stack/test_up.py", "tests/test_main_job.py")
    assert lines[0].startswith("tests/test_main_job.py")


def test_proofs_that_do_not_begin_in_time_are_counted_and_no_failure() -> None:
    status, lines = prove("tests/stack/test_up.py", "tests/indexer/test_kills.py", seconds="0")
    assert status == 0
    assert lines[-1].startswith("4 skipped")


def test_a_proof_that_may_take_longer_than_the_whole_does_not_begin() -> None:
    status, lines = prove("tests/indexer/test_kills.py", seconds="600")
    assert status == 0
    assert lines[-1].startswith("1 skipped")
