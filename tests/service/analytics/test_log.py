import asyncio
from datetime import UTC, datetime

import asyncpg
import pytest

from catalog.database import connect
from service.analytics import log as event_log
from service.analytics.events import (
    TABLES,
    ListingRow,
    Row,
    SearchRow,
    new_id,
    new_number,
    remembered,
)
from service.analytics.log import EventLog, _copy


def search(q: str = "red suv") -> SearchRow:
    now = datetime.now(UTC)
    return SearchRow(new_id(now), now, "listings", 7, q, ["make=Kia", "price_max"], 3, 1)


async def rows(pool: asyncpg.Pool, table: str) -> list[tuple]:
    return [tuple(row) for row in await pool.fetch(f"SELECT * FROM {table} ORDER BY at")]


async def test_what_is_put_is_written_as_it_is(postgres_url: str) -> None:
    log = EventLog()
    one = search()
    click = ListingRow(new_number(), one.at, one.query_id, "click", "KEY1", 2)
    async with connect(postgres_url) as pool:
        await pool.execute("TRUNCATE search_events, listing_events, event_losses")
        log.put(one)
        log.put(click)
        assert await log.write(pool, 30)
        assert await rows(pool, "search_events") == [tuple(one)]
        assert await rows(pool, "listing_events") == [tuple(click)]
    assert (log.written, log.lost) == (2, 0)


async def test_what_is_remembered_is_written_whatever_is_in_it(postgres_url: str) -> None:
    log = EventLog()
    odd = search()._replace(**remembered("a\0b \ud800", ["x\0", "y\udfff"])._asdict())
    async with connect(postgres_url) as pool:
        await pool.execute("TRUNCATE search_events, listing_events, event_losses")
        log.put(odd)
        assert await log.write(pool, 30)
        assert await rows(pool, "search_events") == [tuple(odd)]
    assert (odd.q, odd.filters) == ("a b ?", ["x ", "y?"])


async def test_rows_wait_for_postgres_within_a_bound_and_losses_are_told(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log, "MOST_WAITING", 3)
    log = EventLog()
    put = [search(f"search {number}") for number in range(5)]
    assert [log.put(one) for one in put] == [True] * 3 + [False] * 2
    log.lose(2)
    async with connect("postgresql://x@127.0.0.1:9/none", min_size=0) as away:
        assert not await log.write(away, 30)
    assert (len(log), log.lost) == (3, 2)
    async with connect(postgres_url) as pool:
        await pool.execute("TRUNCATE search_events, listing_events, event_losses")
        assert await log.write(pool, 30)
        assert sorted(row[4] for row in await rows(pool, "search_events")) == [
            one.q for one in put[:3]
        ]
        assert await pool.fetchval("SELECT sum(events) FROM event_losses") == 2
        log.put(search("later"))
        assert await log.write(pool, 30)
        assert await pool.fetchval("SELECT sum(events) FROM event_losses") == 2, "told once"
    assert log.written == 4


async def test_a_refused_batch_is_lost_and_the_next_is_written(postgres_url: str) -> None:
    log = EventLog()
    async with connect(postgres_url) as pool:
        await pool.execute("TRUNCATE search_events, listing_events, event_losses")
        log.put(search("a\0b"))
        await log.write(pool, 30)
        assert log.lost == 1
        log.put(search("good"))
        assert await log.write(pool, 30)
        assert [row[4] for row in await rows(pool, "search_events")] == ["good"]
        assert await pool.fetchval("SELECT sum(events) FROM event_losses") == 1


@pytest.mark.parametrize("kind", [SearchRow, ListingRow])
async def test_a_batch_whose_answer_was_lost_is_not_written_twice(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, kind: type[Row]
) -> None:
    log = EventLog()
    async with connect(postgres_url) as pool:
        await pool.execute("TRUNCATE search_events, listing_events, event_losses")
        log.put(*[search() if kind is SearchRow else click() for _ in range(2)])
        with monkeypatch.context() as patch:
            patch.setattr(event_log, "_copy", _unheard)
            assert not await log.write(pool, 30)
        assert await log.write(pool, 30)
        assert len(await rows(pool, TABLES[kind])) == 2
    assert (len(log), log.written, log.lost) == (0, 2, 0)


async def test_losses_of_a_batch_whose_answer_was_lost_are_told_once(postgres_url: str) -> None:
    log = EventLog()
    one = search()
    async with connect(postgres_url) as pool:
        await pool.execute("TRUNCATE search_events, listing_events, event_losses")
        log.put(one)
        log.lose(1)
        assert await log.write(pool, 30)
        log.put(one)
        log._untold = 1  # as before: the answer of that write was lost
        assert await log.write(pool, 30)
        log.put(search("later"))
        assert await log.write(pool, 30)
        assert await pool.fetchval("SELECT sum(events) FROM event_losses") == 1


async def test_losses_alone_whose_answer_was_lost_are_told_once(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = EventLog()
    async with connect(postgres_url) as pool:
        await pool.execute("TRUNCATE search_events, listing_events, event_losses")
        log.lose(2)
        with monkeypatch.context() as patch:
            patch.setattr(event_log, "_copy", _unheard)
            assert not await log.write(pool, 30)
        log.lose(3)
        assert await log.write(pool, 30)  # once more: it is there
        assert await log.write(pool, 30)
        told = await pool.fetch("SELECT events FROM event_losses ORDER BY events")
        assert [row["events"] for row in told] == [2, 3]
    assert log.lost == 5
    assert not log._pending


async def test_what_waits_is_written_at_the_end(postgres_url: str) -> None:
    log = EventLog()
    async with connect(postgres_url) as pool:
        await pool.execute("TRUNCATE search_events, listing_events, event_losses")
        async with log.kept(pool):
            log.put(search())
        assert len(await rows(pool, "search_events")) == 1


async def test_what_no_postgres_would_take_is_lost_and_the_writing_goes_on(
    postgres_url: str,
) -> None:
    log = EventLog()
    async with connect(postgres_url) as pool:
        await pool.execute("TRUNCATE search_events, listing_events, event_losses")
        async with log.kept(pool), asyncio.timeout(60):
            log.put(search()._replace(visitor=2**64))  # no column is so wide
            while not log.lost:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            log.put(search("good"))
            while not log.written:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert [row[4] for row in await rows(pool, "search_events")] == ["good"]
        assert await pool.fetchval("SELECT sum(events) FROM event_losses") == 1


async def test_losses_are_told_though_nothing_else_comes(postgres_url: str) -> None:
    log = EventLog()
    async with connect(postgres_url) as pool:
        await pool.execute("TRUNCATE search_events, listing_events, event_losses")
        async with log.kept(pool), asyncio.timeout(60):
            log.put(search("a\0b"))
            while not await pool.fetchval("SELECT sum(events) FROM event_losses"):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert await pool.fetchval("SELECT sum(events) FROM event_losses") == 1


async def test_losses_are_told_at_the_end(postgres_url: str) -> None:
    log = EventLog()
    async with connect(postgres_url) as pool:
        await pool.execute("TRUNCATE search_events, listing_events, event_losses")
        async with log.kept(pool):
            log.put(search("a\0b"))
        assert await pool.fetchval("SELECT sum(events) FROM event_losses") == 1


async def test_losses_that_cannot_be_told_are_not_told_over_and_over_at_the_end(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[event_log.Batch] = []

    async def refuse(_connection: asyncpg.Connection, batch: event_log.Batch) -> None:
        tried.append(batch)
        raise asyncpg.UndefinedTableError("there is no such table")

    monkeypatch.setattr(event_log, "_copy", refuse)
    log = EventLog()
    log.put(search())
    async with connect(postgres_url) as pool:
        await log._finish(pool)
    assert ([len(batch) for batch in tried], log.lost) == ([1, 0], 1)


async def test_rows_wait_for_a_postgres_that_is_full(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = EventLog()
    async with connect(postgres_url) as pool:
        await pool.execute("TRUNCATE search_events, listing_events, event_losses")
        log.put(search())
        with monkeypatch.context() as patch:
            patch.setattr(event_log, "_copy", _full)
            assert not await log.write(pool, 30)
        assert await log.write(pool, 30)
    assert (log.written, log.lost) == (1, 0)


async def _full(*_: object) -> None:
    raise asyncpg.TooManyConnectionsError("sorry, too many clients already")


def click() -> ListingRow:
    one = search()
    return ListingRow(new_number(), one.at, one.query_id, "click", "KEY1", 2)


async def test_clicks_push_out_no_searches(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log, "MOST_WAITING", 5)
    log = EventLog()
    assert log.put(*[click() for _ in range(3)])
    assert not log.put(*[click() for _ in range(3)]), "all or none"
    assert log.put(click(), click())
    for _ in range(5):
        assert log.put(search())
    assert (len(log), log.lost) == (10, 0)
    async with connect("postgresql://x@127.0.0.1:9/none", min_size=0) as away:
        assert not await log.write(away, 30)
    assert not log.put(click()), "those that are being written count"
    async with connect(postgres_url) as pool:
        await pool.execute("TRUNCATE search_events, listing_events, event_losses")
        assert await log.write(pool, 30)
        assert await pool.fetchval("SELECT count(*) FROM search_events") == 5
        assert await pool.fetchval("SELECT count(*) FROM listing_events") == 5
    assert len(log) == 0


async def test_rows_that_came_after_a_batch_whose_answer_was_lost_are_written(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = EventLog()
    async with connect(postgres_url) as pool:
        await pool.execute("TRUNCATE search_events, listing_events, event_losses")
        log.put(search("first"))
        with monkeypatch.context() as patch:
            patch.setattr(event_log, "_copy", _unheard)
            assert not await log.write(pool, 30)
        log.put(search("second"))
        while len(log):
            assert await log.write(pool, 30)
        assert [row[4] for row in await rows(pool, "search_events")] == ["first", "second"]
    assert (log.written, log.lost) == (2, 0)


async def _unheard(connection: asyncpg.Connection, batch: event_log.Batch) -> None:
    await _copy(connection, batch)
    raise ConnectionResetError


async def test_a_few_rows_that_come_while_others_are_written_wait_for_the_next_batch(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = EventLog()
    wrote = asyncio.Event()

    async def write(_connection: asyncpg.Connection, _batch: event_log.Batch) -> None:
        monkeypatch.setattr(event_log, "EVERY_SECONDS", 3600)
        if not wrote.is_set():
            log.put(search("meanwhile"))
        wrote.set()

    monkeypatch.setattr(event_log, "EVERY_SECONDS", 0)
    monkeypatch.setattr(event_log, "_copy", write)
    log.put(search())
    async with connect(postgres_url) as pool, log.kept(pool):
        await wrote.wait()
        await asyncio.sleep(0.2)  # long enough for another, if there were one
        assert (log.written, len(log)) == (1, 1)
