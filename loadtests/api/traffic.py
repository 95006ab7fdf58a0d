"""Made-up people: searches as a page makes them, how often each is made, and what is typed."""

import random
from collections.abc import Iterator
from itertools import accumulate
from typing import Any
from urllib.parse import urlencode

ZIPS = ("60601", "10001", "90001", "77001", "33101")
WORDS = ("awd", "suv under 30k", "used", "black", "low miles", "automatic")
SORTS = ("price", "mileage", "-year", "newest")
SEED = 1

Facets = dict[str, list[dict[str, Any]]]


def searches(facets: Facets, count: int) -> list[str]:
    """So many different queries of URLs, a few filters each, every count asked for.

    `facets` are those of an answer: values that there are.
    """
    dice = random.Random(SEED)
    found: dict[str, None] = {}
    while len(found) < count:
        found[urlencode(_search(dice, facets))] = None
    return list(found)


def _search(dice: random.Random, facets: Facets) -> list[tuple[str, str]]:
    pairs = [("q", _words(dice, facets))] if dice.random() < 0.4 else []
    known = [name for name in sorted(facets) if facets[name]]
    chosen = dice.sample(known, dice.randrange(3))
    pairs += [(name, _escaped(dice.choice(facets[name])["value"])) for name in chosen]
    if dice.random() < 0.5:
        pairs.append(("price_max", str(dice.randrange(5, 60) * 1000)))
    if dice.random() < 0.5:
        pairs += [("zip", dice.choice(ZIPS)), ("radius", str(dice.choice((25, 50, 100, 250))))]
    if dice.random() < 0.5:
        pairs.append(("sort", dice.choice(SORTS)))
    return pairs


def _words(dice: random.Random, facets: Facets) -> str:
    """What somebody looks for: a model or a feature, words that become filters, or both."""
    name = dice.choice(("model", "feature"))
    text = dice.choice(facets[name])["value"].lower()
    return dice.choice((text, dice.choice(WORDS), f"{text} {dice.choice(WORDS)}"))


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace(",", "\\,")


def mixed(popular: list[bytes], new: list[bytes], every: int) -> Iterator[bytes]:
    """Popular things, the n-th as often as 1/n says (Zipf's law, s = 1), until there are no more
    new ones, of which one comes instead after so many.
    """
    dice = random.Random(SEED)
    weights = list(accumulate(1 / rank for rank in range(1, len(popular) + 1)))
    for one in new:
        yield from dice.choices(popular, cum_weights=weights, k=every - 1)
        yield one


def typed(facets: Facets, count: int) -> list[str]:
    """Texts letter by letter as they are typed, from the second letter on."""
    dice = random.Random(SEED)
    known = [one["value"] for name in ("make", "model", "dealer") for one in facets[name]]
    known += ["chicago", "new york", "los angeles", "606", "770"]
    found: list[str] = []
    while len(found) < count:
        text = dice.choice(known).lower()
        found += [text[:end] for end in range(2, len(text) + 1)]
    return found[:count]
