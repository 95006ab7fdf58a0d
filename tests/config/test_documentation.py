"""Documentation that has to keep up with the code."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from config.settings import ROOT, Settings
from stack.cli import application

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def _variables() -> set[str]:
    """The environment variable of every setting."""
    return {
        next(str(choice) for choice in field.validation_alias.choices)
        if (alias := field.validation_alias) is not None and hasattr(alias, "choices")
        else f"SHOWROOM_{name.upper()}"
        for name, field in Settings.model_fields.items()
    }


def _table(path: Path) -> dict[str, str]:
    rows = re.findall(r"^\| `([A-Z_]+)` \| [^|]* \| ([^|]*) \|$", path.read_text(), re.MULTILINE)
    return {name: text.strip() for name, text in rows}


def test_every_setting_is_documented_and_no_other() -> None:
    assert set(_table(ROOT / "docs" / "running.md")) == _variables()


def test_a_setting_is_documented_in_its_own_words() -> None:
    told = set(_table(ROOT / "docs" / "running.md").values())
    assert {field.description for field in Settings.model_fields.values()} <= told


def _commands(command: Any, words: tuple[str, ...] = ()) -> dict[tuple[str, ...], set[str]]:
    """The options of every command, by its words."""
    found = {words: {name for parameter in command.params for name in parameter.opts}}
    for name, below in getattr(command, "commands", {}).items():
        found |= _commands(below, (*words, name))
    return found


@pytest.fixture(scope="module")
def commands() -> dict[tuple[str, ...], set[str]]:
    return _commands(typer.main.get_command(application()))


def test_every_command_is_in_the_table(commands: dict[tuple[str, ...], set[str]]) -> None:
    text = (ROOT / "docs" / "running.md").read_text()
    table = "\n".join(line for line in text.splitlines() if line.startswith("| `showroom "))
    for name in {words[0] for words in commands if words}:
        assert re.search(rf"`(showroom )?{name}\b", table), name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_command_that_is_named_exists_with_its_options(
    document: Path, commands: dict[tuple[str, ...], set[str]]
) -> None:
    for line in re.findall(r"(?:`|^\$ )showroom ([^`#\n]+)", document.read_text(), re.MULTILINE):
        words = tuple(re.split(r"[ \\|]", line))
        named = max((words[:n] for n in (1, 2) if words[:n] in commands), key=len, default=None)
        assert named, line
        assert set(re.findall(r"--[a-z-]+", line)) <= commands[named], line
