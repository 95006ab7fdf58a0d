"""After an index failed the next one is tried after a pause that grows, and not for ever later."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.unmade import PAUSE_SECONDS, WITHOUT_SECONDS, pause, unmade

MADE = """
    INSERT INTO generations (vertical, state, view_digest, settings_digest, finished_at, live_at,
        rejected, refused)
    SELECT $6, $1, $2, $7, now() - $3 * interval '1 s',
        CASE WHEN $1 IN ('live', 'old', 'dropped') THEN now() END, $4, $5
"""


async def _made(
    db, state, *, view="v", ago=0, rejected=False, refused=False, of="cars", settings="s"
):
    await db.execute(MADE, state, view, ago, rejected, refused, of, settings)


async def _of(db):
    return (await unmade(db)).get("cars")


async def _pause(db):
    """How many seconds after the newest failure the next index is tried."""
    last = await _of(db)
    return (last.again_at - last.since).total_seconds()


@given(st.integers(1, 10_000), st.booleans())
def test_a_pause_doubles_up_to_the_longest(times, lives):
    first, longest = PAUSE_SECONDS if lives else WITHOUT_SECONDS
    assert timedelta(seconds=first) <= pause(times, lives=lives) <= timedelta(seconds=longest)
    doubled = min(2 * pause(times, lives=lives), timedelta(seconds=longest))
    assert pause(times + 1, lives=lives) == doubled


async def test_where_nothing_failed_nothing_is_held(db):
    assert await _of(db) is None
    for state in ("dropped", "old", "live"):
        await _made(db, state)
        assert await _of(db) is None


async def test_each_failure_in_a_row_doubles_the_pause(db):
    await _made(db, "live")
    seen = []
    for _ in range(8):
        await _made(db, "failed", view="new")
        seen.append(await _pause(db) / 60)
    assert seen == [5, 10, 20, 40, 80, 160, 240, 240]
    assert (await _of(db)).times == 8


async def test_with_nothing_to_search_it_is_tried_sooner_whoever_ended_the_last(db):
    await _made(db, "failed")
    assert await _pause(db) == 10
    await _made(db, "canceled", rejected=True)
    assert await _pause(db) == 20


async def test_one_that_begins_and_one_that_went_live_end_the_row(db):
    await _made(db, "live")
    await _made(db, "failed", view="new")
    await _made(db, "failed", view="new")
    await _made(db, "loading", view="new")
    assert await _of(db) is None
    await db.execute("UPDATE generations SET state = 'failed' WHERE state = 'loading'")
    assert (await _of(db)).times == 3
    await db.execute("UPDATE generations SET state = 'old' WHERE state = 'live'")
    await _made(db, "live", view="new")
    assert await _of(db) is None
    await _made(db, "failed", view="newer")
    assert (await _of(db)).times == 1


async def test_another_view_begins_a_row_of_its_own(db):
    await _made(db, "live")
    await _made(db, "failed", view="new")
    await _made(db, "failed", view="newer")
    last = await _of(db)
    assert (last.times, last.wanted) == (1, ("newer", "s"))


async def test_so_do_other_settings(db):
    await _made(db, "live")
    await _made(db, "canceled", settings="old", rejected=True)
    await _made(db, "failed", settings="old")
    assert await _of(db) is None
    await _made(db, "failed", settings="new")
    last = await _of(db)
    assert (last.times, last.wanted) == (1, ("v", "new"))


async def test_one_that_was_live_and_was_lost_is_not_waited_for(db):
    await _made(db, "live")
    await db.execute("UPDATE generations SET state = 'failed', finished_at = now()")
    assert await _of(db) is None


async def test_each_vertical_has_its_own(db):
    await _made(db, "canceled", view="new", rejected=True, of="boats")
    await _made(db, "live", view="new", of="boats")
    await _made(db, "live")
    await _made(db, "failed", view="new", of="boats")
    await _made(db, "failed", view="new")
    assert (await _of(db)).times == 1
    assert await _pause(db) == PAUSE_SECONDS[0]
    await db.execute("DELETE FROM generations WHERE vertical = 'cars' AND state = 'live'")
    assert await _pause(db) == WITHOUT_SECONDS[0]


@pytest.mark.parametrize("ended", ["it fits", "a person canceled one like it"])
async def test_what_is_not_asked_for_unasked_is_not_told(db, ended):
    """As when a person had an index of the same view made, and it failed."""
    await _made(db, "live")
    if ended == "it fits":
        await _made(db, "failed")
    else:
        await _made(db, "canceled", view="new", rejected=True)
        assert await _of(db) is None
        await _made(db, "failed", view="new")
    assert await _of(db) is None


async def test_a_refused_one_waits_for_the_table_and_not_for_a_time(db):
    await _made(db, "live")
    for view in ("v", "new"):  # whether or not the live one fits
        await _made(db, "failed", view=view, refused=True)
        last = await _of(db)
        assert (last.refused, last.again_at, last.waits) == (True, None, False)
    for _ in range(4):  # a person asked for it
        await _made(db, "failed", view="new", refused=True)
    await db.execute(
        "UPDATE generations SET refused = false WHERE id = (SELECT max(id) FROM generations)"
    )
    assert (await _of(db)).times == 1, "the table was wrong, not the index"
    await _made(db, "failed", view="new", refused=True)
    assert (await _of(db)).refused
    await _made(db, "failed", view="new")
    assert not (await _of(db)).refused, "only the newest one counts"


@pytest.mark.parametrize(
    ("ago", "waits"), [(0, True), (299, True), (300, False), (86_400, False), (-86_400, False)]
)
async def test_it_waits_by_the_clock_of_the_database_which_may_be_set_back(db, ago, waits):
    await _made(db, "live")
    await _made(db, "failed", view="new", ago=ago)
    assert (await _of(db)).waits == waits
