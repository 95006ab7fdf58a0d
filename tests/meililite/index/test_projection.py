"""Which parts of a document are kept: whole fields at once, paths into them step by step."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from meililite.index import projection
from meililite.index.projection import select

CAR: dict[str, Any] = {
    "id": "A",
    "dealer": {"name": "Loop", "geo": {"lat": 1}},
    "dealers": 2,
    "photos": [{"url": "u", "width": 3}, 4],
    "a.b": 5,
}

NAMES = st.sampled_from(["a", "b", "ab", "a.b", "b.a"])
DOCUMENTS = st.recursive(
    st.integers(), lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner)
)
PATHS = st.lists(st.lists(NAMES, min_size=1, max_size=3).map(".".join))


def test_fields_keep_the_order_of_the_document():
    assert list(select(CAR, ["photos", "none", "id"])) == ["id", "photos"]


def test_paths_go_into_objects_and_lists():
    assert select(CAR, ["dealer.geo", "photos.url", "dealers.x"]) == {
        "dealer": {"geo": {"lat": 1}},
        "photos": [{"url": "u"}],
    }


def test_a_name_with_a_dot_is_a_path_too():
    assert select(CAR, ["a"]) == {"a.b": 5}
    assert select(CAR, ["a.b"]) == {"a.b": 5}


@given(st.dictionaries(NAMES, DOCUMENTS), PATHS)
def test_whole_fields_at_once_are_what_the_steps_give(document, paths):
    slowly = projection._select(document, paths, "")
    assert list(select(document, paths).items()) == list(slowly.items())
