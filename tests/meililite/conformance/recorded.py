"""Runs recorded scenarios against a server and counts, for each area, what passes."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.meililite.conformance import replay

HERE = Path(__file__).resolve().parent


@dataclass
class Area:
    """How many steps an area has, how many answers gave errors, and what was not as recorded."""

    steps: int = 0
    errors: int = 0
    differences: list[str] = field(default_factory=list)


def scenarios() -> dict[str, dict[str, Any]]:
    """All that was recorded, by name."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(HERE.glob("cases/*.json"))}


def areas(scenario: dict[str, Any]) -> set[str]:
    """The areas that its steps are of."""
    return {step.get("area") or scenario["area"] for step in scenario["steps"]}


def run(url: str, key: str, name: str, scenario: dict[str, Any]) -> dict[str, Area]:
    """Replay a scenario from its first step to its last."""
    client = replay.Client(url, key, HERE / "data")
    found: dict[str, Area] = defaultdict(Area)
    for number, (step, passed, message, why) in enumerate(replay.run(client, scenario)):
        area = found[step.get("area") or scenario["area"]]
        area.steps += 1
        area.errors += message is not None
        if not passed or message is False:
            request = step["request"]
            area.differences.append(
                f"{name}[{number}] {request['method']} {request['path']}: {why or 'the message'}"
            )
    return found
