from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.schedule import checked, next_time

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("0 */4 * * *", datetime(2026, 3, 1, 16, 0, tzinfo=UTC)),
        ("15 3 * * 1", datetime(2026, 3, 2, 3, 15, tzinfo=UTC)),
        ("0 0 29 2 *", datetime(2028, 2, 29, tzinfo=UTC)),
        ("0 12 * * *", datetime(2026, 3, 2, 12, 0, tzinfo=UTC)),
    ],
)
def test_cron_says_the_next_time_in_utc(schedule, expected):
    assert next_time(NOON, NOON, None, checked(schedule)) == expected


@given(
    MOMENTS, MOMENTS, st.one_of(st.integers(1, 10**7), st.sampled_from(["* * * * *", "0 4 * * 0"]))
)
def test_what_was_missed_is_done_once_and_comes_later(now, due, rule):
    every, schedule = (rule, None) if isinstance(rule, int) else (None, rule)
    assert next_time(now, due, every, schedule) > now


def test_every_counts_from_when_it_was_due_or_now():
    assert next_time(NOON, NOON - timedelta(days=3), 60, None) == NOON + timedelta(seconds=60)


@pytest.mark.parametrize("bad", ["", "daily", "0 4 * *", "0 0 4 * * *", "61 * * * *", "0 0 31 4 *"])
def test_what_is_no_schedule_is_told_how_to_say_one(bad):
    with pytest.raises(ValueError, match=r"cron|never"):
        checked(bad)
