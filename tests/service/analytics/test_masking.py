import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.analytics.masking import LONGEST, masked


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Red  SUV ", "red suv"),
        ("jane.doe@example.com camry", "[email] camry"),
        ("call 312-555-0199", "call [number]"),
        ("(312) 555 0199", "[number]"),
        ("+44 20 7946 0958", "[number]"),
        ("+1 312.555.0199", "[number]"),
        ("3125550199", "[number]"),
        ("555-0199", "[number]"),
        ("123-45-6789", "[number]"),
        ("4111 1111 1111 1111", "[number]"),
        ("1HGCM82633A004352", "1hgcm82633a004352"),
        ("near 60601", "near 60601"),
        ("2018-2021 under 20000", "2018-2021 under 20000"),
        ("10000-20000", "10000-20000"),
        ("f-150 100,000 miles", "f-150 100,000 miles"),
        ("chrysler 300 2015", "chrysler 300 2015"),
        ("a\0b", "a b"),
        (" " * 390 + "312-555-0199", "[number]"),
    ],
)
def test_what_may_tell_who_it_is_is_masked_and_nothing_else(typed: str, kept: str) -> None:
    assert masked(typed) == kept


@given(st.text(max_size=300), st.integers(10**6, 10**15))
def test_no_long_number_and_no_at_sign_among_words_stays(text: str, number: int) -> None:
    kept = masked(f"{text} {number} a@b.c")
    assert len(kept) <= LONGEST
    assert not re.search(rf"(?<!\w){number}(?!\w)", kept)
    assert "a@b.c" not in kept
    assert "\0" not in kept
