"""Rules that hold for every query, whatever its words."""

import re
import time
from dataclasses import replace

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from catalog.cars import CARS
from service.reading.pieces import MOST_READINGS, Piece
from service.reading.reader import QueryReader, ReadQuery
from service.understanding.parameters import LONGEST_QUERY
from tests.service.reading.test_phrases import YEAR, lines

READER = QueryReader(CARS)
WORDS = re.compile(r"[^\W_]+")

known = st.sampled_from([phrase for phrase, _ in lines()])
unknown = st.text(max_size=12) | st.sampled_from(
    ["not", "no", "or", "with", "of", "near", "under", "20", ",", "/"]
)
queries = st.lists(known | unknown, max_size=6).map(" ".join)


def read(q: str) -> tuple[Piece, ...]:
    return READER.read(q, YEAR).pieces


def meanings(pieces: tuple[Piece, ...] | list[Piece]) -> list[tuple[str, object]]:
    return [(piece.words, piece.meaning) for piece in pieces if piece.meaning is not None]


def text(pieces: tuple[Piece, ...] | list[Piece]) -> list[str]:
    return [
        word for piece in pieces if piece.meaning is None for word in WORDS.findall(piece.words)
    ]


@given(st.text(max_size=300) | queries)
def test_every_word_is_in_one_piece(q: str):
    pieces = read(q)
    assert WORDS.findall(" ".join(piece.words for piece in pieces)) == WORDS.findall(q)
    assert [q[piece.start : piece.end] for piece in pieces] == [piece.words for piece in pieces]


def some(q: str) -> ReadQuery:
    """A query with fewer readings than there may be: with one less, no other takes its place."""
    asked = READER.read(q, YEAR)
    assume(len(meanings(asked.pieces)) < MOST_READINGS)
    return asked


@given(queries)
@example("2018 honda 2021")
@example("under toyota 1990")
@example("<suv 2019")
@example("no diesel and suv or red awd")
@example("new york ny door la 60614")
def test_a_query_without_a_piece_reads_like_the_rest(q: str):
    asked = some(q)
    for index, undo in enumerate(asked.undo):
        others = [*asked.pieces[:index], *asked.pieces[index + 1 :]]
        again = read(undo.without)
        assert (meanings(again), text(again)) == (meanings(others), text(others))


@given(queries)
def test_a_piece_taken_as_text_leaves_the_others(q: str):
    asked = some(q)
    for index, (piece, undo) in enumerate(zip(asked.pieces, asked.undo, strict=True)):
        assert (undo.as_text is None) == (piece.meaning is None)
        if undo.as_text is not None:
            again = read(undo.as_text)
            others = [*asked.pieces[:index], *asked.pieces[index + 1 :]]
            assert meanings(again) == meanings(others)
            assert f'"{piece.words}"' in " ".join(one.words for one in again)


def test_what_a_piece_kept_apart_stays_apart():
    undo = READER.read("2018 honda 2021", YEAR).undo
    assert [one.without for one in undo] == ["honda 2021", "2018, 2021", "2018 honda"]


@given(st.text(alphabet='red "suv', max_size=40))
def test_quoted_words_stay_text(q: str):
    quoted = re.findall(r'"[^"]*"', q)
    kept = " ".join(piece.words for piece in read(q) if piece.meaning is None)
    assert all(part in kept for part in quoted if WORDS.search(part))


def test_readings_are_bounded():
    pieces = read("red, " * (MOST_READINGS + 10))
    assert sum(piece.meaning is not None for piece in pieces) == MOST_READINGS


LONG = {
    "known words": "civic red ",
    "a number": "1",
    "signs": "$",
    "commas": "1,111",
    "quotes": '"',
    "spans": "from 10 to ",
    "cities": "st ",
    "places": "within 5 mi of ",
    "labels": "price of ",
    "hidden words": " -a",
    "unknown words": "zz ",
}


@pytest.mark.parametrize("unit", LONG.values(), ids=LONG)
def test_a_query_fifty_times_too_long_is_read_in_a_moment(unit: str):
    q = (unit * LONGEST_QUERY * 50)[: LONGEST_QUERY * 50]
    started = time.process_time()
    read(q)
    assert time.process_time() - started < 3


def test_a_vertical_without_words_reads_nothing():
    bare = replace(CARS, words=type(CARS.words()), place=False)
    pieces = QueryReader(bare).read("red suv under 20k near 60601").pieces
    assert [piece.meaning for piece in pieces] == [None]


def test_another_vertical_has_its_own_words():
    words = replace(
        CARS.words(),
        phrases={"jazz": {"genre": ("Jazz",)}, "tonight": {"sort": "soonest"}},
        units={},
        labels={},
        years=None,
    )
    concerts = replace(CARS, name="concerts", words=lambda: words)
    pieces = QueryReader(concerts).read("jazz tonight red 2019 under $50", YEAR).pieces
    assert [piece.meaning for piece in pieces] == [
        {"genre": ("Jazz",)}, {"sort": "soonest"}, None, {"price_max": 50},
    ]  # fmt: skip
