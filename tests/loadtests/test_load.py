"""Many people at once: short runs, and what is refused."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from loadtests.load import __main__ as load

SECONDS = 280


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "loadtests.load", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://localhost", True),
        ("http://[::1]:8000", True),
        ("http://10.0.0.1", False),
        ("https://shop.example", False),
        ("http://127.0.0.1.shop.example", False),
    ],
)
def test_only_this_machine_is_loaded(url: str, here: bool):
    assert load.is_here(url) is here


def test_another_machine_is_refused_in_a_sentence(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["load", "--url", "https://shop.example"])
    with pytest.raises(SystemExit):
        load.main()
    assert "https://shop.example is not this machine; add --elsewhere" in capsys.readouterr().err


@pytest.mark.prove
@pytest.mark.timeout(300)
def test_a_run_of_its_own_writes_a_report_of_every_scenario(tmp_path: Path):
    report = tmp_path / "build" / "load.html"
    ended = run("--users", "12", "--seconds", "15", "--cars", "1000", "--report", str(report))
    said = ended.stdout + ended.stderr
    assert ended.returncode == 0, said
    people = re.findall(r"^class (\w+)\(Person\)", load.SCENARIOS.read_text(), re.MULTILINE)
    for name in people:
        assert re.search(rf"{name}: (?!start)", said), name
        assert f"{name}: " in report.read_text()
    assert len(people) == 6
    assert re.search(r"A reindex from second 5 on took [0-9.]+ s\.", ended.stdout)


@pytest.mark.prove
def test_a_run_that_fails_says_so(tmp_path: Path):
    report = str(tmp_path / "load.html")
    ended = run("--users", "2", "--seconds", "3", "--report", report, "--url", "http://127.0.0.1:9")
    assert ended.returncode == 1
