"""What is kept of a text that somebody typed: nothing that tells who or where they are."""

import re

LONGEST = 200  # characters

EMAIL = re.compile(r"(?<!\S)@*[^\s@]+@\S+")  # from a word's beginning on: nothing is read twice
NUMBERS = re.compile(
    r"""(?<!\w)(?:
        \+\d[\d ().-]{6,}\d                                 # a phone number of any country
      | (?:1[ .-]?)?(?:\(\d{3}\)|\d{3})[ .-]?\d{3}[ .-]?\d{4}   # of North America
      | \d{3}-\d{4}                                         # without its area code
      | \d{3}-\d{2}-\d{4}                                   # of social security
      | (?:\d{4}[ -]){3}\d{1,4}                             # of a card
      | \d{7,}
    )(?!\w)""",
    re.VERBOSE,
)


def masked(text: str) -> str:
    """The text in lower case with single spaces, `[email]` and `[number]` for what looks so.

    VINs, ZIP codes, years, prices and mileages stay. At most LONGEST characters.
    """
    plain = " ".join(writable(text).casefold().split())  # cut only when nothing is in it any more
    return NUMBERS.sub("[number]", EMAIL.sub("[email]", plain))[:LONGEST]


def writable(text: str) -> str:
    """The text without what no text of Postgres has: NUL, and halves of surrogates."""
    return text.replace("\0", " ").encode(errors="replace").decode()
