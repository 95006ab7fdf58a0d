"""An index that takes another's name is ready for what was asked of that name."""

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from meililite.errors import ApiError
from meililite.index import snapshot
from meililite.processes.reader import Reading
from meililite.registry import tasks
from meililite.registry.database import Database
from meililite.registry.indexes import Index, Indexes
from meililite.registry.tasks import NewTask
from meililite.scheduler import warming
from meililite.scheduler.run import Scheduler
from tests.meililite.index.conftest import build_index

CARS = [{"id": n, "make": f"make{n % 3}", "price": n, "seats": n % 5} for n in range(20)]
SETTINGS = {"filterableAttributes": ["make", "price", "seats"], "sortableAttributes": ["price"]}
ASKED = {"indexUid": "cars", "filter": "make = make1", "facets": ["seats"], "sort": ["price:asc"]}
VERSION = 2  # that is made of them


@pytest.fixture
def reading(tmp_path: Path) -> Reading:
    """A process that reads the indexes `old` and `new`, and `plain`, which has no settings."""
    for name, settings in (("old", SETTINGS), ("new", SETTINGS), ("plain", {})):
        assert build_index(tmp_path / name, CARS, settings).reader.version == VERSION
    return Reading(tmp_path)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The columns that are made from segments, as that happens."""
    columns, make = [], snapshot.Snapshot._overlaid

    def noted(self: Any, name: str) -> Any:
        columns.append(name)
        return make(self, name)

    monkeypatch.setattr(snapshot.Snapshot, "_overlaid", noted)
    return columns


def _warm(reading: Reading, uuid: str, uid: str) -> int:
    """Until all is warm; in how many pieces."""
    pieces = 1
    while orjson.loads(reading.warm(uuid, VERSION, uid)):
        pieces += 1
    return pieces


def test_a_search_of_a_warm_index_finds_all_it_needs(reading: Reading, made: list[str]) -> None:
    answer = reading.search("old", VERSION, ASKED)
    facet = {"indexUid": "cars", "facetName": "make", "facetQuery": "make1"}
    found = reading.facet_search("old", VERSION, facet)
    needed = sorted(made)
    made.clear()
    assert _warm(reading, "new", "cars") == 2
    assert sorted(made) == needed != []
    made.clear()
    assert reading.search("new", VERSION, ASKED) == answer
    assert reading.facet_search("new", VERSION, facet) == found
    assert made == []


def test_each_query_of_the_name_is_asked_once(reading: Reading) -> None:
    for query in ({**ASKED, "q": "1"}, {**ASKED, "q": "2"}, {**ASKED, "q": "1"}):
        reading.search("old", VERSION, query)
    reading.search("old", VERSION, {**ASKED, "indexUid": "others"})
    assert _warm(reading, "new", "cars") == 2


def test_only_the_last_queries_are_asked(reading: Reading) -> None:
    for number in range(100):
        reading.search("old", VERSION, {**ASKED, "q": f"{number}"})
    assert _warm(reading, "new", "cars") == 32


def test_long_queries_are_not_asked(reading: Reading) -> None:
    reading.search("old", VERSION, {**ASKED, "q": "long " * 10_000})
    assert reading._recent.of("cars") == []


def test_what_was_asked_since_the_last_swap_counts_at_the_next(reading: Reading) -> None:
    reading.search("old", VERSION, ASKED)
    assert _warm(reading, "new", "cars") == 1
    for number in range(2):
        reading.search("new", VERSION, {**ASKED, "q": f"{number}"})
    assert _warm(reading, "old", "cars") == 3


def test_what_the_other_index_refuses_does_not_matter(reading: Reading) -> None:
    reading.search("old", VERSION, ASKED)
    with pytest.raises(ApiError):
        reading.search("plain", VERSION, {**ASKED, "indexUid": "plain"})
    assert _warm(reading, "plain", "cars") == 1


def test_an_index_that_nobody_asks_for_rests(reading: Reading, made: list[str]) -> None:
    reading.search("old", VERSION, ASKED)
    reading.rest("old", "cars")
    made.clear()
    reading.search("old", VERSION, ASKED)
    assert made == []
    reading.rest("old", "before")
    reading.search("old", VERSION, ASKED)
    assert made != []


def test_names_that_keep_their_index_or_are_new_need_no_warming() -> None:
    old, new = (Index("cars", uuid, None, 0, 0, 7) for uuid in ("old", "new"))
    changed = Index("cars", "old", None, 0, 0, 8)
    assert warming._other({"cars": old}, {"cars": new}) == [("cars", new)]
    assert warming._other({"cars": old}, {"cars": changed}) == []
    assert warming._other({"cars": old}, {"cars": None, "trucks": new}) == []


class _Readers:
    """Stands for the processes; notes what they are asked, and what the name shows then."""

    def __init__(self, indexes: Indexes, fault: Exception | None) -> None:
        self.indexes = indexes
        self.fault = fault
        self.warmed: list[tuple[Any, ...]] = []
        self.rested: list[tuple[Any, ...]] = []
        self.readers = self

    def _shown(self, uid: str) -> str:
        return f"shows {self.indexes[uid].uuid}"

    async def in_pieces(self, operation: str, uuid: str, version: int, uid: str) -> None:
        assert operation == "warm"
        self.warmed.append((uuid, version, uid, self._shown(uid)))
        if isinstance(self.fault, TimeoutError):
            await asyncio.Future()
        if self.fault is not None:
            raise self.fault

    async def each(self, operation: str, uuid: str, uid: str) -> None:
        assert operation == "rest"
        self.rested.append((uuid, uid, self._shown(uid)))


FAULTS = [None, ApiError("internal", "it ended"), RuntimeError("oops"), TimeoutError()]


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
async def test_a_name_shows_another_index_when_that_is_warm_or_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception | None
) -> None:
    if isinstance(fault, TimeoutError):
        monkeypatch.setattr(warming, "_LONGEST", 0.01)
    database = Database(tmp_path / "registry.sqlite")
    for uid in ("cars", "cars_g2"):
        row = (uid, f"of {uid}", None, 0, 0, 7, "{}", "{}")
        database.change(
            lambda db, row=row: db.execute("INSERT INTO indexes VALUES (?,?,?,?,?,?,?,?)", row)
        )
    swaps = [{"indexes": ["cars", "cars_g2"], "rename": False}]
    swap = NewTask("indexSwap", None, {"swaps": swaps})
    database.change(lambda connection: tasks.enqueue(connection, swap))
    indexes = Indexes(database)
    readers = _Readers(indexes, fault)
    scheduler = Scheduler(database, indexes, readers, tmp_path)
    running = asyncio.create_task(scheduler.run())
    scheduler.wake()
    async with asyncio.timeout(20):
        while len(readers.rested) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    running.cancel()
    assert database.read("SELECT status FROM tasks")[0][0] == "succeeded"
    assert sorted(readers.warmed) == [
        ("of cars", 7, "cars_g2", "shows of cars_g2"), ("of cars_g2", 7, "cars", "shows of cars")
    ]  # fmt: skip
    assert sorted(readers.rested) == [
        ("of cars", "cars_g2", "shows of cars"), ("of cars_g2", "cars", "shows of cars_g2")
    ]  # fmt: skip
    database.close()
