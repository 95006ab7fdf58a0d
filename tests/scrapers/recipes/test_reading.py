"""Recipes: what is taken, what is refused and in which line."""

import pytest

from config.written import WrittenError
from scrapers.recipes.reading import parse, read

GOOD = """\
list:
  items: {css: li.car, attribute: data-car}
  next: a.next
  empty: {css: .none, match: No cars}
  fields:
    url: a
    price: .price
    vin: {json: vin}
    zip: {value: "60601"}
detail:
  gone: .sold
  fields:
    mileage: {xpath: "//dd[1]", match: '(\\S+) on the clock', as: mileage}
    year: {css: .since, as: date, format: "%d.%m.%Y"}
"""


def test_a_good_recipe_is_read(tmp_path):
    path = tmp_path / "site.yml"
    path.write_text(GOOD)
    recipe = read(path)
    assert recipe.results.items.css == "li.car"
    assert recipe.results.fields["price"].css == ".price"
    assert recipe.detail.fields["mileage"].kind == "mileage"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("css: li.car", "css: 'li..car'", 2, "'li..car' is no CSS selector"),
        ("css: li.car", "css: 'li:frobnicated'", 2, "no CSS selector"),
        ("price: .price", "price: '..price'", 7, "list.fields.price.css: '..price' is no CSS"),
        ('"//dd[1]"', '"//dd[1"', 13, "is no XPath"),
        ('"//dd[1]"', '"no-such(//dd)"', 13, "is no XPath"),
        ("{json: vin}", "{json: 'vin['}", 8, "'vin[' is no JSON path"),
        ("match: No cars", "match: '(No'", 4, "is no regular expression"),
        ("match: No cars", "match: '(N)(o)'", 4, "has 2 groups"),
        ("as: mileage", "as: length", 13, "detail.fields.mileage.as"),
        ('as: date, format: "%d.%m.%Y"', 'format: "%d"', 14, "a format is of a date"),
        ("price: .price", "prize: .price", 7, "there is no field prize (did you mean price?)"),
        ("price: .price", "price: 2019", 7, "write a CSS selector, or where it stands"),
        ("price: .price", "price:", 7, "write a CSS selector, or where it stands"),
        ('value: "60601"', "value: 60601", 9, "write it in quotes"),
        ("as: mileage", "as: kilometer", 13, "no value kilometer (did you mean kilometers?)"),
        ("{json: vin}", "{jsn: vin}", 8, "no key jsn (did you mean json?); there are: as, attr"),
        ("next: a.next", "\tnext: a.next", 3, "a tab: indent with spaces"),
        ("next: a.next", "nest: a.next", 3, "list.nest: there is no key nest (did you mean next?)"),
        ("{json: vin}", "{json: vin, css: a, xpath: b}", 8, "say one place, not css and xpath"),
        ("{json: vin}", "{match: x}", 8, "say where it stands"),
        ("{json: vin}", "{value: x, json: vin}", 8, "json is within css, xpath or script"),
        ("{json: vin}", "{value: x, attribute: b}", 8, "an attribute is of an element"),
        ("  items: {css: li.car, attribute: data-car}\n", "", 1, "say what the items are"),
        ("  next: a.next", "  jsonld: true", 1, "say what the items are, by one of"),
        ("  next: a.next", "  next: a\n  count: {parameter: p}", 1, "say next or count"),
        ("  gone: .sold\n", "  gone: .sold\n  gone: .away\n", 12, "is there already, in line 11"),
        ("    url: a\n", "   url: a\n", 7, "this is no YAML"),
        ('value: "60601"', "value: !!python/name:os.system x", 9, "unknown kind"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(old, new, line, words):
    assert old in GOOD
    with pytest.raises(WrittenError) as error:
        parse(GOOD.replace(old, new, 1), "site.yml")
    assert f"site.yml, line {line}:" in str(error.value)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("- list", "write `name: value` lines"),
        ("detail: {jsonld: true}", "list: it is not said"),
        ("lists: {jsonld: true}", r"no key lists \(did you mean list\?\); there are: detail, list"),
        ("list: {jsonld: true, fields: [a]}", "list.fields: write `name: value` lines"),
        ("list: {items: a, fields: {price: b}}", "a url or an id"),
        ("list: {sitemap: cars}", "say what detail pages have"),
        ("list: {sitemap: cars, next: a}\ndetail: {jsonld: true}", "has addresses alone"),
        ("list: {jsonld: true, count: {parameter: p}}", "count needs empty"),
        ("list: {jsonld: true}\ndetail: {}", "say jsonld: true, or which fields"),
        ("list: {jsonld: !!python/name:os.system x}", "unknown kind"),
    ],
)
def test_a_recipe_that_reads_nothing_is_refused(text, words):
    with pytest.raises(WrittenError, match=words):
        parse(text, "site.yml")


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(WrittenError, match="cannot be read"):
        read(tmp_path / "none.yml")
    (tmp_path / "large.yml").write_bytes(b"#" * 1_000_001)
    with pytest.raises(WrittenError, match="more than 1,000,000 bytes"):
        read(tmp_path / "large.yml")
