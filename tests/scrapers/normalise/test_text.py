"""Text from strangers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.normalise.text import clean, labels, link, prose

anything = st.lists(st.characters() | st.sampled_from(["\x00", "\ud800"]), max_size=60).map("".join)


@given(anything, st.integers(1, 50))
def test_clean_text_is_one_line_that_postgres_takes(text: str, limit: int) -> None:
    cleaned = clean(text, limit)
    if cleaned is not None:
        assert "\x00" not in cleaned.encode().decode()
        assert cleaned == " ".join(cleaned.split())
        assert 0 < len(cleaned) <= limit


@given(anything)
def test_a_description_is_text_that_postgres_takes(text: str) -> None:
    described = prose(text, 100)
    if described is not None:
        assert "\x00" not in described.encode().decode()
        assert 0 < len(described) <= 100


@pytest.mark.parametrize(
    "text", ["", "  ", "\x00", "N/A", "null", "None", "-", "Not Specified", "&nbsp;"]
)
def test_words_for_nothing_are_nothing(text: str) -> None:
    assert clean(text) is None


def test_halves_of_surrogate_pairs_and_nul_go() -> None:
    assert clean("a\ud800b\x00c") == "abc"
    assert prose("a\udfff\x00b") == "ab"


def test_entities_and_controls_go() -> None:
    assert clean(" Smith &amp; Sons\t\x07Motors\u200b ") == "Smith & Sons Motors"


def test_markup_goes_and_what_was_escaped_twice_is_read() -> None:
    assert clean("2019 <b>Honda</b> Civic<br/>EX <!-- new -->") == "2019 Honda Civic EX"
    assert clean("Smith &amp;amp; Sons &lt;i&gt;Motors&lt;/i&gt;") == "Smith & Sons Motors"
    assert clean("<span></span>") is None
    assert clean("0-60 < 5 s, > 300 hp") == "0-60 < 5 s, > 300 hp"


def test_marks_that_turn_text_around_go_and_emoji_stay() -> None:
    assert clean("Lot \u202egro.live\u2066 \U0001f697") == "Lot gro.live \U0001f697"


def test_a_description_keeps_its_lines_and_loses_its_markup() -> None:
    html = "<p>One   owner.</p><ul><li>Clean</li></ul>\r\n\r\n\r\nCall<br>us &lt;3 <script x>"
    assert prose(html) == "One owner.\nClean\n\nCall\nus <3"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://lot.example/car?id=1&amp;x=2", "https://lot.example/car?id=1&x=2"),
        ("https://lot.example/?a=1&region=2&times=3", "https://lot.example/?a=1&region=2&times=3"),
        ("https://lot.example/?a=1&#038;b=2&#x26;c=3", "https://lot.example/?a=1&b=2&c=3"),
        ("//cdn.example/a.jpg", "https://cdn.example/a.jpg"),
        ("http://lot.example/my car.jpg", "http://lot.example/my%20car.jpg"),
        ('https://lot.example/"><script>', "https://lot.example/%22%3E%3Cscript%3E"),
        ("javascript:alert(1)", None),
        ("data:text/html;base64,AAAA", None),
        ("javascript://lot.example/%0aalert(1)", None),
        ("ftp://lot.example/a.jpg", None),
        ("/relative", None),
        ("https://", None),
        ("https://x.example/" + "a" * 2_000, None),
    ],
)
def test_only_web_addresses_are_links(text: str, address: str | None) -> None:
    assert link(text) == address


def test_labels_are_clean_told_once_and_bounded() -> None:
    assert labels([" Bluetooth", "Bluetooth", "", "A &amp; C", "Roof"], most=2, limit=5) == [
        "Bluet",
        "A & C",
    ]
