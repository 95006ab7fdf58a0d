"""What workers leave for one another in Valkey, and what is too much."""

import asyncio

import pytest

from engine import version
from service.caching import shared
from service.caching.shared import MOST_BYTES, MOST_GATHERED, Shared


async def kept(of: Shared) -> None:
    """Return when nothing is on its way to Valkey."""
    if of._handing is not None:
        async with asyncio.timeout(30):
            await of._handing


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "PATIENCE_SECONDS", 60.0)


async def test_answers_of_one_moment_are_handed_over_together(valkey_url, monkeypatch):
    async with version.connect(valkey_url) as valkey:
        answers, put, sizes = Shared(valkey), Shared._put, []

        async def counted(self: Shared, given: dict[str, bytes]) -> None:
            sizes.append(len(given))
            await put(self, given)

        monkeypatch.setattr(Shared, "_put", counted)
        for number in range(5):
            answers.keep(f"together:{number}", b"answer %d" % number)
        await kept(answers)
        assert sizes == [5]
        found = [await answers.get(f"together:{number}") for number in range(5)]
        assert found == [b"answer %d" % number for number in range(5)]
        assert 0 < await valkey.ttl("together:0") <= shared.SECONDS


async def test_what_comes_while_others_are_handed_over_follows_them(valkey_url, monkeypatch):
    async with version.connect(valkey_url) as valkey:
        answers, put = Shared(valkey), Shared._put

        async def another(self: Shared, given: dict[str, bytes]) -> None:
            if "first" in given:
                self.keep("second", b"2")
            await put(self, given)

        monkeypatch.setattr(Shared, "_put", another)
        answers.keep("first", b"1")
        await kept(answers)
        assert [await answers.get(key) for key in ("first", "second")] == [b"1", b"2"]


async def test_what_is_too_much_or_too_large_is_not_kept(valkey_url):
    async with version.connect(valkey_url) as valkey:
        answers = Shared(valkey)
        answers.keep("large", bytes(MOST_BYTES + 1))
        for number in range(MOST_GATHERED + 3):
            answers.keep(f"much:{number}", b"-")
        await kept(answers)
        assert await answers.get("large") is None
        assert await answers.get(f"much:{MOST_GATHERED - 1}") == b"-"
        assert await answers.get(f"much:{MOST_GATHERED}") is None


async def test_a_valkey_that_is_away_costs_nobody_an_answer():
    async with version.connect("redis://127.0.0.1:1/0") as valkey:
        answers = Shared(valkey)
        answers.keep("one", b"-")
        await kept(answers)
        assert await answers.get("one") is None
