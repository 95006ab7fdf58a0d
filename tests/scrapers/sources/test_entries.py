"""`sources.yml`: what is taken, what is refused and in which line."""

import pytest

from catalog.verticals import VERTICALS
from config.settings import ROOT
from config.written import WrittenError
from scrapers.sources.entries import read
from tests.scrapers.sources.conftest import GOOD, SITE


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


def test_every_known_vertical_can_be_sold(file, monkeypatch):
    monkeypatch.setitem(VERTICALS, "boats", VERTICALS["cars"])
    assert read(file(GOOD.replace("cars\n", "boats\n", 1)))[0].vertical == "boats"


def test_a_wrong_recipe_is_told_with_its_own_line_and_one_that_is_not_there_with_the_sources(
    file, tmp_path
):
    path = file(SITE)
    with pytest.raises(WrittenError, match="line 1: the recipe of dealer is not there"):
        read(path)
    (tmp_path / "dealer.yml").write_text("list:\n  items: 'li..car'\n")
    with pytest.raises(WrittenError, match=r"dealer\.yml, line 2: list\.items"):
        read(path)


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
