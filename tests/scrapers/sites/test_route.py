from random import Random

import pytest

from scrapers.parsers.pages import Card, Page
from scrapers.runs.errors import SiteError
from scrapers.sites import route
from scrapers.sites.route import Route


def walk(pages: dict[str, Page], start: str = "1") -> list[str]:
    """The order in which a list's pages are read."""
    way, read = Route(start, lambda url: not url.startswith("http")), []
    while url := way.next():
        read.append(url)
        way.extend(url, pages.get(url, Page()))
    return read


def test_each_page_leads_to_the_next():
    assert walk({"1": Page(next_url="2"), "2": Page(next_url="3")}) == ["1", "2", "3"]


def test_an_index_leads_to_all_its_pages_once_and_they_to_theirs():
    pages = {"1": Page(pages=["a", "b", "a"]), "a": Page(next_url="a2")}
    assert walk(pages) == ["1", "a", "a2", "b"]


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        ({"1": Page(next_url="1")}, "after 1 comes 1"),
        ({"1": Page(next_url="2"), "2": Page(next_url="1")}, "after 2 comes 1"),
        ({str(n): Page(pages=[str(n + 1)]) for n in range(1, 9)}, "4 is one index too deep"),
        ({"1": Page(next_url="http://other")}, "on another site: http://other"),
        ({"1": Page(pages=["http://other"])}, "on another site: http://other"),
    ],
)
def test_a_list_without_an_end_is_left(pages, words):
    with pytest.raises(SiteError, match=words):
        walk(pages)


def page(number: int, *offers: object) -> Page:
    cards = [Card(external_id=str(each), url=None, digest=None, values={}) for each in offers]
    return Page(items=cards, next_url=str(number + 1))


def test_a_list_that_shuffles_for_ever_is_left():
    dice = Random(7)
    pages = {str(n): page(n, *dice.sample(range(200), 20)) for n in range(1, 1_000)}
    with pytest.raises(SiteError, match="in a row with nothing but offers of earlier ones"):
        walk(pages)


def test_a_list_that_moves_while_it_is_read_is_read_to_its_end():
    pages = {str(n): page(n, n // 4) for n in range(1, 400)}  # each page four times
    assert len(walk(pages)) == 400


def test_a_list_of_too_many_pages_is_left(monkeypatch):
    monkeypatch.setattr(route, "MOST_PAGES", 5)
    with pytest.raises(SiteError, match="no end"):
        walk({str(n): Page(next_url=str(n + 1)) for n in range(1, 9)})
    with pytest.raises(SiteError, match="no end"):
        walk({"1": Page(pages=[str(n) for n in range(2, 9)])})
