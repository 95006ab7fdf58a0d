"""Bounds of requests that need no server."""

import time

import pytest

from service.instantsearch.requests import LONGEST_FILTER, depth


@pytest.mark.parametrize(
    ("clause", "deep"),
    [
        ("((a = 1) OR (b = 2))", 2),
        ("a = '((' OR (b = \"((\")", 1),
        (r"a = '\'((' OR (b = 1)", 1),
        ("(a = '((", 1),
        ("(a = '((\\", 1),
    ],
)
def test_parentheses_count_where_they_are_not_in_quotes(clause: str, deep: int):
    assert depth(clause) == deep


@pytest.mark.parametrize("part", ["\\'", '\\"', "'\\", "'", "\"'\\"])
def test_quotes_that_are_not_closed_take_no_longer_than_others(part: str):
    clause = part * (LONGEST_FILTER // len(part))

    def took() -> float:
        began = time.process_time()
        depth(clause)
        return time.process_time() - began

    assert min(took() for _ in range(5)) < 0.05
