from hypothesis import given
from hypothesis import strategies as st

from service.suggesting.choosing import choose
from service.suggesting.suggestion import Found, Suggestion

ROWS = st.dictionaries(
    st.sampled_from(("make", "model", "place", "dealer")), st.lists(st.booleans(), max_size=12)
)


def rows_of(drawn: dict[str, list[bool]]) -> dict[str, list[Found]]:
    return {
        kind: [Found(Suggestion(kind, str(at), {}), (), wrong) for at, wrong in enumerate(flags)]
        for kind, flags in drawn.items()
    }


def test_kinds_share_the_list_and_leave_what_they_do_not_need() -> None:
    rows = rows_of({"make": [False], "model": [False] * 9, "place": [False] * 9})
    kinds = [one.suggestion.kind for one in choose(rows, 8)]
    assert kinds == ["make"] + ["model"] * 4 + ["place"] * 3


@given(ROWS, st.integers(1, 20))
def test_a_list_is_full_in_order_and_fair(drawn: dict[str, list[bool]], most: int) -> None:
    rows = rows_of(drawn)
    chosen = choose(rows, most)
    assert len(chosen) == min(most, sum(map(len, rows.values())))
    assert [one.misspelled for one in chosen] == sorted(one.misspelled for one in chosen)
    taken = {kind: sum(one.suggestion.kind == kind for one in chosen) for kind in rows}
    for kind, row in rows.items():
        assert all(one in chosen for one in row[: taken[kind]]), "the best of each kind"
        if taken[kind] < len(row):
            assert taken[kind] >= max(taken.values()) - 1, "nobody has two more than one cut short"
