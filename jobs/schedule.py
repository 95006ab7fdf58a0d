"""When something is due again: so many seconds later, or as cron says it (in UTC)."""

from datetime import UTC, datetime, timedelta

from cronsim import CronSim, CronSimError

PARTS = 5  # minute, hour, day of the month, month, day of the week
_EXAMPLE = "say it as cron does, like 0 */4 * * * for every fourth hour"


def checked(schedule: str) -> str:
    """The expression as it is; ValueError where it is none or its time never comes."""
    if len(schedule.split()) > PARTS:
        raise ValueError(f"{_EXAMPLE} (there are more than five parts)")
    try:
        next(CronSim(schedule, datetime.now(UTC)))
    except CronSimError as error:
        raise ValueError(f"{_EXAMPLE} ({error})") from error
    except StopIteration:
        raise ValueError(f"the time {schedule} never comes") from None
    return schedule


def next_time(now: datetime, due: datetime, every: int | None, schedule: str | None) -> datetime:
    """When what was `due` is due again, always after `now`: what was missed is done once.

    `schedule` goes before `every` (seconds); one of them must be there.
    """
    if schedule:
        return next(CronSim(schedule, now))
    assert every
    return max(now, due) + timedelta(seconds=every)
