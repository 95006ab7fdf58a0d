"""Columns laid over one another."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from meililite.index import column_merging
from meililite.index.columns import Dictionary

text = st.text("aAbBé", max_size=3)
texts = st.sets(text, max_size=12)


def dictionary(texts: set[str]) -> Dictionary:
    pairs = sorted((text.lower().encode(), text.encode()) for text in texts)
    return Dictionary.of(np.zeros(0), pairs)


@given(left=texts, right=texts)
def test_strings_that_are_inserted_stand_where_merged_ones_do(
    left: set[str], right: set[str]
) -> None:
    both = dictionary(left), dictionary(right)
    for union in (column_merging._insert_strings, column_merging._merge_strings):
        strings, keys, first, of_left, of_right = union(*both)
        assert (
            Dictionary(np.zeros(0), strings, keys, first).pairs()
            == dictionary(left | right).pairs()
        )
        assert strings.taken(of_left).slice(0, len(left)) == list(both[0].strings)
        assert strings.taken(of_right).slice(0, len(right)) == list(both[1].strings)
