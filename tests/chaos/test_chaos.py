"""The command as people call it."""

import shutil
import subprocess
import sys

import meilisearch
import pytest

LOGS = "The logs are in "


def chaos(*arguments: str) -> tuple[int, list[str]]:
    """(exit status, lines of output); the logs that it keeps of what it found are removed."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=380,
    )
    lines = (done.stdout + done.stderr).splitlines()
    if lines[-1].startswith(LOGS):
        shutil.rmtree(lines[-1].removeprefix(LOGS).removesuffix("."))
    return done.returncode, lines


@pytest.mark.prove
@pytest.mark.timeout(400)
def test_after_eight_rounds_nothing_is_lost():
    status, lines = chaos("--rounds", "8", "--seed", "1")
    assert status == 0, lines
    assert lines[0] == "seed 1"
    assert lines[-1].startswith("rounds 8, lost 0, ghosts 0, stale 0, longest lag ")


@pytest.mark.prove
@pytest.mark.timeout(400)
def test_what_is_found_is_told_with_the_way_to_see_it_again():
    status, lines = chaos("--rounds", "5", "--seed", "3", "--mutation", "deletes-not-watched")
    assert status == 1
    assert any(line.startswith("  ghosts: w") for line in lines)
    assert any(line.startswith("  again: make chaos N=1 SEED=3") for line in lines)
    assert lines[-1].startswith(LOGS)


def test_a_search_server_that_is_in_use_is_left_alone(meili, monkeypatch):
    client = meilisearch.Client(meili.url, meili.key)
    client.wait_for_task(client.create_index("precious").task_uid, timeout_in_ms=20_000)
    monkeypatch.setenv("MEILI_URL", meili.url)
    monkeypatch.setenv("MEILI_MASTER_KEY", meili.key)
    status, lines = chaos("--rounds", "1")
    assert status == 1
    assert f"The search server at {meili.url} has indexes already (precious)" in lines[1]
    assert client.get_index("precious").uid == "precious"
