"""The values of a facet follow their changes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from meililite.index.facet_changes import Change
from meililite.index.facet_values import Values
from tests.meililite.index.plain_trees import touched

held = st.dictionaries(st.integers(0, 40), st.integers(1, 3), max_size=30)


@given(before=held, after=held, same=st.sets(st.integers(0, 40)))
def test_values_are_those_that_documents_hold(
    before: dict[int, int], after: dict[int, int], same: set[int]
) -> None:
    """same: values that are held by others, of which there are as many, too."""
    moved = {value for value in before if before[value] != after.get(value) or value in same}
    changed = sorted(moved | (after.keys() - before.keys()))
    net = [after.get(value, 0) - before.get(value, 0) for value in changed]
    values, places = _values(before).changed(Change(_keys(changed), np.array(net, np.int64)))
    assert list(values.keys) == _keys(sorted(after))
    assert values.counts.tolist() == [after[value] for value in sorted(after)]
    holders = {value: (count, value in changed) for value, count in after.items()}
    assert places == touched({value: (n, False) for value, n in before.items()}, holders)


def _values(counts: dict[int, int]) -> Values:
    known = sorted(counts)
    return Values.of(Change(_keys(known), np.array([counts[value] for value in known], np.int64)))


def _keys(values: list[int]) -> list[bytes]:
    return [b"%04d" % value for value in values]


def test_many_keys_are_placed_as_few_are() -> None:
    known = _values({3 * value: 1 for value in range(100)})
    news = Change(_keys(list(range(200))), np.ones(200, np.int64))
    at_once, _ = known.changed(news)
    one_by_one = known
    for key in news.keys:
        one_by_one, _ = one_by_one.changed(Change([key], np.ones(1, np.int64)))
    assert list(at_once.keys) == list(one_by_one.keys)
    assert at_once.counts.tolist() == one_by_one.counts.tolist()
