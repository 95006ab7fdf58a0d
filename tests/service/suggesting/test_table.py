from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.vocabulary import fold
from service.suggesting.spelling import one_edit
from service.suggesting.suggestion import Suggestion, Typed
from service.suggesting.table import Beginnings, Table

TEXTS = ("Mercedes-Benz", "Toyota", "Land Rover", "Citroën", "Chevrolet", "Ford F-150", "Benz Vans")
NAMES = {"Chevrolet": ("chevy",)}
TABLE = Table(Suggestion("make", text, {}, names=NAMES.get(text, ())) for text in TEXTS)


def found(typed: str, most: int = 10) -> list[str]:
    return [one.suggestion.text for one in TABLE.find(Typed(typed), most)]


@pytest.mark.parametrize(
    ("typed", "texts"),
    [
        ("merc", ["Mercedes-Benz"]),
        ("benz", ["Benz Vans", "Mercedes-Benz"]),
        ("rover land", ["Land Rover"]),
        ("LANDR", ["Land Rover"]),
        ("citroen", ["Citroën"]),
        ("chevy", ["Chevrolet"]),
        ("f150", ["Ford F-150"]),
        ("f-1", ["Ford F-150"]),
        ("oyota", ["Toyota"]),
        ("toyata", ["Toyota"]),
        ("otyo", ["Toyota"]),
        ("mercdes", ["Mercedes-Benz"]),
        ("landd ro", ["Land Rover"]),
        ("tyo", []),
        ("9150", []),
        ("zzzz", []),
    ],
)
def test_what_is_typed_finds_what_is_meant(typed: str, texts: list[str]) -> None:
    assert found(typed) == texts


@given(st.lists(st.text("ab", min_size=1, max_size=3), min_size=1, max_size=9))
def test_words_that_others_begin_with_tell_nothing(words: list[str]) -> None:
    telling = Typed(" ".join(words)).telling
    assert {one for one in words if any(other.startswith(one) for other in telling)} == {*words}
    assert not any(a != b and b.startswith(a) for a in telling for b in telling)
    assert len(telling) == len({*telling})


def test_no_word_is_looked_for_that_another_begins_with(monkeypatch) -> None:
    looked: list[str] = []

    def of(self: Beginnings, text: str) -> Sequence[int]:
        looked.append(text)
        return range(1)

    monkeypatch.setattr(Beginnings, "of", of)
    Table([Suggestion("make", "Same Seven", {})]).find(Typed("s se sev " * 22), 10)
    assert {*looked} == {"ssesev" * 22, "sev"}


def test_a_misspelled_word_is_told() -> None:
    assert [(one.misspelled, one.matched) for one in TABLE.find(Typed("toyato"), 10)] == []
    assert [(one.misspelled, one.matched) for one in TABLE.find(Typed("toyats"), 10)] == []
    assert [(one.misspelled, one.matched) for one in TABLE.find(Typed("toyat"), 10)] == [
        (True, ("toyot",))
    ]


WORDS = st.text("abc1 -É", min_size=1, max_size=7)


@given(st.lists(WORDS, max_size=30), WORDS, st.integers(1, 5))
def test_the_beginnings_found_are_those_of_a_search_through_all(
    texts: list[str], typed: str, most: int
) -> None:
    table = Table(Suggestion("make", text, {}) for text in texts)
    words = [fold(text).split() for text in texts]
    begun = Typed(typed)
    if not begun.words:
        return

    def order(number: int) -> int | None:
        endings = ["".join(words[number][at:]) for at in range(len(words[number]))]
        met = [ending.startswith(begun.squeezed) for ending in endings]
        if any(met):
            return 0 if met[0] else 1
        by_words = all(any(ending.startswith(word) for ending in endings) for word in begun.words)
        return 2 if by_words else None

    ranked = sorted((rank, at) for at in range(len(texts)) if (rank := order(at)) is not None)
    numbers = [number for _, number in ranked][:most]
    got = table.find(begun, most)
    if numbers:
        assert [one.suggestion for one in got] == [table.suggestions[at] for at in numbers]
    else:
        assert all(one.misspelled for one in got)


@given(st.text("abc", min_size=4, max_size=8), st.lists(st.text("abc", max_size=9), max_size=20))
def test_one_edit_gives_every_beginning_at_a_distance_of_one(typed: str, keys: list[str]) -> None:
    def begins(text: str) -> bool:
        return any(key.startswith(text) for key in keys)

    if begins(typed):
        return
    beginnings = {key[:end] for key in keys for end in range(len(key) + 1)}
    near = {text for text in beginnings if text in _edits(typed)}
    assert set(one_edit(typed, begins)) == near


def _edits(word: str) -> set[str]:
    """Norvig's definition, without any cut."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    deletes = {a + b[1:] for a, b in cuts if b}
    transposes = {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    replaces = {a + c + b[1:] for a, b in cuts if b for c in "abc"}
    inserts = {a + c + b for a, b in cuts for c in "abc"}
    return (deletes | transposes | replaces | inserts) - {word}
