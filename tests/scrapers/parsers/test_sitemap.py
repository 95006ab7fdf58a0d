import gzip

import pytest

from scrapers.parsers import sitemap
from scrapers.parsers.sitemap import parse_sitemap

URL = "https://cars.example/sitemap.xml"
NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def urlset(*entries: str) -> bytes:
    urls = "".join(f"<url>{entry}</url>" for entry in entries)
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset {NS}>{urls}</urlset>'.encode()


def test_addresses_that_are_wanted_become_cards_and_lastmod_their_digest():
    page = parse_sitemap(
        urlset(
            "<loc> https://cars.example/cars/7 </loc><lastmod>2026-11-22</lastmod>",
            "<loc>https://cars.example/cars/8</loc>",
            "<loc>https://cars.example/about</loc>",
        ),
        URL,
        "/cars/",
    )
    assert [(c.external_id, c.url, c.digest) for c in page.items] == [
        ("/cars/7", "https://cars.example/cars/7", "lastmod 2026-11-22"),
        ("/cars/8", "https://cars.example/cars/8", None),
    ]
    assert page.problems == []


def test_an_index_leads_to_its_files_also_packed_ones():
    index = f"<sitemapindex {NS}><sitemap><loc>https://cars.example/a.xml.gz</loc></sitemap>"
    page = parse_sitemap(gzip.compress(f"{index}</sitemapindex>".encode()), URL, "/cars/")
    assert page.pages == ["https://cars.example/a.xml.gz"]
    assert page.is_ours


def test_a_sitemap_of_other_things_is_empty():
    assert parse_sitemap(urlset("<loc>https://cars.example/about</loc>"), URL, "/cars/").empty
    assert parse_sitemap(urlset(), URL, "/cars/").empty


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "parse/sitemap_unreadable"),
        (b"<html><p>Not found</html>", "parse/sitemap_unreadable"),
        (b"<html><p>Not found</p></html>", "parse/not_our_page"),
        (b"\x1f\x8b damaged", "parse/sitemap_unreadable"),
        (urlset("<loc>https://cars.example/cars/7</loc>")[:-20], "parse/sitemap_unreadable"),
        (urlset("<loc></loc>"), "parse/card_unreadable"),
    ],
)
def test_what_is_no_sitemap_is_a_problem(body, problem):
    page = parse_sitemap(body, URL, "/cars/")
    assert problem in page.problems
    assert not page.empty


def test_too_many_addresses_and_too_large_files_are_told(monkeypatch):
    monkeypatch.setattr(sitemap, "MOST", 2)
    three = urlset(*(f"<loc>https://cars.example/cars/{n}</loc>" for n in range(3)))
    page = parse_sitemap(three, URL, "/cars/")
    assert (len(page.items), page.problems) == (2, ["parse/sitemap_too_large"])
    monkeypatch.setattr(sitemap, "LARGEST", 1_000)
    packed = gzip.compress(b" " * 1_000_000)
    assert parse_sitemap(packed, URL, "/cars/").problems == ["parse/sitemap_too_large"]


def test_a_small_file_of_very_many_elements_is_not_kept_in_memory(monkeypatch):
    monkeypatch.setattr(sitemap, "ELEMENTS", 100)
    packed = gzip.compress(b"<urlset>" + b"<a/>" * 101 + b"</urlset>")
    page = parse_sitemap(packed, URL, "/cars/")
    assert (page.empty, page.problems) == (False, ["parse/sitemap_unreadable"])


def test_entities_are_not_opened():
    bomb = b'<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]>' + urlset(
        "<loc>https://cars.example/cars/&b;</loc>"
    ).removeprefix(b'<?xml version="1.0" encoding="UTF-8"?>')
    assert "lol" not in str(parse_sitemap(bomb, URL, "/cars/"))
