"""How long to wait before asking again."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.fetching.retry import backoff, retry_after

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Thu, 01 Jan 2026 12:00:30 GMT", 30.0),
        ("Thu, 01 Jan 2026 11:00:00 GMT", 0.0),
        ("Thu, 01 Jan 2026 12:00:30", 30.0),
        ("soon", None),
        ("-5", None),
        ("²", None),
        ("٣", None),
        ("9" * 400, 7 * 86400.0),
        ("Thu, 01 Jan 9026 12:00:30 GMT", 7 * 86400.0),
        ("Thu, 01 Jan 99999999999999999999 12:00:30 GMT", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header, seconds):
    assert retry_after(header, NOW) == seconds


@given(st.text(max_size=40) | st.from_regex(r"\s?\d+\s?"))
def test_whatever_a_site_asks_for_is_bounded(header):
    seconds = retry_after(header)
    assert seconds is None or 0 <= seconds <= 7 * 86400


@given(st.integers(min_value=1, max_value=1000))
def test_backoff_doubles_with_jitter_up_to_half_a_minute(attempt):
    longest = min(0.5 * 2 ** min(attempt - 1, 10), 30)
    assert longest / 2 <= backoff(attempt) <= longest
