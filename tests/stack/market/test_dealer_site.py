"""Dealers' own sites and feeds say what is so, each car in a way that shapes.md has."""

import csv
import io
import re

import orjson
import pytest
from lxml import etree, html

from stack.market import dealer_feeds, dealer_site, wording


@pytest.fixture
def dealer(lot) -> str:
    """The dealer with the most cars."""
    sizes = [len(dealer_site.stock(lot, n)) for n in range(len(lot.source.dealers.all))]
    return lot.source.dealers.all[sizes.index(max(sizes))].id


def cars_of(lot, dealer: str) -> dict:
    at = dealer_site.index_of(lot, dealer)
    return {(o := wording.offer(lot, one)).car.vin: o for one in dealer_site.stock(lot, at)}


async def test_the_list_links_every_car_through_its_pages(client, lot, dealer, monkeypatch):
    monkeypatch.setattr(dealer_site, "PER_PAGE", 2)
    seen, path = [], ""
    while path is not None:
        answer = await client.get(f"/dealers/{dealer}/{path}")
        tree = html.fromstring(await answer.text())
        (script,) = tree.xpath("//script[@type='application/ld+json']")
        data = orjson.loads(script.text)
        assert data["@type"] == "ItemList"
        seen += [element["item"] for element in data["itemListElement"]]
        path = next(iter(tree.xpath("//a[@rel='next']/@href")), None)
    offers = cars_of(lot, dealer)
    assert {item["vehicleIdentificationNumber"] for item in seen} == offers.keys()
    assert len(seen) == len(offers) == data["numberOfItems"]


async def test_a_cars_page_has_its_vin_its_price_and_its_dealer(client, lot, dealer):
    for vin, offered in cars_of(lot, dealer).items():
        text = await (await client.get(dealer_site.address(offered))).text()
        script = re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
        assert script
        assert f'"{vin}"' in script[1]
        assert offered.dealer.phone in script[1]
        assert not offered.price or str(offered.price) in script[1]


async def test_a_sold_car_is_sold_out_and_a_strange_one_is_missing(client, lot, dealer):
    offered = next(iter(cars_of(lot, dealer).values()))
    lot.clock.sell([offered.car.uuid])
    lot.refresh()
    assert "SoldOut" in await (await client.get(dealer_site.address(offered))).text()
    for path in (f"/dealers/{dealer}/cars/nothing/", "/dealers/0/", f"/dealers/{dealer}/?page=99"):
        assert (await client.get(path)).status == 404


@pytest.mark.parametrize("name", sorted(dealer_feeds.FEEDS))
async def test_a_feed_has_every_car_with_its_vin(client, lot, dealer, name):
    answer = await client.get(f"/dealers/{dealer}/feeds/{name}")
    text = await answer.text()
    if name.endswith(".xml"):
        tree = etree.fromstring(text.encode())
        vins = [each.text for each in tree.iter() if etree.QName(each).localname == "vin"]
    elif name.endswith(".jsonl"):
        vins = [orjson.loads(line)["vin"] for line in text.splitlines()]
    else:
        delimiter = "\t" if name.endswith(".tsv") else ","
        rows = csv.DictReader(io.StringIO(text), delimiter=delimiter)
        vins = [row.get("vin") or row["VIN"] for row in rows]
    assert sorted(vins) == sorted(cars_of(lot, dealer))


async def test_a_feed_that_did_not_change_is_not_sent_again(client, dealer):
    path = f"/dealers/{dealer}/feeds/google.csv"
    tag = (await client.get(path)).headers["ETag"]
    again = await client.get(path, headers={"If-None-Match": tag})
    assert (again.status, await again.read()) == (304, b"")
    assert (await client.get(f"/dealers/{dealer}/feeds/other.csv")).status == 404
