import asyncio
import logging
from collections.abc import Callable
from typing import NoReturn

import pytest

from config.settings import Settings
from service import background
from service.analytics import popular
from service.analytics.visitors import Visitors
from service.background import meanwhile
from service.caching.versions import Versions
from service.suggesting.suggester import Suggester
from tests.service.caching.test_outages import until

SOON = 0.001


class Faulty:
    """Work that breaks off so often before it goes on for ever."""

    def __init__(self, faults: int) -> None:
        self.faults = faults
        self.begun = 0
        self.goes_on = asyncio.Event()
        self.ended = False

    async def work(self) -> NoReturn:
        self.begun += 1
        if self.begun <= self.faults:
            raise KeyError("nobody thought of this")
        self.goes_on.set()
        try:
            while True:
                await asyncio.Event().wait()
        finally:
            self.ended = True


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "FIRST_SECONDS", SOON)


@pytest.mark.usefixtures("soon")
async def test_work_that_broke_off_is_logged_and_begins_anew(caplog: pytest.LogCaptureFixture):
    faulty = Faulty(faults=3)
    async with meanwhile("The work", faulty.work):
        await asyncio.wait_for(faulty.goes_on.wait(), 60)
    told = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert told == [
        f"The work broke off, and begins anew in {pause:g} s."
        for pause in (SOON, 2 * SOON, 4 * SOON)
    ]
    assert "nobody thought of this" in caplog.text


async def test_work_ends_with_its_block():
    faulty = Faulty(faults=0)
    async with meanwhile("The work", faulty.work):
        await asyncio.wait_for(faulty.goes_on.wait(), 60)
    assert faulty.ended


async def test_a_fault_of_the_block_ends_the_work_and_is_raised():
    faulty = Faulty(faults=0)

    async def block() -> None:
        async with meanwhile("The work", faulty.work):
            await asyncio.wait_for(faulty.goes_on.wait(), 60)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await block()
    assert faulty.ended


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize(
    ("place", "name"),
    [
        (Versions, "follow"),
        (Suggester, "keep"),
        (Visitors, "keep"),
        (popular, "keep"),
    ],
)
def test_nothing_that_a_worker_does_beside_requests_ends_by_a_fault(
    place: object,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    serve: Callable,
    filled: tuple[str, str],
    postgres_url: str,
    valkey_url: str,
):
    work = getattr(place, name)
    begun = []

    async def once_faulty(*given: object) -> NoReturn:
        begun.append(given)
        if len(begun) == 1:
            raise KeyError("nobody thought of this")
        await work(*given)

    monkeypatch.setattr(place, name, once_faulty)
    url, key = filled
    settings = Settings(
        meili_url=url, meili_master_key=key, database_url=postgres_url, redis_url=valkey_url
    )
    with serve(settings):
        until(lambda: len(begun) > 1, "it ended unseen")
