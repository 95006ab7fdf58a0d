"""Text is cut as charabia, Meilisearch's tokenizer, cuts it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meililite.index.settings import Settings
from meililite.index.tokens import Tokenizer

PLAIN = Tokenizer(Settings.of({}))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello World", ["hello", "world"]),
        ("don't stop", ["don", "t", "stop"]),
        ("F-150 XL/T", ["f", "150", "xl", "t"]),
        ("$5 a=b <x>", ["$5", "a=b", "<x>"]),
        ("Café Müller ŒUVRE", ["cafe", "muller", "oeuvre"]),
        ("Straße", ["straße"]),
        ("Ψυχή Дом Ёж", ["ψυχη", "дом", "ё" + "ж"]),
        ("домa", ["дом", "a"]),  # noqa: RUF001
        ("½ km", ["1⁄2", "km"]),  # noqa: RUF001
        ("", []),
        (" - ", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    wanted = [unicodedata.normalize("NFKD", word) if "ё" in word else word for word in words]
    assert PLAIN.words(text)[0] == wanted


@pytest.mark.parametrize(
    ("text", "positions"),
    [
        ("a b c", [0, 1, 2]),
        ("a. b", [0, 8]),
        ("a.b", [0, 1]),
        ("a, b", [0, 8]),
        ("a!b", [0, 8]),
        (". a", [0]),
        ("a - b; c", [0, 1, 9]),
    ],
)
def test_hard_separators_keep_words_apart(text: str, positions: list[int]) -> None:
    assert PLAIN.words(text)[1] == positions


@given(st.text(alphabet=st.characters(max_codepoint=0x24F) | st.sampled_from(". , ; — “ ” ½")))
def test_the_fast_way_cuts_like_the_thorough_one(text: str) -> None:
    thorough = Tokenizer(Settings.of({"stopWords": ["qqqqqq"]}))
    assert PLAIN.words(text) == thorough.words(text)


@given(st.text())
def test_tokens_cover_the_text(text: str) -> None:
    tokens = PLAIN.tokens(text)
    assert "".join(text[token.start : token.end] for token in tokens) == text


def test_settings_change_where_text_is_cut() -> None:
    settings = {"separatorTokens": ["x"], "nonSeparatorTokens": ["-"], "dictionary": ["J. R."]}
    own = Tokenizer(Settings.of(settings))
    assert own.words("a-b 1x2 J. R. Tolkien")[0] == ["a-b", "1", "2", "j. r.", "tolkien"]


def test_stop_words_are_not_indexed_but_count() -> None:
    own = Tokenizer(Settings.of({"stopWords": ["the"]}))
    assert own.words("over the hill") == (["over", "hill"], [0, 2])
