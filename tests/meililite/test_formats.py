"""Payloads of documents and what is wrong with them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meililite.documents.depth import LIMIT, may_be_too_deep
from meililite.documents.formats import count, parse
from meililite.errors import ApiError


def _refused(data: bytes, kind: str, delimiter: str = ",") -> str:
    with pytest.raises(ApiError) as raised:
        parse(data, kind, delimiter)
    return raised.value.message


def test_json_is_a_list_of_objects_or_one():
    assert parse(b'[{"a":1},{"b":2}]', "json") == [{"a": 1}, {"b": 2}]
    assert parse(b'{"a":1}', "json") == [{"a": 1}]
    assert parse(b"[]", "json") == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"[1]", "invalid type: integer `1`, expected a map at line 1 column 1"),
        (b'["x"]', 'invalid type: string "x", expected a map at line 1 column 3'),
        (b"[null]", "invalid type: null, expected a map at line 1 column 4"),
        (b"[true]", "invalid type: boolean `true`, expected a map at line 1 column 4"),
        (b"[1.5]", "invalid type: floating point `1.5`, expected a map at line 1 column 3"),
        (b"[[]]", "invalid type: sequence, expected a map at line 1 column 0"),
    ],
)
def test_json_that_holds_something_else(data: bytes, said: str):
    assert _refused(data, "json") == said


def test_long_faults_are_shortened():
    text = _refused(b'{"a": "' + b"x" * 300, "json")
    assert text.startswith("The `json` payload provided is malformed. `Couldn't serialize")


def test_ndjson_lines_may_be_empty_or_shared():
    assert parse(b'{"a":1}\n\r\n{"a":2}\n', "ndjson") == [{"a": 1}, {"a": 2}]
    assert parse(b'{"a":1} {"a":2}', "ndjson") == [{"a": 1}, {"a": 2}]
    assert parse(b'{"a":\n1}', "ndjson") == [{"a": 1}]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b'{"a":1}\n\r\n{}\n', "ndjson"),
        (b'{"a":1} {"a":2}\r{"a":3}', "ndjson"),
        (b'{"a":\n1}', "ndjson"),
        (b'{"a":"' + b"[" * 500 + b'"}\n{}', "ndjson"),
        (b'[{"a":1},{}]', "json"),
        (b"a\n1\n2", "csv"),
    ],
)
def test_counted_are_the_documents_that_are_parsed(data: bytes, kind: str):
    assert count(data, kind) == len(parse(data, kind))


@pytest.mark.parametrize("data", [b'{"a":1}\n{"a":', b'{"a":1}\n2', b'{"a":' + b"[" * 200])
def test_what_cannot_be_parsed_cannot_be_counted(data: bytes):
    with pytest.raises(ApiError) as raised:
        count(data, "ndjson")
    assert raised.value.message == _refused(data, "ndjson")


def test_csv_columns_have_types():
    data = "id:number,ok:boolean,n:string,x:other\n1,true,,\n-2.5,,3,y\n,false,é, \n".encode()
    assert parse(data, "csv") == [
        {"id": 1, "ok": True, "n": None, "x:other": None},
        {"id": -2.5, "ok": None, "n": "3", "x:other": "y"},
        {"id": None, "ok": False, "n": "é", "x:other": " "},
    ]


def test_csv_quotes_lines_and_delimiters():
    data = b'a;b\n"x;""y""\nz";2\n\n3;4\n'
    assert parse(data, "csv", ";") == [{"a": 'x;"y"\nz', "b": "2"}, {"a": "3", "b": "4"}]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"id,name\n1,a\n2", "record 2 (line: 3, byte: 12): found record with 1 fields"),
        (b"n:number\nx", 'Error parsing number "x" at line 1: invalid float literal'),
        (b"n:number\n1_0", 'Error parsing number "1_0" at line 1'),
        (b"b:boolean\nyes", 'Error parsing boolean "yes" at line 1: provided string was not'),
        (b"a\n\xff", "invalid UTF-8"),
    ],
)
def test_csv_that_is_wrong(data: bytes, said: str):
    message = _refused(data, "csv")
    assert message.startswith("The `csv` payload provided is malformed: `")
    assert said in message


def test_numbers_beyond_64_bits_are_floats():
    assert parse(b"n:number\n99999999999999999999", "csv") == [{"n": 1e20}]


def test_deep_documents_are_refused():
    deep = b'{"a":' + b"[" * 127 + b"]" * 127 + b"}"
    assert "recursion limit exceeded" in _refused(deep, "json")
    fine = b'{"a":' + b"[" * 126 + b"]" * 126 + b"}"
    assert len(parse(fine, "json")) == 1


@given(st.integers(1, 3 * LIMIT), st.integers(0, 20))
def test_depth_is_never_underestimated(depth: int, siblings: int):
    data = (b"[" * depth + b"]" * depth) * (siblings + 1)
    assert may_be_too_deep(data) == (depth > LIMIT)


def test_brackets_in_texts_do_not_make_a_document_deep():
    data = b'[{"a":"' + b"[" * 500 + b'"}]'
    assert may_be_too_deep(data)
    assert len(parse(data, "json")) == 1


def test_csv_is_read_as_leniently_as_there():
    text = '\ufeffid,t\r\n1,"a"b\r\n2,"' + "x" * 200_000
    first, second = parse(text.encode(), "csv", ",")
    assert first == {"id": "1", "t": "ab"}
    assert second == {"id": "2", "t": "x" * 200_000}
