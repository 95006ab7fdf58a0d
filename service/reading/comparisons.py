"""Words that compare: which side of a number they bound."""

from collections.abc import Iterable
from enum import Enum

from catalog.vocabulary import squeeze


class Side(Enum):
    """What is asked for beside a number; BEFORE and AFTER are said of years and leave it out."""

    AT_MOST = "at most"
    AT_LEAST = "at least"
    BEFORE = "before"
    AFTER = "after"
    ABOUT = "about"


def _known(sides: dict[Side, Iterable[str]]) -> dict[str, Side]:
    return {squeeze(words): side for side, phrases in sides.items() for words in phrases}


BEFORE_NUMBER = _known(
    {
        Side.AT_MOST: (
            "under", "below", "less than", "lower than", "fewer than", "cheaper than", "max",
            "maximum", "max of", "maximum of", "up to", "at most", "no more than", "not more than",
            "not over", "until", "through", "within budget", "for under", "for less than",
            "less then", "lower then", "fewer then", "cheaper then", "no more then",
            "not more then", "not to exceed", "not exceeding", "doesnt exceed", "dont exceed",
            "not above", "no greater than", "no higher than", "nothing over", "nothing above",
            "nothing more than", "no newer than", "not newer than", "nothing newer than",
        ),
        Side.AT_LEAST: (
            "over", "above", "more than", "greater than", "higher than", "at least", "min",
            "minimum", "minimum of", "from", "since", "starting at", "starting from",
            "no less than", "not less than", "not under", "more then", "greater then",
            "higher then", "no less then", "not below", "nothing under", "nothing below",
            "nothing less than", "no older than", "not older than", "nothing older than",
        ),
        Side.BEFORE: ("before", "older than", "older then", "earlier than", "pre"),
        Side.AFTER: ("after", "newer than", "newer then", "later than", "post"),
        Side.ABOUT: ("around", "about", "approx", "approximately", "roughly", "circa", "ca"),
    }
)  # fmt: skip

AFTER_NUMBER = _known(
    {
        Side.AT_MOST: (
            "max", "maximum", "tops", "or less", "or under", "or below", "or lower", "or cheaper",
            "or fewer", "and under", "and below", "and less", "or older", "and older",
            "or earlier", "and earlier",
        ),
        Side.AT_LEAST: (
            "min", "minimum", "plus", "or more", "or over", "or above", "or higher", "and up",
            "and over", "and above", "and more", "or newer", "and newer", "or later", "and later",
            "newer", "onward", "onwards", "and on", "and onward", "and onwards", "present",
            "to present", "to now", "to today", "to current", "till now", "until now",
        ),
    }
)  # fmt: skip

AFTER_AND = AFTER_NUMBER | {words.removeprefix("and"): side for words, side in AFTER_NUMBER.items()}
"""What follows a number and an `&`."""

SIGNS = {"<": Side.AT_MOST, "<=": Side.AT_MOST, ">": Side.AT_LEAST, ">=": Side.AT_LEAST,
         "~": Side.ABOUT}  # fmt: skip

LONGEST = 3  # words of any of them
