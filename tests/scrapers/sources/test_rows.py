"""Sources as rows: what the file says, when they are due, how their pages are read."""

import pytest

from config.settings import load
from config.written import WrittenError
from scrapers.sources import rows as sources
from scrapers.sources.entries import read
from scrapers.sources.rows import SourcesError, load_into, parser_of, resolve
from tests.scrapers.sources.conftest import GOOD, SITE

RECIPE = "list: {jsonld: true}\ndetail: {jsonld: true}\n"


def settings(path, market_url=None):
    return load(sources=path, market_url=market_url)


def test_a_variable_is_replaced_and_an_empty_one_switches_the_source_off(file):
    path = file(GOOD)
    two = read(path)[1]
    assert resolve(two, settings(path, "http://127.0.0.1:9")).start_url == (
        "http://127.0.0.1:9/shopping/results/"
    )
    assert resolve(two, settings(path, "http://127.0.0.1:9")).enabled
    assert not resolve(two, settings(path)).enabled


async def test_rows_say_what_the_file_says(pool, file):
    path = file(GOOD)
    await load_into(pool, settings(path))
    rows = await pool.fetch("SELECT name, enabled, every, rate FROM sources ORDER BY name")
    assert [tuple(row) for row in rows] == [("one", True, 14_400, 2.0), ("two", False, 90, None)]
    await load_into(pool, settings(file(GOOD.replace("4h", "1d")), "http://127.0.0.1:9"))
    rows = await pool.fetch("SELECT every, enabled FROM sources ORDER BY name")
    assert [tuple(row) for row in rows] == [(86_400, True), (90, True)]


async def test_a_site_that_left_the_file_is_switched_off_and_a_feed_is_not(pool, file):
    await load_into(pool, settings(file(GOOD)))
    await pool.execute(
        "INSERT INTO sources (name, vertical, start_url, parser, every)"
        " VALUES ('stock', 'cars', 'stock.csv', 'file', 1)"
    )
    await load_into(pool, settings(file(GOOD[: GOOD.index("# A comment")].replace("one", "uno"))))
    rows = await pool.fetch("SELECT name FROM sources WHERE enabled ORDER BY name")
    assert [row["name"] for row in rows] == ["stock", "uno"]


async def test_a_wrong_file_changes_nothing(pool, file):
    with pytest.raises(WrittenError):
        await load_into(pool, settings(file(GOOD.replace("90s", "soon"))))
    assert await pool.fetchval("SELECT count(*) FROM sources") == 0


async def test_a_source_asked_for_more_often_is_due_sooner(pool, file):
    await load_into(pool, settings(file(GOOD)))
    await pool.execute("UPDATE sources SET next_run_at = now() + interval '1 day'")
    await load_into(pool, settings(file(GOOD.replace("4h", "1h"))))
    due = "SELECT next_run_at - now() < interval '61 minutes' FROM sources WHERE name = 'one'"
    assert await pool.fetchval(due)


async def test_a_source_with_a_schedule_waits_for_its_first_time_and_for_a_new_one(pool, file):
    due = "SELECT to_char(next_run_at, 'HH24:MI') FROM sources WHERE name = 'one'"
    await load_into(pool, settings(file(GOOD.replace("every: 4h", "schedule: 30 3 * * *"))))
    assert await pool.fetchval(due) == "03:30"
    assert await pool.fetchval("SELECT next_run_at > now() FROM sources WHERE name = 'one'")
    await pool.execute("UPDATE sources SET next_run_at = '2030-01-01 05:00Z'")
    await load_into(pool, settings(file(GOOD.replace("every: 4h", "schedule: 30 3 * * *"))))
    assert await pool.fetchval(due) == "05:00"
    await load_into(pool, settings(file(GOOD.replace("every: 4h", "schedule: 45 3 * * *"))))
    assert await pool.fetchval(due) == "03:45"


async def test_a_changed_precedence_asks_for_its_listings_once(pool, file):
    await load_into(pool, settings(file(GOOD)))
    assert await pool.fetchval("SELECT count(*) FROM jobs") == 0
    for _ in range(2):
        await load_into(pool, settings(file(GOOD.replace("precedence: 10", "precedence: 7"))))
    jobs = await pool.fetch("SELECT kind, args FROM jobs")
    assert [tuple(job) for job in jobs] == [("precedence", {"source": "one"})]


async def test_only_a_site_that_is_on_can_be_crawled(pool, file):
    await load_into(pool, settings(file(GOOD)))
    await pool.execute(
        "INSERT INTO sources (name, vertical, start_url, parser, every)"
        " VALUES ('stock', 'cars', 'stock.csv', 'file', 1)"
    )
    assert (await sources.one(pool, "one")).rate == 2.0
    for name, words in [("two", "switched off"), ("nine", "no source"), ("stock", "no site")]:
        with pytest.raises(SourcesError, match=words):
            await sources.one(pool, name)


async def test_a_recipe_is_kept_with_its_source_and_reads_its_pages(pool, file, tmp_path):
    path = file(SITE)
    (tmp_path / "dealer.yml").write_text(RECIPE)
    (source,) = await load_into(pool, settings(path))
    assert source.start_url == (
        "https://dealer.example/used?sort=new&make=honda&make=kia&zip=32114"
    )
    (tmp_path / "dealer.yml").unlink()  # a worker on another machine never had it
    stored = await sources.one(pool, "dealer")
    assert (stored.parser, stored.recipe) == ("recipe", RECIPE)
    page = (
        b'<script type="application/ld+json">{"@type": "Car", "name": "Kia", "sku": "7"}</script>'
    )
    assert parser_of(stored).parse_results(page, source.start_url).items[0].external_id == "7"
    await load_into(pool, settings(file("")))
    assert not await pool.fetchval("SELECT enabled FROM sources")


def test_a_recipe_that_reads_in_another_way_has_another_version(pool, file, tmp_path):
    path = file(SITE)
    (tmp_path / "dealer.yml").write_text(RECIPE)
    (one,) = (resolve(entry, settings(path)) for entry in read(path))
    (tmp_path / "dealer.yml").write_text(RECIPE + "# more\n")
    (two,) = (resolve(entry, settings(path)) for entry in read(path))
    assert parser_of(one).version not in ("", parser_of(two).version)


def test_a_feed_is_a_source_by_its_address_or_its_file(file, tmp_path):
    path = file("stock:\n  vertical: cars\n  feed: lots/stock.csv\n  every: 1d\n")
    (entry,) = read(path)
    source = resolve(entry, settings(path))
    assert (source.parser, source.start_url) == ("feed", str(tmp_path / "lots/stock.csv"))
    path = file("stock:\n  vertical: cars\n  feed: https://a.example/f.csv\n  every: 1d\n")
    assert resolve(read(path)[0], settings(path)).start_url == "https://a.example/f.csv"
