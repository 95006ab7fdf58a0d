"""What a run saw, what it missed, and what leaves: of its own source, and nothing newer than it."""

from datetime import timedelta

import pytest

from scrapers.runs import departures
from scrapers.runs.departures import Sighted, depart, retire, sighted, unseen
from scrapers.runs.rows import begin
from scrapers.storing.upsert import transact

OFFER = """
INSERT INTO offers (source, external_id, listing_key, make, price, active, run_id, first_seen_at,
                    last_seen_at, changed_at, card_digest)
VALUES ($1, $2, $1 || $2, 'Kia', 1, $3, $4, $5, $6, $5, 'card')
"""
LIVE = "SELECT source || ' ' || external_id AS one FROM offers WHERE active ORDER BY 1"


@pytest.fixture
async def offer(pool, run, add_source):
    """Writes an offer that was found a day before the run and seen so long after its start."""
    await add_source("other")

    async def write(name, seen, source="lot", active=True, run_id=None, found=-86_400):
        moments = (run.started_at + timedelta(seconds=after) for after in (found, seen))
        await pool.execute(OFFER, source, name, active, run_id, *moments)
        await pool.execute("SELECT refresh_listings(ARRAY[$1])", f"{source}{name}")

    return write


async def _live(pool):
    return [row["one"] for row in await pool.fetch(LIVE)]


async def test_a_share_is_of_what_was_live_before_the_run(pool, run, offer):
    await offer("seen", 1, run_id=run.id)
    await offer("missed", -60)
    await offer("gone before", -60, active=False)
    await offer("new", 1, run_id=run.id, found=1)
    await offer("theirs", -60, source="other")
    assert await sighted(pool, run) == Sighted(before=2, seen=1)


@pytest.mark.parametrize(("seen", "enough"), [(4, False), (5, True), (6, True)])
def test_the_share_itself_is_enough(seen, enough):
    assert Sighted(before=10, seen=seen).enough(0.5) is enough
    assert Sighted(before=10, seen=seen).unseen == 10 - seen


async def test_what_was_not_seen_is_handed_over_in_pieces(pool, run, offer, monkeypatch):
    monkeypatch.setattr(departures, "ASKED", 2)
    for name in "CABED":
        await offer(name, -60)
    await offer("seen", 1, run_id=run.id)
    await offer("gone before", -60, active=False)
    await offer("theirs", -60, source="other")
    pieces = [[one.external_id for one in piece] async for piece in unseen(pool, run)]
    assert pieces == [["A", "B"], ["C", "D"], ["E"]]


async def test_it_was_missed_before_if_the_last_healthy_run_did_not_see_it_either(
    pool, run, add_source, offer
):
    await pool.execute(
        "UPDATE runs SET state = 'done', started_at = started_at - interval '1 h' WHERE id = $1",
        run.id,
    )
    broken = await begin(pool, "lot")
    await pool.execute("UPDATE runs SET state = 'failed' WHERE id = $1", broken.id)
    theirs = await begin(pool, "other")
    await pool.execute("UPDATE runs SET state = 'done' WHERE id = $1", theirs.id)
    now = await begin(pool, "lot")
    await offer("long ago", -3_601)
    await offer("an hour ago", -3_599)
    (piece,) = [piece async for piece in unseen(pool, now)]
    assert {one.external_id: one.missed_before for one in piece} == {
        "long ago": True,
        "an hour ago": False,
    }


async def test_what_a_run_did_not_see_leaves_and_nothing_else(pool, run, offer, monkeypatch):
    monkeypatch.setattr(departures, "BATCH", 2)
    for name in "BAC":
        await offer(name, -1)
    await offer("seen since", 1)
    await offer("gone before", -60, active=False)
    await offer("theirs", -60, source="other")
    assert [gone async for gone in depart(pool, run)] == [2, 1]
    assert await _live(pool) == ["lot seen since", "other theirs"]
    assert await pool.fetchval("SELECT gone FROM runs WHERE id = $1", run.id) == 3
    shown = await pool.fetch("SELECT key FROM listings WHERE active ORDER BY key")
    assert [row["key"] for row in shown] == ["lotseen since", "othertheirs"]
    left = "SELECT count(*) FROM offers WHERE card_digest IS NULL AND changed_at > first_seen_at"
    assert await pool.fetchval(left) == 3


async def test_what_says_itself_that_it_is_gone_leaves_and_counts_once(pool, run, offer):
    for name, source in (("A", "lot"), ("B", "lot"), ("A", "other")):
        await offer(name, -1, source=source)
    await offer("gone before", -60, active=False)
    named = ["A", "gone before", "unheard of"]
    assert await transact(pool, lambda connection: retire(connection, run, named)) == 1
    assert await _live(pool) == ["lot B", "other A"]
    changed = "SELECT external_id FROM offers WHERE changed_at > first_seen_at"
    assert [row["external_id"] for row in await pool.fetch(changed)] == ["A"]
    read_again = "SELECT count(*) FROM offers WHERE card_digest IS NULL AND run_id = $1"
    assert await pool.fetchval(read_again, run.id) == 2
