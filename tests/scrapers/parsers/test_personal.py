"""What is personal is taken out, and nothing else."""

from pathlib import Path
from time import process_time

import pytest

from scrapers.parsers import cars_com, jsonld
from scrapers.parsers.personal import redact, scrub

PAGES = sorted((Path(__file__).parent / "cars_com").glob("*.html"))
SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.html"))
URL = "https://cars.example/vehicledetail/a1/"


@pytest.mark.parametrize("path", [*PAGES, *SAMPLES], ids=lambda path: path.stem)
def test_a_kept_page_says_the_same(path):
    page = path.read_bytes()
    for parser in (cars_com, jsonld):
        assert parser.parse_results(redact(page), URL) == parser.parse_results(page, URL)
        assert parser.parse_detail(redact(page), URL) == parser.parse_detail(page, URL)


def test_a_kept_page_names_no_staff_and_not_the_visitors_place():
    kept = redact((PAGES[0].parent / "used.html").read_bytes()).decode()
    assert "Honda Insight EX" in kept
    for personal in ("Dana", "Whitcomb", "dana@", "Springfield", "62701"):
        assert personal not in kept


@pytest.mark.parametrize(
    ("page", "kept"),
    [
        (b"write to jane.doe+x@mail.example.com now", b"write to  now"),
        (b'<a href="mailto:a@b.example">', b'<a href="mailto:">'),
        (b'{"@type": "Car", "@id": "x"}', b'{"@type": "Car", "@id": "x"}'),
        (b"a@b.example,c@d.example", b","),
        (b"@media print", b"@media print"),
        (b'"visitor_zip" : "62701"', b'"visitor_zip" : ""'),
        ("é@ü.example".encode(), "é@ü.example".encode()),
    ],
)
def test_a_page_loses_addresses_of_people(page, kept):
    assert redact(page) == kept


def test_a_megabyte_of_signs_is_no_work():
    start = process_time()
    redact(b"@" * 500_000 + b"a" * 500_000 + b"@a." * 300_000)
    assert process_time() - start < 5


def test_a_page_of_staff_is_no_work():
    start = process_time()
    redact(b'"staff":[' * 100_000)
    redact(b'"staff":[' + b",".join(b'{"name":"Abc%d"}' % n for n in range(60_000)) + b"]")
    assert process_time() - start < 5


@pytest.mark.parametrize("text", ["a" * 500_000, "a." * 250_000 + "@", "ask for " * 60_000])
def test_a_long_word_is_no_work(text):
    start = process_time()
    scrub(text)
    assert process_time() - start < 5


def test_a_text_loses_whom_to_ask_for():
    text = "Call 555 and ask for Dana Whitcomb. Dana Whitcomb is here: dana@lot.example"
    assert scrub(text, ["Dana Whitcomb"]) == "Call 555.  is here: "


def test_a_kept_page_is_scrubbed_as_the_page_itself_was():
    staff = b'<script>{"salesContacts": [{"name": "Dana Whitcomb", "email": "d@lot.example"}]}'
    kept = redact(staff + b"</script><p>Dana Whitcomb will help. Ask for Dana Whitcomb.</p>")
    text = kept.decode().rpartition("<p>")[2]
    assert "Dana" not in text
    assert scrub(text) == " will help..</p>"
