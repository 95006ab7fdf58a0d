"""Documentation that has to keep up with the code."""

import re
from pathlib import Path

from config.settings import ROOT, Settings


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
