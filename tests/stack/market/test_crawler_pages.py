from lxml import etree
from protego import Protego

from stack.market import crawler_pages

SITEMAP = {"s": crawler_pages.SCHEMA}


async def test_robots_allows_shopping_and_names_the_sitemap(client):
    origin = str(client.make_url("/")).rstrip("/")
    answer = await client.get("/robots.txt")
    assert answer.content_type == "text/plain"
    rules = Protego.parse(await answer.text())
    assert rules.can_fetch(f"{origin}/shopping/results/?page=2", "anybody")
    assert rules.can_fetch(f"{origin}/vehicledetail/x/", "anybody")
    assert not rules.can_fetch(f"{origin}/_market/status", "anybody")
    assert rules.crawl_delay("anybody") is None
    assert list(rules.sitemaps) == [f"{origin}/sitemap.xml"]


async def test_the_sitemap_names_every_live_car(client, lot, monkeypatch):
    monkeypatch.setattr(crawler_pages, "PER_FILE", 100)
    index = etree.fromstring(await (await client.get("/sitemap.xml")).read())
    files = index.xpath("//s:loc/text()", namespaces=SITEMAP)
    assert len(files) == 4
    places = []
    for file in files:
        path = "/" + file.split("/", 3)[3]
        tree = etree.fromstring(await (await client.get(path)).read())
        places += tree.xpath("//s:loc/text()", namespaces=SITEMAP)
    uuids = {place.split("/")[4] for place in places}
    assert uuids == {lot.table.cars[at].uuid for at in lot.live}


async def test_there_is_no_sitemap_file_after_the_last(client):
    assert (await client.get("/sitemap/vehicles-2.xml")).status == 404
    assert (await client.get("/sitemap/vehicles-0.xml")).status == 404
