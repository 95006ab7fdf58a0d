"""Primary keys and document ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meililite.documents.identifiers import document_id, infer_primary_key
from meililite.errors import ApiError


def _code(call, *arguments) -> str:
    with pytest.raises(ApiError) as raised:
        call(*arguments)
    return raised.value.code


def test_the_one_field_that_ends_in_id_is_the_key():
    assert infer_primary_key({"name": 1, "carID": 2}) == "carID"
    assert _code(infer_primary_key, {"name": 1}) == "index_primary_key_no_candidate_found"
    several = "index_primary_key_multiple_candidates_found"
    assert _code(infer_primary_key, {"aid": 1, "bid": 1}) == several


@given(st.from_regex(r"[A-Za-z0-9_-]{1,511}", fullmatch=True) | st.integers(-(2**63), 2**64 - 1))
def test_valid_ids(value: str | int):
    assert document_id({"id": value}, "id") == str(value)


@pytest.mark.parametrize("value", ["", "a b", "é", "a" * 512, 1.5, None, True, [], {}, "a\n"])
def test_invalid_ids(value: object):
    assert _code(document_id, {"id": value}, "id") == "invalid_document_id"


def test_a_key_may_be_a_path():
    assert document_id({"a": {"b": 7}}, "a.b") == "7"
    assert document_id({"a.b": 7}, "a.b") == "7"
    assert document_id({"a": {"b.c": 7}}, "a.b.c") == "7"
    assert _code(document_id, {"a": {"c": 7}}, "a.b") == "missing_document_id"
    assert _code(document_id, {"a": 7}, "a.b") == "missing_document_id"
    twice = {"a": {"b": {"c": 1}, "b.c": 2}}
    assert _code(document_id, twice, "a.b.c") == "invalid_document_id"
