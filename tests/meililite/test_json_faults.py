"""What is wrong with a JSON text, in serde_json's words."""

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meililite.documents.json_faults import JsonFaultError, check


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"{", "EOF while parsing an object at line 1 column 1"),
        (b"[", "EOF while parsing a list at line 1 column 1"),
        (b"", "EOF while parsing a value at line 1 column 0"),
        (b'{"q": }', "expected value at line 1 column 7"),
        (b'{"q" 1}', "expected `:` at line 1 column 6"),
        (b'{"q"', "EOF while parsing an object at line 1 column 4"),
        (b'{"q":1,}', "trailing comma at line 1 column 8"),
        (b"[1,]", "trailing comma at line 1 column 4"),
        (b"[1 2]", "expected `,` or `]` at line 1 column 4"),
        (b'{"a":1 "b":2}', "expected `,` or `}` at line 1 column 8"),
        (b"{1:2}", "key must be a string at line 1 column 2"),
        (b'{\n  "a": trx\n}', "expected ident at line 2 column 10"),
        (b"nul", "EOF while parsing a value at line 1 column 3"),
        (b"1 2", "trailing characters at line 1 column 3"),
        (b'"abc', "EOF while parsing a string at line 1 column 4"),
        (b'"a\\x"', "invalid escape at line 1 column 4"),
        (b'"\\uD800"', "unexpected end of hex escape at line 1 column 8"),
        (b"01", "invalid number at line 1 column 2"),
        (b"1.", "EOF while parsing a value at line 1 column 2"),
        (b"1e999", "number out of range at line 1 column 5"),
        (
            b'"\n"',
            "control character (\\u0000-\\u001F) found while parsing a string at line 2 column 0",
        ),
        (b"[" * 128, "recursion limit exceeded at line 1 column 128"),
    ],
)
def test_faults(text: bytes, said: str):
    with pytest.raises(JsonFaultError) as raised:
        check(text)
    assert str(raised.value) == said


def test_a_stream_may_hold_any_number_of_values():
    check(b'{"a":1}\n\n{"b":2} {"c":3}', stream=True)
    check(b"", stream=True)
    with pytest.raises(JsonFaultError, match="EOF while parsing an object at line 2 column 1"):
        check(b'{"a":1}\n{', stream=True)


_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(_values, st.booleans())
def test_what_is_valid_has_no_fault(value: object, indented: bool):
    check(json.dumps(value, indent=2 if indented else None, ensure_ascii=indented).encode())


@given(_values, st.data())
def test_a_text_has_a_fault_if_and_only_if_the_fast_parser_refuses_it(value: object, data):
    text = bytearray(orjson.dumps(value))
    at = data.draw(st.integers(0, len(text) - 1))
    text[at] = data.draw(st.integers(0, 255))
    try:
        orjson.loads(bytes(text))
    except orjson.JSONDecodeError:
        with pytest.raises(JsonFaultError):
            check(bytes(text))
    else:
        check(bytes(text))
