"""When a request is tried again, and after how long."""

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

ATTEMPTS = 4
RETRIED = frozenset({408, 429, 500, 502, 503, 504})
LONGEST_WAIT = 120.0  # seconds; a site that asks for more is left alone until the next run


def backoff(attempt: int) -> float:
    """Seconds before attempt `attempt` + 1: 0.5, 1, 2, … at most 30, with jitter over the half."""
    return min(0.5 * 2.0 ** (attempt - 1), 30.0) * random.uniform(0.5, 1.0)


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Seconds that a `Retry-After` asks for (RFC 9110: seconds or a date); None if unclear."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max(0.0, (at - (now or datetime.now(UTC))).total_seconds())
