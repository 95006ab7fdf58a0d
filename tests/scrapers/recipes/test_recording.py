"""Every kept page gives what is kept beside it: `showroom recipe record` writes the pairs."""

import json
from pathlib import Path

import pytest

from config.settings import ROOT
from config.written import WrittenError
from scrapers.recipes.reading import parser
from scrapers.recipes.recording import name_of, read_page, record

RECIPE = "list:\n  items: .car\n  fields: {url: a, description: p}\n"
PAGE = b"""<li class="car"><a href="/cars/7">Kia</a><p>Write to dana@cars.example</p></li>"""
KEPT = sorted(ROOT.joinpath("recipes").glob("*/*.html"))


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_kept_page_gives_what_is_kept_beside_it(path: Path):
    recipe = path.parent.with_suffix(".yml")
    expected = json.loads(path.with_suffix(".json").read_text())
    read = read_page(parser(recipe.read_text(), str(recipe)), path.read_bytes(), expected["url"])
    assert read == expected


def test_each_recipe_has_kept_pages():
    recipes = {path.stem for path in ROOT.joinpath("recipes").glob("*.yml")}
    assert recipes
    assert {path.parent.name for path in KEPT} == recipes


def test_a_page_is_kept_without_what_is_personal(tmp_path):
    path = record(parser(RECIPE, "r"), PAGE, "https://cars.example/used/?page=2", tmp_path, None)
    assert path.name == "used-page-2.html"
    assert b"dana@" not in path.read_bytes()
    (item,) = json.loads(path.with_suffix(".json").read_text())["results"]["items"]
    assert item["values"] == {"description": "Write to"}


def test_a_page_of_which_nothing_is_read_is_not_kept(tmp_path):
    with pytest.raises(WrittenError, match="Nothing can be read"):
        record(parser(RECIPE, "r"), b"<p>", "https://cars.example/", tmp_path / "kept", None)
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize(
    ("url", "name"),
    [("https://a.example/Used/Kia/?page=2", "used-kia-page-2"), ("https://a.example/", "page")],
)
def test_a_page_is_called_after_its_address(url, name):
    assert name_of(url) == name
