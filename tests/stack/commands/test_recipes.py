"""`showroom recipe`: what a recipe reads on a page, and pages kept for tests."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urljoin

import pytest
import typer
from typer.testing import CliRunner, Result

from config.settings import ROOT, SettingsError
from stack.commands import recipes

Showroom = Callable[..., Result]
RECORDED = ROOT / "recipes" / "jsonld"
RECIPE = str(ROOT / "recipes" / "jsonld.yml")
PAGE = """<li class="car"><a href="/cars/7"><h2>2019 Kia Rio</h2></a><b>$9.9k</b></li>
<li class="car"><a href="/cars/8"><h2>2020 Kia Rio</h2></a><b>Call</b></li>
<script>{"salesContacts": [{"name": "Dana Whitcomb", "email": "dana@cars.example"}]}</script>"""


class Pages(BaseHTTPRequestHandler):
    """The recorded pages of a dealer's site: any car has the recorded car's page."""

    def do_GET(self) -> None:
        name = "car" if "/cars/" in self.path else "list" if "/dealers/" in self.path else None
        body = b"<p>Home</p>" if name is None else (RECORDED / f"{name}.html").read_bytes()
        if self.path == "/robots.txt":
            body = b"User-agent: *\nDisallow: /account/\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/dealers/5000011/"
        server.shutdown()
        thread.join(10)


@pytest.fixture
def showroom(tmp_path, monkeypatch) -> Showroom:
    monkeypatch.setenv("SHOWROOM_HOME", str(tmp_path))
    app = typer.Typer()
    recipes.register(app)
    return lambda *words: CliRunner().invoke(app, ["recipe", *words], env={"COLUMNS": "200"})


@pytest.fixture
def saved(tmp_path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(PAGE)
    return path


@pytest.fixture
def recipe(tmp_path) -> Path:
    path = tmp_path / "site.yml"
    path.write_text("list:\n  items: .car\n  fields: {url: a, title: h2, price: b, trim: i}\n")
    return path


def test_a_saved_page_is_tried(showroom, recipe, saved):
    told = showroom("try", str(recipe), str(saved)).output
    lines = {line.split()[0]: line.split() for line in told.splitlines() if line.strip()}
    assert told.startswith("2 items of a list")
    assert lines["price"] == ["price", "css", "b", "9900", "100%"]
    assert lines["trim"] == ["trim", "css", "i", "0%"]
    assert "Missing: vin, mileage, photos, zip" in told


def test_a_trial_for_scripts_has_every_field_with_its_share(showroom, recipe, saved):
    (trial,) = json.loads(showroom("try", "--json", str(recipe), str(saved)).output)
    rows = {row["field"]: row for row in trial["rows"]}
    assert (trial["kind"], trial["items"]) == ("list", 2)
    assert rows["price"] == {
        "field": "price",
        "place": "css b",
        "says": "9900",
        "means": "9900",
        "items": 2,
    }
    assert rows["trim"]["items"] == 0


def test_a_site_is_asked_for_its_list_and_the_first_cars_page(showroom, site):
    result = showroom("try", "--json", "--private", RECIPE, site)
    first, second = json.loads(result.output)
    assert (first["kind"], first["items"]) == ("list", 12)
    assert first["next_url"].endswith("?page=2")
    rows = {row["field"]: row for row in second["rows"]}
    assert second["kind"] == "detail"
    assert rows["dealer_zip"]["items"] == 1
    assert rows["year"]["means"] == rows["year"]["says"]
    assert set(second["missing"]) <= {"price", "mileage"}


def test_an_address_inside_this_network_is_asked_only_when_that_is_said(showroom, site):
    result = showroom("try", RECIPE, site)
    assert result.exit_code == 1
    assert "127.0.0.1" in result.output
    assert "items of a list" not in result.output


def test_a_page_of_which_nothing_is_read_fails(showroom, recipe, tmp_path):
    other = tmp_path / "other.html"
    other.write_text("<p>Something else</p>")
    result = showroom("try", str(recipe), str(other))
    assert result.exit_code == 1
    assert "Problems: parse/not_our_page" in result.output
    result = showroom("try", str(recipe), str(tmp_path / "none.html"))
    assert "cannot be read" in result.output


def test_a_wrong_recipe_is_told_with_its_line(showroom, recipe, saved):
    recipe.write_text("list:\n  items: 'li..car'\n")
    with pytest.raises(SettingsError, match="line 2"):
        raise showroom("try", str(recipe), str(saved)).exception


def test_a_page_is_kept_with_what_is_read_of_it_and_nothing_personal(showroom, site, tmp_path):
    url = f"{site}cars/1/"
    folder = tmp_path / "kept"
    result = showroom("record", "--private", RECIPE, url, "--folder", str(folder), "--name", "car")
    assert "car.html and car.json are written." in result.output.replace("\n", "")
    expected = json.loads((folder / "car.json").read_text())
    assert expected["url"] == url
    assert expected["detail"]["values"]["vin"] in (folder / "car.html").read_text()


def test_a_page_of_which_nothing_is_read_is_not_kept(showroom, site, tmp_path):
    result = showroom("record", "--private", RECIPE, urljoin(site, "/account/"))
    assert result.exit_code == 1
    assert "robots.txt does not allow" in result.output
    result = showroom("record", "--private", RECIPE, urljoin(site, "/"))
    assert "Nothing can be read" in str(result.exception)
