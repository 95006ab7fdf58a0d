"""Spellings that nothing understood are counted, and told until a vocabulary has them."""

import pytest

from scrapers.normalise import normalise
from scrapers.normalise.draft import Draft
from scrapers.runs import rows as runs
from scrapers.runs.drift import Shares, Watch
from scrapers.runs.rows import Tally
from scrapers.sites.archive import Archive
from scrapers.sites.writer import Reading, Writer
from scrapers.storing import spellings
from scrapers.vins.decoder import Decoder


@pytest.fixture
async def write(pool, add_source):
    """Writes offers with these values, as a run of the source does."""
    await pool.execute("DELETE FROM unknown_spellings")
    await add_source("lot")
    await add_source("other")

    async def store(source: str, *offers: dict[str, str]) -> None:
        run = await runs.begin(pool, source, 1)
        drafts = [
            Draft(source=source, external_id=str(n), values={"make": "Ford", **values})
            for n, values in enumerate(offers)
        ]
        watch, archive = Watch(Shares(), Shares()), Archive(pool, run, "", Tally())
        writer = Writer(pool, run, Tally(), Decoder(pool), watch, archive, list, dict)
        await writer.write([Reading(normalise(draft)) for draft in drafts])

    return store


async def test_they_are_counted_over_offers_and_sources(pool, write) -> None:
    await write("lot", {"exterior_color": "Qwx"}, {"exterior_color": "Qwx"}, {"make": "Zorb"})
    await write("other", {"exterior_color": "Qwx", "drivetrain": "sideways"})
    told = await spellings.unknown(pool)
    assert [(each.field, each.spelling, each.seen, each.sources) for each in told] == [
        ("color", "Qwx", 3, ["lot", "other"]),
        ("drivetrain", "sideways", 1, ["other"]),
        ("make", "Zorb", 1, ["lot"]),
    ]
    assert [each.field for each in await spellings.unknown(pool, "make")] == ["make"]


async def test_what_is_understood_by_now_is_not_told(pool, write) -> None:
    await write("lot", {"exterior_color": "Qwx"})
    await pool.execute("UPDATE unknown_spellings SET spelling = 'Red'")
    assert await spellings.unknown(pool) == []


async def test_a_source_that_makes_them_up_is_bounded(pool, write, monkeypatch) -> None:
    monkeypatch.setattr(spellings, "MOST", 3)
    await write("lot", *({"exterior_color": f"Qwx{n}"} for n in range(3)))
    await write("lot", {"exterior_color": "Qwx1"}, {"exterior_color": "Qwx77"})
    told = {each.spelling: each.seen for each in await spellings.unknown(pool)}
    assert told == {"Qwx0": 1, "Qwx1": 2, "Qwx2": 1}


async def test_what_says_nothing_is_no_unknown_spelling(pool, write) -> None:
    await write("lot", {"exterior_color": "Not Specified", "body_type": "Other"})
    assert await spellings.unknown(pool) == []
