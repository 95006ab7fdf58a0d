"""The end of the pipe: batches, and rows that the database refuses."""

import asyncio

import pytest

from catalog.cars import OfferRow
from jobs import reports
from scrapers.runs.drift import Shares, Watch
from scrapers.runs.rows import Tally
from scrapers.sites.archive import Archive
from scrapers.sites.writer import BATCH, Departure, Failure, Reading, Sighting, Writer
from scrapers.vins.decoder import Decoder
from tests.scrapers.lot import vin


def reading(number: int, **said) -> Reading:
    values = {"vin": vin(number), "make": "Ford", "has_detail": True} | said
    return Reading(OfferRow(source="lot", external_id=f"car-{number}", **values))


class Pipe:
    """A writer, and what it told."""

    def __init__(self, pool, run) -> None:
        self.written: list[str] = []
        self.progress: dict = {}
        self.tally = Tally()
        watch = Watch(Shares(), Shares())
        archive = Archive(pool, run, "", self.tally)
        self.writer = Writer(
            pool,
            run,
            self.tally,
            Decoder(pool),
            watch,
            archive,
            self.written.extend,
            self.progress.update,
        )


@pytest.fixture
def pipe(pool, run) -> Pipe:
    return Pipe(pool, run)


async def test_rows_that_the_database_refuses_keep_no_other_out(pool, run, pipe):
    batch = [reading(n) for n in range(20)]
    batch[7] = reading(7, price=2**40)
    batch[13] = reading(13, lat=95.0, lng=0.0)
    await pipe.writer.write(batch)
    assert await pool.fetchval("SELECT count(*) FROM offers") == 18
    row = await reports.run(pool, run.id)
    assert (row["items"], row["new"], row["failed"]) == (20, 18, 2)
    assert row["problems"] == {"write/refused": 2}
    assert len(pipe.written) == 20


async def test_each_kind_of_finding_is_counted_as_what_it_is(pool, run, pipe):
    await pipe.writer.write([reading(n) for n in range(1, 6)])
    pipe.tally.pages += 7
    batch = [
        Sighting("car-1"),
        Departure("car-2"),
        Departure("never-stored"),
        Failure("car-3", ["vin/form"]),
        reading(4, price=1_000),
        reading(5),
    ]
    await pipe.writer.write(batch)
    row = await reports.run(pool, run.id)
    counted = {
        name: row[name] for name in ("items", "new", "changed", "unchanged", "failed", "gone")
    }
    assert counted == {
        "items": 11, "new": 5, "changed": 1, "unchanged": 2, "failed": 1, "gone": 1
    }  # fmt: skip
    assert (row["pages"], row["problems"]) == (7, {"vin/form": 1})
    assert pipe.progress["items"] == 11
    assert pipe.tally == Tally()


async def test_what_waits_is_written_after_a_moment_though_more_could_come(pool, pipe, monkeypatch):
    monkeypatch.setattr("scrapers.sites.writer.LINGER", 0.05)
    task = asyncio.create_task(pipe.writer.work())
    await pipe.writer.put(reading(1))
    for _ in range(500):
        if pipe.written:
            break
        await asyncio.sleep(0.01)
    assert pipe.written == ["car-1"]
    assert not task.done()
    await pipe.writer.close()
    await asyncio.wait_for(task, 5)


async def test_a_full_batch_does_not_wait(pool, pipe, monkeypatch):
    monkeypatch.setattr("scrapers.sites.writer.LINGER", 3_600)
    for number in range(BATCH):
        await pipe.writer.put(reading(number))
    task = asyncio.create_task(pipe.writer.work())
    for _ in range(1_000):
        if pipe.written:
            break
        await asyncio.sleep(0.01)
    assert len(pipe.written) == BATCH
    await pipe.writer.close()
    await asyncio.wait_for(task, 5)
