import gc
import tracemalloc
from collections.abc import Callable
from itertools import count
from string import ascii_letters
from urllib.parse import quote, urlencode

import pytest

from catalog.cars import CARS
from service.http.problems import Problem
from service.reading import reader as reading
from service.routes.remembered import Remembered
from service.understanding.parameters import LONGEST_QUERY
from service.understanding.search import Reader

BOUND = 1024 * 1024
WORDY = "suv red awd ford bmw " * 12


def wordy(number: int) -> str:
    """Each word is read, and each query that takes one back is in wide characters."""
    return "q=" + quote(f"{WORDY[: LONGEST_QUERY - 8]}😀{number}")


def valued(number: int) -> str:
    values = ",".join(ascii_letters[:50])
    return urlencode(dict.fromkeys(CARS.facets, values) | {"price_max": number})


def plain(number: int) -> str:
    return f"make=Toyota&price_max={number}"


def grown(read: Callable[[str], object], url: Callable[[int], str], times: int) -> int:
    """By how many bytes the memory grows that is in use after so many different queries."""
    numbers = count(1)
    read(url(next(numbers)))
    gc.collect()
    tracemalloc.start()
    try:
        for _ in range(times):
            read(url(next(numbers)))
        gc.collect()
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("url", "times"), [(wordy, 60), (valued, 60), (plain, 1200)])
def test_what_is_remembered_is_bounded_by_its_bytes(url, times, monkeypatch):
    monkeypatch.setattr(reading, "MOST_BYTES", BOUND)
    search = Reader(CARS)
    search.queries.prepare()
    assert grown(Remembered(search, BOUND).read, url, times) < 2 * BOUND


def test_a_url_is_read_once():
    asked = Remembered(Reader(CARS))
    assert asked.read("make=Toyota") is asked.read("make=Toyota")


def test_equal_meaning_has_an_equal_key():
    asked = Remembered(Reader(CARS))
    assert asked.read("make=Toyota&page=1").key == asked.read("make=Toyota").key
    assert asked.read("make=Toyota").key != asked.read("make=Honda").key


def test_a_polygon_is_not_remembered():
    asked = Remembered(Reader(CARS))
    url = "polygon=-88,41,-87,41,-87,42"
    assert asked.read(url) is not asked.read(url)


def test_what_cannot_be_read_is_no_less_so_when_asked_again():
    asked = Remembered(Reader(CARS))
    for _ in range(2):
        with pytest.raises(Problem):
            asked.read("maek=Toyota")
