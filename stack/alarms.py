"""What people should know of a source: that it is left alone, a run that waits for their decision,
fields that fell.
"""

from datetime import UTC
from typing import Any


def alarms(row: dict[str, Any]) -> list[str]:
    """Sentences about a source as `jobs.reports.sources` has it."""
    found = []
    if row["breaker"] == "open":
        until = row["paused_until"].astimezone(UTC)
        found.append(
            f"{row['name']} is left alone until {until:%Y-%m-%d %H:%M} UTC: {row['held_against']}"
        )
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
