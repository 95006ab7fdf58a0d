from pathlib import Path

import pytest

from catalog.cars import CARS
from service.reading.merging import merge
from service.reading.reader import QueryReader

YEAR = 2026
READER = QueryReader(CARS)


def lines() -> list[tuple[str, str]]:
    """Phrases and their readings."""
    text = (Path(__file__).parent / "phrases.tsv").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if line != "#" and not line.startswith("# ")]
    return [tuple(line.split("\t")) for line in kept]


def reading(q: str) -> list[str]:
    """What a query becomes, in the parts that `phrases.tsv` is written in."""
    merged = merge(CARS, {"q": q}, {}, READER.read(q, YEAR).pieces)
    parts = [part(name, value, q) for name, value in merged.given.items()]
    out = [f"{name}=!{'|'.join(values)}" for name, values in merged.excluded.items()]
    return [
        *parts,
        *out,
        *{f"needs={need}" for reading in merged.readings for need in reading.needs},
    ]


def part(name: str, value: object, q: str) -> str:
    if name == "zip":
        city = f"{value.city}, {value.state}"
        return f"near={value.zip} {city}" if value.zip in q else f"near={city}"
    if name == "q":
        return f"text={value}"
    if isinstance(value, tuple):
        return f"{name}={'|'.join(value)}"
    return f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}"


@pytest.mark.parametrize(("phrase", "expected"), lines())
def test_a_phrase_is_read_as_listed(phrase: str, expected: str):
    assert sorted(reading(phrase)) == sorted(expected.split("; ") if expected else [])


def test_there_are_hundreds_of_phrases_and_none_twice():
    phrases = [phrase for phrase, _ in lines()]
    assert len(phrases) == len(set(phrases)) >= 200
