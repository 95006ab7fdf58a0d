"""`sources.yml`: what is taken, what is refused and in which line."""

import pytest

from catalog.verticals import VERTICALS
from config.settings import ROOT, load
from config.written import WrittenError
from scrapers.sources import rows as sources
from scrapers.sources.entries import read
from scrapers.sources.rows import SourcesError, load_into, parser_of, resolve

GOOD = """\
one:
  vertical: cars
  start_url: https://one.example/shopping/results/
  parser: cars_com
  every: 4h
  rate: 2/s
  precedence: 10

# A comment moves the lines.
two:
  vertical: cars
  start_url: ${SHOWROOM_MARKET_URL}/shopping/results/
  parser: cars_com
  every: 90s
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "sources.yml"

    def write(text: str):
        path.write_text(text)
        return path

    return write


def settings(path, market_url=None):
    return load(sources=path, market_url=market_url)


def test_a_good_file_is_read(file):
    one, two = read(file(GOOD))
    assert (one.name, one.every, one.rate, one.precedence) == ("one", 14_400, 2.0, 10)
    assert (two.name, two.every, two.rate, two.precedence) == ("two", 90, None, 100)


def test_the_file_in_the_root_is_good():
    assert [entry.name for entry in read(ROOT / "sources.yml")] == ["market"]


def test_an_empty_file_has_no_sources(file):
    assert read(file("# nothing yet\n")) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("every: 4h", "every: often", 5, "every of one: say it as 30s, 10m, 4h or 1d"),
        ("every: 4h", "every: 0s", 5, "greater than or equal to 1"),
        ("rate: 2/s", "rate: fast", 6, "say it as 2/s"),
        ("rate: 2/s", "rate: 0/s", 6, "greater than 0"),
        ("parser: cars_com", "parser: cars.com", 4, "there are: cars_com"),
        ("vertical: cars", "vertical: boats", 2, "vertical of one: there is no such vertical"),
        ("https://one", "ftp://one", 3, "http:// or https://"),
        ("${SHOWROOM_MARKET_URL}", "${MARKET}", 12, "there is no variable MARKET"),
        ("precedence: 10", "priority: 10", 7, "priority of one"),
        ("  every: 4h\n", "", 1, "one: it needs either every or schedule"),
        ("every: 4h", "every: 4h\n  schedule: 0 3 * * *", 1, "either every or schedule"),
        ("every: 4h", "schedule: 0 3 * *", 5, "schedule of one: say it as cron does"),
        ("every: 4h", "schedule: 0 3 30 2 *", 5, "Bad day-of-month"),
        ("every: 4h", "schedule: 0 0 3 * * *", 5, "more than five parts"),
        ("two:", "one:", 10, "one is there already, in line 1"),
        ("two:", "Two Words:", 10, "name of Two Words"),
        ("  every: 4h", "  every: 4h\n  every 4", 7, "this is no YAML"),
        ("every: 4h", "every: !!python/name:os.system x", 5, "unknown kind"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(file, old, new, line, words):
    path = file(GOOD.replace(old, new, 1))
    with pytest.raises(WrittenError) as error:
        read(path)
    assert f"{path}, line {line}:" in str(error.value)
    assert words in str(error.value)


@pytest.mark.parametrize(("text", "line"), [("- one\n", 1), ("one:\n", 1), ("one: two\n", 1)])
def test_another_shape_is_refused(file, text, line):
    with pytest.raises(WrittenError, match=f"line {line}:"):
        read(file(text))


def test_a_file_that_is_not_there_says_what_to_do(tmp_path):
    with pytest.raises(WrittenError, match="SHOWROOM_SOURCES"):
        read(tmp_path / "none.yml")


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


def test_every_known_vertical_can_be_sold(file, monkeypatch):
    monkeypatch.setitem(VERTICALS, "boats", VERTICALS["cars"])
    assert read(file(GOOD.replace("cars\n", "boats\n", 1)))[0].vertical == "boats"


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


RECIPE = "list: {jsonld: true}\ndetail: {jsonld: true}\n"
SITE = """\
dealer:
  vertical: cars
  start_url: https://dealer.example/used?sort=new
  filters: {make: [honda, kia], zip: 32114}
  recipe: dealer.yml
  every: 4h
"""


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


def test_a_wrong_recipe_is_told_with_its_own_line_and_one_that_is_not_there_with_the_sources(
    file, tmp_path
):
    path = file(SITE)
    with pytest.raises(WrittenError, match="line 1: the recipe of dealer is not there"):
        read(path)
    (tmp_path / "dealer.yml").write_text("list:\n  items: 'li..car'\n")
    with pytest.raises(WrittenError, match=r"dealer\.yml, line 2: list\.items"):
        read(path)


def test_a_feed_is_a_source_by_its_address_or_its_file(file, tmp_path):
    path = file("stock:\n  vertical: cars\n  feed: lots/stock.csv\n  every: 1d\n")
    (entry,) = read(path)
    source = resolve(entry, settings(path))
    assert (source.parser, source.start_url) == ("feed", str(tmp_path / "lots/stock.csv"))
    path = file("stock:\n  vertical: cars\n  feed: https://a.example/f.csv\n  every: 1d\n")
    assert resolve(read(path)[0], settings(path)).start_url == "https://a.example/f.csv"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("  parser: cars_com\n", "", "line 1: one: it needs one of parser, recipe and feed"),
        ("  rate: 2/s\n", "  feed: a.csv\n", "it needs one of parser, recipe and feed"),
        ("  parser: cars_com\n", "  feed: a.csv\n", "a feed has no start_url"),
        ("  start_url: https://one.example/shopping/results/\n", "", "it needs a start_url"),
    ],
)
def test_a_source_is_read_in_one_way(file, old, new, words):
    with pytest.raises(WrittenError, match=words):
        read(file(GOOD.replace(old, new, 1)))
