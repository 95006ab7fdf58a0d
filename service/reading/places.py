"""The rule of places: `near 60601`, `in chicago`, `within 50 miles of springfield mo`.

A ZIP code stands alone (unless it could be an amount), a city needs its state or a word before it.
A city without its state is the one with the most ZIP codes, and has two or more; the name of a
state or a word of the vocabulary is none. `within 50 miles` alone is a distance from a place that
is said elsewhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from catalog.vocabulary import read, squeeze
from catalog.words import KILOMETERS, MILES
from service.geography.places import FARTHEST, METRES, City, Place, cities, place_of_zip
from service.reading.comparisons import BEFORE_NUMBER, LONGEST, Side
from service.reading.found import Found, Rule, words_at
from service.reading.numbers import Number, number_at
from service.reading.tokens import Token, is_apart

NEAR_MILES = 50.0
"""How far `near` and `in` reach, where nothing says it."""

SHORT_MILES = 500
"""Up to so many miles are a distance and not a mileage, where nothing says which."""

LEAST_CODES = 2  # of a city without its state
STATE_LIKE_CODES = 50  # of a city that is named like a state: New York, Washington
LONGEST_CITY = 4
LONGEST_STATE = 3

_UNITS = dict.fromkeys(MILES, "mi") | dict.fromkeys(KILOMETERS, "km")
_WITHIN = dict.fromkeys(("within", "withina", "inside", "insidea", "radius"))
_AT_MOST = {words: side for words, side in BEFORE_NUMBER.items() if side is Side.AT_MOST}
_RADIUS = dict.fromkeys(("radius",))
_AWAY = dict.fromkeys(("away", "awayfrom", "from", "of"))
_HERE = dict.fromkeys(
    f"{word}{here}"
    for word in ("of", "from", "awayfrom", "around", "near", "to")
    for here in ("me", "here", "home", "myhome", "myhouse", "mylocation")
) | {"away": None}
_OF = frozenset(("of", "from", "around", "to", "near", "away", "in"))
_NEAR = dict.fromkeys(("near", "in", "around", "at", "by", "closeto", "nearby", "from"))
_CLOSEST = dict.fromkeys(("closestto", "nearestto", "nearest", "closest"))
_LABELS = dict.fromkeys(("zip", "zipcode"))
_SHORT = {"st": "saint", "ft": "fort", "mt": "mount"}
_KNOWN_AS = {
    "nyc": ("newyork", "NY"),
    "dc": ("washington", "DC"),
    "vegas": ("lasvegas", "NV"),
    "philly": ("philadelphia", "PA"),
    "sanfran": ("sanfrancisco", "CA"),
}


@cache
def _states() -> dict[str, str]:
    """Two letters of a state by every spelling of it, squeezed."""
    spellings = read("state")["spellings"]
    return {squeeze(name): code for code, names in spellings.items() for name in (code, *names)}


def places(vocabulary: Mapping[str, object], this_year: int) -> Rule:
    """The rule; a phrase of `vocabulary` is no city without its state."""
    return _Places(vocabulary, this_year).rule


class _Places:
    def __init__(self, vocabulary: Mapping[str, object], this_year: int) -> None:
        self.vocabulary = vocabulary
        self.this_year = this_year

    def rule(self, tokens: Sequence[Token], at: int) -> Found | None:
        return self._distance(tokens, at) or self._near(tokens, at) or self._alone(tokens, at)

    def _distance(self, tokens: Sequence[Token], at: int) -> Found | None:
        """`within 50 miles of 60601`, `25 mi from chicago`, `within 50 miles`, `50 miles`."""
        within = words_at(tokens, at, _WITHIN, 2)
        compared = 0 if within else words_at(tokens, at, _AT_MOST, LONGEST)
        begin = at + within + compared
        number = number_at(tokens, begin, self.this_year)
        if number is None or number.end >= len(tokens) or not _is_distance(number):
            return None
        if begin > at and is_apart(tokens, begin):
            return None
        unit = _UNITS.get(tokens[number.end].text)
        if unit is None or tokens[number.end].apart:
            return None
        end = number.end + 1
        end += words_at(tokens, end, _RADIUS, 1)
        radius = {"radius": float(number.value), "unit": unit}
        if compared and not (number.value <= SHORT_MILES and words_at(tokens, end, _AWAY, 2)):
            return None  # a mileage
        place = self._from(tokens, end)
        if place is not None:
            return Found(place[1], {"zip": place[0], **radius})
        here = 0 if is_apart(tokens, end) else words_at(tokens, end, _HERE, 4)
        near = here or (not compared and (within or number.value <= SHORT_MILES))
        return Found(end + here, radius) if near else None

    def _from(self, tokens: Sequence[Token], at: int) -> tuple[Place, int] | None:
        """The place that words such as `away from` lead to, and where it ends."""
        for end, token in enumerate(tokens[at : at + 2], start=at + 1):
            if token.text not in _OF or token.apart:
                return None
            place = self._place(tokens, end, alone=False)
            if place is not None:
                return place
        return None

    def _near(self, tokens: Sequence[Token], at: int) -> Found | None:
        for before, more in ((_CLOSEST, {"sort": "distance"}), (_NEAR, {})):
            length = words_at(tokens, at, before, 2)
            place = self._place(tokens, at + length, alone=False) if length else None
            if place is not None:
                return Found(place[1], {"zip": place[0], **more}, _ASSUMED)
        return None

    def _alone(self, tokens: Sequence[Token], at: int) -> Found | None:
        place = self._place(tokens, at, alone=True)
        return None if place is None else Found(place[1], {"zip": place[0]}, _ASSUMED)

    def _place(self, tokens: Sequence[Token], at: int, *, alone: bool) -> tuple[Place, int] | None:
        """The place at this position and where it ends; `alone` if no word leads to it."""
        if not alone and is_apart(tokens, at):
            return None
        labels = words_at(tokens, at, _LABELS, 2)
        at += labels
        if at >= len(tokens) or not tokens[at].readable or (labels and tokens[at].apart):
            return None
        return _zip(tokens, at) or self._city(tokens, at, alone=alone)

    def _city(self, tokens: Sequence[Token], at: int, *, alone: bool) -> tuple[Place, int] | None:
        """The longest name of a city here, with its state, its ZIP code or neither."""
        for end, name in reversed(list(_names(tokens, at))):
            state, after = _state(tokens, end)
            found = _of_state(name, state) if state else None
            if found is not None:
                zipped = _zip(tokens, after) if _goes_on(tokens, after) else None
                return zipped or (found.place, after)
            if not alone and (largest := self._largest(name)) is not None:
                return largest.place, end
        return None

    def _largest(self, name: str) -> City | None:
        """The city that a name means without its state."""
        if name in _KNOWN_AS:
            return _of_state(*_KNOWN_AS[name])
        found = cities(name)
        least = STATE_LIKE_CODES if name in _states() else LEAST_CODES
        if not found or self.vocabulary.get(name) is not None or found[0].codes < least:
            return None
        return found[0]


_ASSUMED = {"radius": NEAR_MILES, "unit": "mi"}
assert set(_UNITS.values()) == set(METRES)


def _is_distance(number: Number) -> bool:
    plain = not (number.scaled or number.dollars or number.plus)
    return plain and 0 < number.value <= FARTHEST


def _names(tokens: Sequence[Token], at: int) -> Iterator[tuple[int, str]]:
    """Names of cities that begin here, squeezed, and where each ends; `st louis` is Saint Louis."""
    name = ""
    for end, token in enumerate(tokens[at : at + LONGEST_CITY], start=at + 1):
        if not token.readable or (name and (token.apart or token.lead)):
            return
        name = name + token.text if name else _SHORT.get(token.text, token.text)
        if name in _KNOWN_AS or cities(name):
            yield end, name


def _goes_on(tokens: Sequence[Token], at: int) -> bool:
    """Whether an address goes on here: after a comma at most."""
    return at < len(tokens) and tokens[at].gap.strip() in ("", ",")


def _state(tokens: Sequence[Token], at: int) -> tuple[str | None, int]:
    """The state at this position, also after a comma, and where it ends."""
    if not _goes_on(tokens, at):
        return None, at
    length = words_at(tokens, at, _states(), LONGEST_STATE)
    name = "".join(token.text for token in tokens[at : at + length])
    return _states().get(name), at + length


def _of_state(name: str, state: str | None) -> City | None:
    return next((city for city in cities(name) if city.place.state == state), None)


def _zip(tokens: Sequence[Token], at: int) -> tuple[Place, int] | None:
    """A ZIP code that exists; one that ends like a round amount is an amount."""
    if at >= len(tokens):
        return None
    token = tokens[at]
    plain = token.readable and not token.lead and not token.plus
    if not plain or len(token.text) != 5 or not token.text.isdigit() or token.text.endswith("00"):
        return None
    place = place_of_zip(token.text)
    return None if place is None else (place, at + 1)
