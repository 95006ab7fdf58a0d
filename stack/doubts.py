"""What people should know of a source: a run that waits for their decision, fields that fell."""

from typing import Any


def doubts(row: dict[str, Any]) -> list[str]:
    """Sentences about a source as `jobs.reports.sources` has it."""
    found = []
    if held := row["suspicious_run"]:
        found.append(
            f"{row['name']}: run {held} is suspicious and waits: `showroom run-show {held}`,"
            " then `showroom runs accept|cancel`."
        )
    fallen = [
        f"{fall['field']} {fall['usual']:.0%} → {fall['share']:.0%}" for fall in row["drift"] or ()
    ]
    if fallen:
        found.append(f"{row['name']}: fewer items have {', '.join(fallen)}.")
    return found
