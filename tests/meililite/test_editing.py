"""Functions that edit documents."""

import contextlib

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meililite.editing.evaluation import run
from meililite.editing.grammar import ScriptError, parse
from tests.meililite.meililite_server import Server


def _edited(script: str, document: dict | None = None, **context) -> dict | None:
    return run(parse(script), document or {}, context)


@pytest.mark.parametrize(
    ("script", "before", "after"),
    [
        ("doc.a = 1", {}, {"a": 1}),
        ("doc.a = doc.b.c + 1; doc.b = ();", {"b": {"c": 2}}, {"b": None, "a": 3}),
        ("doc.t = `<${doc.t.to_upper()}> ${1 + 2}`", {"t": "é"}, {"t": "<É> 3"}),
        ("if doc.n > 2 { doc.k = true } else if doc.n == 2 { doc.k = 2 } else { doc.k = () }",
         {"n": 2}, {"n": 2, "k": 2}),
        ("let i = 0; while i < 3 { doc.l.push(i * 2); i += 1 }", {"l": []}, {"l": [0, 2, 4]}),
        ("for x in doc.l { doc.s += x }", {"l": ["a", "b"], "s": ""}, {"l": ["a", "b"], "s": "ab"}),
        ('doc["a"] = #{x: [1, 2.5], "y": !true}; // b', {}, {"a": {"x": [1, 2.5], "y": False}}),
        ("doc.a = -7 / 2; doc.b = -7 % 3; doc.c = 7 - 2 * 3", {}, {"a": -3, "b": -1, "c": 1}),
        ("doc.a = 1 < 2 && 2 <= 2 || false; doc.b = 2 in [1, 2]", {}, {"a": True, "b": True}),
        ('doc.a = "x\\n\\"y"', {}, {"a": 'x\n"y'}),
        ("doc.a = if doc.a == () { 1 } else { 2 }", {}, {"a": 1}),
        ("doc.remove(\"a\"); doc.n = doc.len()", {"a": 1, "b": 2}, {"b": 2, "n": 1}),
        ("doc = ()", {"a": 1}, None),
        ("doc.a = 9223372036854775807 / 3", {}, {"a": 3074457345618258602}),
        ("doc.a = -7.5 % 2", {}, {"a": -1.5}),
    ],
)  # fmt: skip
def test_what_functions_do(script: str, before: dict, after: dict | None):
    assert _edited(script, before) == after


@pytest.mark.parametrize(
    "script",
    [
        "doc.a = ",
        "if {",
        "doc.a = 'x'",
        "1 = 2",
        "{",
        "doc.(",
        "(" * 5000,
        "let 1 = 2",
        "@",
        "doc.a = " + "9" * 5000,
    ],
)
def test_what_is_no_function(script: str):
    with pytest.raises(ScriptError):
        parse(script)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("while true { }", "Too many operations"),
        ("doc.a = nobody", "Variable not found: nobody"),
        ("doc.a = doc.b.c", "Unknown property"),
        ("doc.a = 1.fly()", "Function not found: fly"),
        ("if 1 { }", "expecting bool"),
        ('doc.a = "x"; while true { doc.a += doc.a }', "too long"),
        ("let n = 2; while true { n *= n }", "overflow"),
        ('doc.a = "x" * 9', "Only numbers"),
        ("doc.a = 1 / 0", "by zero"),
        ("doc.a = [1][5]", "out of range"),
        ("doc[1] = 2", "key must be str"),
        ("doc.a = doc", "Recursion limit"),
        ("doc.a = []; doc.a.push(doc.a)", "Recursion limit"),
    ],
)
def test_what_goes_wrong_is_said(script: str, said: str):
    with pytest.raises(ScriptError, match=said):
        _edited(script)


_PIECES = (
    "doc doc.a doc.b doc.l context let i = += -= *= /= == != < >= + - * / % && || ! ( ) [ ] { } #{ "
    '} : , ; . if else while for in true false () 0 1 2.5 9223372036854775807 1e308 "a" `${1}` '
    ".push( .set( .len() .split( .remove( .sort() .to_int() .sub_string("
)
_scripts = st.text(max_size=40) | st.lists(st.sampled_from(_PIECES.split()), max_size=14).map(
    " ".join
)


@settings(max_examples=150, deadline=None)
@given(_scripts)
def test_any_text_is_refused_or_leaves_what_can_be_stored(text: str):
    with contextlib.suppress(ScriptError):
        orjson.dumps(_edited(text, {"a": 1, "b": "x", "l": [1, "y"]}))


@given(st.integers(-1000, 1000), st.integers(-1000, 1000).filter(bool))
def test_whole_numbers_divide_towards_zero(a: int, b: int):
    document = _edited(f"doc.q = ({a}) / ({b}); doc.r = ({a}) % ({b})")
    assert document["q"] * b + document["r"] == a
    assert abs(document["r"]) < abs(b)


def test_documents_are_edited_by_a_task(server: Server):
    server.task("PUT", "/indexes/films/settings/filterable-attributes", ["id"])
    films = [{"id": n, "title": f"film {n}"} for n in range(5)]
    server.task("POST", "/indexes/films/documents", films)
    body = {
        "function": "if doc.id == context.n { doc.title = doc.title.to_upper() } else { doc = () }",
        "context": {"n": 1},
        "filter": "id < 3",
    }
    assert server.call("POST", "/indexes/films/documents/edit", body)[1]["code"] == (
        "feature_not_enabled"
    )
    try:
        server.call("PATCH", "/experimental-features", {"editDocumentsByFunction": True})
        task = server.task("POST", "/indexes/films/documents/edit?customMetadata=x", body)
        assert task["details"] == {
            "editedDocuments": 1,
            "deletedDocuments": 2,
            "originalFilter": '"id < 3"',
            **{name: body[name] for name in ("function", "context")},
        }
        _, page = server.call("GET", "/indexes/films/documents")
        assert {film["id"]: film["title"] for film in page["results"]} == {
            1: "FILM 1", 3: "film 3", 4: "film 4",
        }  # fmt: skip
        for script, said in (("doc.id = 9", "cannot modify"), ("doc = 3", "keep documents")):
            task = server.task("POST", "/indexes/films/documents/edit", {"function": script})
            assert said in task["error"]["message"]
    finally:
        server.call("PATCH", "/experimental-features", {"editDocumentsByFunction": False})
