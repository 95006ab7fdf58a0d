"""The words for requests of a wrong shape."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meililite.errors import ApiError
from meililite.shapes import parameters, query, settings
from meililite.shapes.shape import (
    Field,
    array,
    boolean,
    index_uid,
    number,
    record,
    string,
    unsigned,
)

_shape = record(
    {
        "name": Field(string, "bad_name", missing="no_name"),
        "list": Field(array(record({"n": Field(unsigned)})), "bad_list"),
        "on": Field(boolean),
    },
    code="bad_request",
    immutable={"born": "immutable_born"},
)


def _error(call, *arguments) -> tuple[str, str]:
    with pytest.raises(ApiError) as raised:
        call(*arguments)
    return raised.value.code, raised.value.message


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        (
            3,
            "bad_request",
            "Invalid value type: expected an object, but found a positive integer: `3`",
        ),
        ({}, "no_name", "Missing field `name`"),
        (
            {"name": None},
            "bad_name",
            "Invalid value type at `.name`: expected a string, but found null",
        ),
        (
            {"name": "a", "nam": 1},
            "bad_request",
            "Unknown field `nam`: expected one of `name`, `list`, `on`",
        ),
        (
            {"naem": 1},
            "bad_request",
            "Unknown field `naem`: did you mean `name`? expected one of `name`, `list`, `on`",
        ),
        (
            {"born": 1},
            "immutable_born",
            "Immutable field `born`: expected one of `name`, `list`, `on`",
        ),
        (
            {"list": [{"n": 1}, {"n": -1}]},
            "bad_list",
            "Invalid value type at `.list[1].n`: expected a positive integer, "
            "but found a negative integer: `-1`",
        ),
        (
            {"list": [{"m": 1}]},
            "bad_list",
            "Unknown field `m` inside `.list[0]`: expected one of `n`",
        ),
        (
            {"on": 1.0},
            "bad_request",
            "Invalid value type at `.on`: expected a boolean, but found a number: `1.0`",
        ),
    ],
)
def test_records(body: object, code: str, said: str):
    assert _error(_shape, body, "", "outer") == (code, said)


def test_the_first_fault_in_the_order_of_the_request_is_said():
    assert _error(_shape, {"on": 1, "name": 2}, "", "outer")[0] == "bad_request"
    assert _error(_shape, {"name": 2, "on": 1}, "", "outer")[0] == "bad_name"


def test_a_boolean_is_no_number():
    for shape in (unsigned, number):
        assert "found a boolean: `true`" in _error(shape, True, "", "x")[1]


@given(st.from_regex(r"[A-Za-z0-9_-]{1,400}", fullmatch=True))
def test_valid_index_uids(text: str):
    assert index_uid(text, "", "x") == text


@pytest.mark.parametrize("text", ["", "a b", "é", "a" * 401, "a/b", "a\n"])
def test_invalid_index_uids(text: str):
    assert "is not a valid index uid" in _error(index_uid, text, ".uid", "x")[1]


def test_parameters_have_defaults_and_their_own_words():
    assert query.read([], parameters.INDEXES) == {"offset": 0, "limit": 20}
    assert _error(query.read, [("limit", "-1")], parameters.INDEXES) == (
        "invalid_index_limit",
        "Invalid value in parameter `limit`: could not parse `-1` as a positive integer",
    )
    assert _error(query.read, [("lmit", "1")], parameters.INDEXES)[1] == (
        "Unknown parameter `lmit`: did you mean `limit`? expected one of `offset`, `limit`"
    )
    assert _error(parameters.search, [("matchingStrategy", "some")])[1] == (
        "Unknown value `some` for parameter `matchingStrategy`: "
        "expected one of `last`, `all`, `frequency`"
    )


@pytest.mark.parametrize("text", ["9" * 5000, "18446744073709551616", "", "-1", "1_0", "٣", "1e3"])
def test_what_is_no_unsigned_number(text: str):
    said = f"Invalid value in parameter `limit`: could not parse `{text}` as a positive integer"
    assert _error(query.read, [("limit", text)], parameters.INDEXES) == (
        "invalid_index_limit",
        said,
    )


@given(st.integers(0, 2**64 - 1), st.integers(0, 30), st.sampled_from(["", "+"]))
def test_unsigned_numbers(number: int, zeros: int, sign: str):
    assert query.unsigned(f"{sign}{'0' * zeros}{number}") == number


def test_commas_within_a_place_do_not_divide_sorts():
    assert parameters.sort_of("a:asc,_geoPoint(1,2):desc,b:asc") == [
        "a:asc", "_geoPoint(1,2):desc", "b:asc",
    ]  # fmt: skip


def test_a_filter_in_a_url_may_be_json():
    request = parameters.search([("filter", '["a = 1", ["b = 2"]]')])
    assert request == {"filter": ["a = 1", ["b = 2"]]}


def test_dates_without_a_time_mean_whole_days():
    after, before = query.moment(end_of_day=True), query.moment(end_of_day=False)
    assert after("2026-01-01") - before("2026-01-01") == 86_400_000_000
    assert after("2026-01-01T00:00:00Z") == before("2026-01-01T01:00:00+01:00")
    with pytest.raises(query.FaultError, match="is an invalid date-time"):
        after("2026-01-01T00:00:00")
    with pytest.raises(query.FaultError, match="is an invalid date-time"):
        after("9999-12-31")  # whose next day cannot be written


def test_settings_that_were_never_set_are_defaults():
    assert settings.view({})["rankingRules"][0] == "words"
    assert settings.view({"typoTolerance": {"enabled": False}})["typoTolerance"] == {
        "enabled": False,
        "minWordSizeForTypos": {"oneTypo": 5, "twoTypos": 9},
        "disableOnWords": [],
        "disableOnAttributes": [],
        "disableOnNumbers": False,
    }


def test_members_of_settings_are_merged_one_by_one():
    raw = settings.merge(
        {}, settings.update({"typoTolerance": {"disableOnWords": ["b", "a", "b"]}})
    )
    raw = settings.merge(raw, {"typoTolerance": {"enabled": False, "minWordSizeForTypos": None}})
    assert raw == {"typoTolerance": {"disableOnWords": ["a", "b"], "enabled": False}}
    assert settings.merge(raw, settings.reset()) == {}


def test_sizes_of_words_are_checked_after_merging():
    raw = settings.merge({}, {"typoTolerance": {"minWordSizeForTypos": {"twoTypos": 6}}})
    late = {"typoTolerance": {"minWordSizeForTypos": {"oneTypo": 7}}}
    assert _error(settings.merge, raw, late)[0] == "invalid_settings_typo_tolerance"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("_geoPoint(1,2):asc", "`_geoPoint` can only be used for sorting"),
        ("_geoRadius(1,2,3):asc", "`_geoRadius` can only be used for filtering"),
        ("_geo:desc", "`_geo` is a reserved keyword and thus can't be used as a ranking rule"),
        ("price", "`price` ranking rule is invalid"),
    ],
)
def test_ranking_rules_that_cannot_be(rule: str, said: str):
    assert said in _error(settings.update, {"rankingRules": [rule]})[1]


def test_ranking_rules_that_exclude_each_other():
    code, _ = _error(settings.update, {"rankingRules": ["attribute", "attributeRank"]})
    assert code == "invalid_settings_ranking_rules"
