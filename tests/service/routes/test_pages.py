import re
from collections.abc import Iterator

import httpx
import pytest

from config.settings import Settings
from service.routes.pages import WEB


@pytest.fixture(scope="module")
def site(serve) -> Iterator[httpx.Client]:
    with serve(Settings(meili_url="http://127.0.0.1:9")) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "files"),
    [("/", {"page.js", "page.css"}), ("/docs", {"docs.js", "docs.css", "page.css"})],
)
def test_a_page_and_what_it_asks_for_are_there(site: httpx.Client, path: str, files: set[str]):
    page = site.get(path)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    asked = set(re.findall(r'(?:src|href)="(/web/[^"]+)"', page.text))
    assert asked == {f"/web/{name}" for name in files | {"icon.svg"}}
    for address in asked:
        assert site.get(address).status_code == 200
    modules = "".join(path.read_text() for path in WEB.glob("*.js"))
    for name in re.findall(r'from "\./([^"]+)"|"/web/([^"]+)"', modules):
        assert site.get(f"/web/{name[0] or name[1]}").status_code == 200


def test_the_page_names_no_other_host():
    for path in WEB.iterdir():
        found = re.findall(r"https?://[^\s\"'`)]+", path.read_text())
        assert set(found) <= {"http://www.w3.org/2000/svg"}, path.name


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_page_has_nothing_inline_and_says_so(site: httpx.Client, path: str):
    page = site.get(path)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<style|style=|\son\w+=|<script(?![^>]*\ssrc=)", page.text)


def test_every_field_of_the_page_has_a_label(site: httpx.Client):
    page = site.get("/").text
    fields = set(re.findall(r'<(?:input|select)[^>]* ?id="([^"]+)"', page))
    assert fields <= set(re.findall(r'<label[^>]* for="([^"]+)"', page))
    assert "price_min" in fields


def test_an_unchanged_file_is_not_sent_again(site: httpx.Client):
    etag = site.get("/web/page.js").headers["etag"]
    for named in (etag, f"W/{etag}", f'"other", {etag}', "*"):  # a proxy that compresses weakens it
        again = site.get("/web/page.js", headers={"If-None-Match": named})
        assert (again.status_code, again.content) == (304, b"")
    assert site.get("/web/page.js", headers={"If-None-Match": '"other"'}).status_code == 200


def test_head_has_the_length_without_the_content(site: httpx.Client):
    head, whole = site.head("/"), site.get("/")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(whole.content))


@pytest.mark.parametrize("name", ["nothing.js", "../app.py", "%2e%2e%2fapp.py", "..%2fapp.py"])
def test_no_other_file_can_be_had(site: httpx.Client, name: str):
    assert site.get(f"/web/{name}").status_code == 404
