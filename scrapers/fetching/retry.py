"""When a request is tried again, and after how long."""

import random
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

ATTEMPTS = 4
RETRIED = frozenset({408, 429, 500, 502, 503, 504})
SLOWING = frozenset({429, 503})  # everybody's next request waits, not only the one that failed
LONGEST_PAUSE = 7 * 86400.0  # seconds; what asks for more is a mistake


def backoff(attempt: int) -> float:
    """Seconds before attempt `attempt` + 1: 0.5, 1, 2, … at most 30, with jitter over the half."""
    return min(0.5 * 2.0 ** (attempt - 1), 30.0) * random.uniform(0.5, 1.0)


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Seconds that a `Retry-After` asks for (RFC 9110: seconds or a date), at most a week.

    None if it is missing or unclear.
    """
    if not value:
        return None
    if re.fullmatch(r"[0-9]+", value.strip(" \t")):
        return min(float(value.strip(" \t")), LONGEST_PAUSE)
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return min(max(0.0, (at - (now or datetime.now(UTC))).total_seconds()), LONGEST_PAUSE)
