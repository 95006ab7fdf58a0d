"""Runs recorded scenarios against a server and counts what passes."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from tests.meililite.conformance import replay

HERE = Path(__file__).resolve().parent
PROGRESS = HERE / "progress.json"
SCENARIOS = sorted(path.stem for path in (HERE / "cases").glob("*.json"))

Counts = dict[str, dict[str, int]]


def run(url: str, key: str, name: str) -> tuple[Counts, list[str]]:
    """Steps, passed, errors and equal messages by area; and what differed."""
    client = replay.Client(url, key, HERE / "data")
    scenario = json.loads((HERE / "cases" / f"{name}.json").read_text())
    areas: dict[str, Counter[str]] = {}
    differences = []
    for number, (step, passed, message, why) in enumerate(replay.run(client, scenario)):
        tally = areas.setdefault(step.get("area") or scenario["area"], Counter())
        tally.update(steps=1, passed=int(passed), messages=int(bool(message)))
        tally["errors"] += message is not None
        if not passed:
            request = step["request"]
            differences.append(f"{name}[{number}] {request['method']} {request['path']}: {why}")
    return {area: dict(tally) for area, tally in sorted(areas.items())}, differences
