import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.vocabulary import squeeze
from service.suggesting.parts import parts


@pytest.mark.parametrize(
    ("text", "typed", "marked"),
    [
        ("Mercedes-Benz", ("merc",), "[Merc]edes-Benz"),
        ("Mercedes-Benz", ("benz",), "Mercedes-[Benz]"),
        ("Mercedes-Benz", ("mercedesb",), "[Mercedes-B]enz"),
        ("Ford F-150", ("f150",), "Ford [F-150]"),
        ("Citroën C4", ("citroen",), "[Citroën] C4"),
        ("Citroe\u0308n", ("citroen",), "[Citroe\u0308n]"),
        ("Chicago, IL", ("ilchic", "il", "chic"), "[Chic]ago, [IL]"),
        ("Chevrolet", ("chevy",), "Chevrolet"),
        ("", ("a",), ""),
    ],
)
def test_what_was_typed_is_marked(text: str, typed: tuple[str, ...], marked: str) -> None:
    shown = [
        f"[{part['text']}]" if part["matched"] else part["text"] for part in parts(text, typed)
    ]
    assert "".join(shown) == marked


@given(st.text(max_size=20), st.lists(st.text(max_size=5).map(squeeze), max_size=3))
def test_joined_the_parts_are_the_text(text: str, typed: list[str]) -> None:
    made = parts(text, tuple(typed))
    assert "".join(part["text"] for part in made) == text
    assert all(part["text"] for part in made)
