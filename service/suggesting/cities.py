"""Places as suggestions: cities with their state, and ZIP codes by their first digits."""

from bisect import bisect_left
from collections.abc import Iterator
from functools import cache
from itertools import islice

from catalog.vocabulary import read
from service.geography.places import all_cities, all_zips, place_of_zip
from service.suggesting.suggestion import Found, Suggestion, Typed
from service.suggesting.table import PAST, Table

KIND = "place"
RADIUS = 50
"""Miles around a place, as where words name one."""

FEWEST_DIGITS = 3
"""Digits of a ZIP code that say where it is: they are one of its sorting centers."""

SHORT = {"Saint": "St", "Fort": "Ft", "Mount": "Mt"}
"""How people write the first words of cities."""


@cache
def cities() -> Table:
    """Every city, the one with the most ZIP codes first; also known with its state's whole name."""
    return Table(_cities())


def prepare() -> None:
    """Have the tables in memory, so that no request waits for them."""
    cities()
    all_zips()


def _cities() -> Iterator[Suggestion]:
    states = {state: spellings[0] for state, spellings in read("state")["spellings"].items()}
    for city in all_cities():
        place = city.place
        text = f"{place.city}, {place.state}"
        names = [f"{place.city} {states[place.state]}"] if place.state in states else []
        first, _, rest = text.partition(" ")
        names += [f"{SHORT[first]} {rest}"] if first in SHORT else []
        given = {"zip": place.zip, "radius": RADIUS}
        yield Suggestion(KIND, text, given, names=tuple(names))


def zips(typed: Typed, most: int) -> list[Found]:
    """The ZIP codes that begin with the digits that were typed, from the lowest."""
    digits = typed.squeezed
    if not digits.isdigit() or len(digits) < FEWEST_DIGITS:
        return []
    codes = all_zips()
    first = bisect_left(codes, digits)
    last = bisect_left(codes, digits + PAST, first)
    return [Found(_zip(code), (digits,)) for code in islice(codes, first, min(last, first + most))]


def _zip(code: str) -> Suggestion:
    place = place_of_zip(code)
    where = f" {place.city}, {place.state}" if place else ""
    return Suggestion(KIND, f"{code}{where}", {"zip": code, "radius": RADIUS})
