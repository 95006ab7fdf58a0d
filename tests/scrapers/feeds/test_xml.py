"""XML feeds: what is a car in them, and what is refused."""

import os
import subprocess
import sys
from pathlib import Path
from time import process_time

import pytest

from config.settings import ROOT
from scrapers.feeds import xml
from scrapers.feeds.opening import FeedError, open_feed

CAR = "<car><vin>1</vin><make>Kia</make></car>"


def objects(path: Path, text: str) -> list[dict]:
    path.write_text(text)
    with open_feed(str(path)) as feed:
        return [found for _, found in xml.objects(feed)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "feed.xml"


@pytest.mark.parametrize(
    ("text", "vins"),
    [
        (f"<cars>{CAR}{CAR}</cars>", ["1", "1"]),
        (f"<cars>{CAR}</cars>", ["1"]),
        (f"<a><b><title>x</title>{CAR}{CAR}{CAR}</b></a>", ["1"] * 3),
        (f"<d><lot><name>a</name>{CAR}</lot><lot><name>b</name>{CAR}</lot></d>", ["1", "1"]),
        ("<x:cars xmlns:x='urn:x'><x:car><x:vin>1</x:vin></x:car></x:cars>", ["1"]),
    ],
)
def test_the_element_that_repeats_and_names_a_car_is_one(file, text, vins):
    assert [found["vin"] for found in objects(file, text)] == vins


def test_attributes_lists_and_sections_are_read(file):
    text = """<cars><car id="7"><vin>1</vin><price currency="USD">9900</price><photo>a</photo>
    <photo>b</photo><note><![CDATA[<b>good</b>]]></note><empty/></car></cars>"""
    assert objects(file, text) == [
        {
            "id": "7",
            "vin": "1",
            "price": {"value": "9900", "currency": "USD"},
            "photo": ["a", "b"],
            "note": "<b>good</b>",
            "empty": "",
        }
    ]


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("ISO-8859-2", "iso-8859-2"),
        ("windows-1250", "cp1250"),
        ("utf-8", "utf-8"),
        ("utf-16", "utf-8"),  # as some programs write it
        ("klingon", "utf-8"),
        ("hex", "utf-8"),
    ],
)
def test_the_encoding_is_the_declared_one_where_it_can_be(file, declared, encoding):
    text = f"<?xml version='1.0' encoding='{declared}'?><cars>{CAR.replace('Kia', 'Škoda')}</cars>"
    file.write_bytes(text.encode(encoding))
    with open_feed(str(file)) as feed:
        assert [found["make"] for _, found in xml.objects(feed)] == ["Škoda"]


BOMB = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "lol">' for n in range(12)
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"<!DOCTYPE cars [{BOMB}]><cars><car><vin>&l11;</vin></car></cars>", "document type"),
        ('<!DOCTYPE c [<!ENTITY x SYSTEM "file:///etc/passwd">]><c><vin>&x;</vin></c>', "type"),
        ('<!DOCTYPE cars SYSTEM "http://127.0.0.1:9/x.dtd"><cars/>', "document type"),
        (f"<!--{'x' * 200_000}--><!DOCTYPE cars [<!ENTITY a 'b'>]><cars/>", "document type"),
        ("<!doctype html><p>Not found", "a page of HTML"),
        ("<html><body>Not found</body></html>", "a page of HTML"),
        (f"<cars>{CAR}<car>", "damaged"),
        (f"<cars>{CAR}</lot>", "damaged"),
        ("<cars><car>Kia</car></cars>", "no element has the parts of a car"),
    ],
)
def test_what_is_no_feed_is_told_at_once(file, text, words):
    start = process_time()
    with pytest.raises(FeedError, match=words):
        objects(file, text)
    assert process_time() - start < 5


@pytest.mark.parametrize("before", [" " * 200, "<!-- a -->" * 200, "<?a ?>\n" * 200])
def test_a_long_preface_is_no_work(file, before):
    assert len(objects(file, f"{before}<cars>{CAR}{CAR}</cars>")) == 2


def test_what_stands_before_the_damage_is_read(file):
    file.write_text(f"<cars>{CAR * 3}<car><vin>2</v")
    with open_feed(str(file)) as feed:
        found = xml.objects(feed)
        for _ in range(3):
            assert next(found)[1]["vin"] == "1"
        with pytest.raises(FeedError, match="damaged"):
            next(found)


# Its own process says how much it has: the trees of XML are not Python's memory. (What it had at
# most is inherited from the process that starts it.)
_READ = """
import sys
import psutil
from scrapers.feeds.opening import open_feed
from scrapers.feeds.tables import read_table
with open_feed(sys.argv[1]) as feed:
    for number, _ in enumerate(read_table(feed).records(), 1):
        if number == 2_000:
            before = psutil.Process().memory_info().rss
        if number == 14_990:
            grown = psutil.Process().memory_info().rss - before
    print(number, grown)
"""


def test_a_large_feed_on_one_line_is_read_in_little_memory(file):
    with file.open("w") as written:
        written.write("<cars>")
        for number in range(15_000):
            written.write(f"<car><vin>{number}</vin><make>Kia</make><t>{'x' * 2_000}</t></car>")
        written.write("</cars>")
    told = subprocess.run(
        [sys.executable, "-c", _READ, str(file)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout
    rows, grown = map(int, told.split())
    assert rows == 15_000
    assert grown < 8_000_000, "bytes, of a file of 30 MB"


def test_a_file_that_unpacks_to_more_than_is_said_is_left(file, monkeypatch):
    monkeypatch.setattr("scrapers.feeds.opening.LONGEST_TEXT", 1_000)
    with pytest.raises(FeedError, match="more than 1,000 characters"):
        objects(file, f"<cars>{CAR * 100}</cars>")


@pytest.mark.parametrize(
    "part",
    [
        f"<cars>{CAR * 3}<car>{'<n/>' * 30}</car></cars>",
        f"<cars>{CAR * 3}<x>{'<n/>' * 30}</x></cars>",
    ],
    ids=["car", "other"],
)
def test_a_part_without_an_end_is_not_held_in_memory(file, monkeypatch, part):
    monkeypatch.setattr("scrapers.feeds.xml.MOST_ELEMENTS", 20)
    assert len(objects(file, f"<cars>{CAR * 100}</cars>")) == 100
    with pytest.raises(FeedError, match="a part of more than 20 elements"):
        objects(file, part)
