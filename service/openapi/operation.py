"""What a route does, said where the route is added; `/openapi.json` is made of these.

    routes.add_route(
        self.one,
        f"/<key:{KEY}>",
        METHODS,
        name="one",
        ctx_operation=Operation(
            "One listing",
            {200: Answer(record({"data": LISTING}))},
            parameters={},
            path={"key": {"description": "the listing's key"}},
            problems=("not-found",),
        ),
    )

A route that has none, and a kind of problem that none can answer, fail
tests/service/openapi/test_document.py. `tests/service/openapi/test_schema.py` asks every route
with values of all sorts and compares what is answered with what is said here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from service.openapi.headers import KEPT, TAGGED
from service.openapi.schema import Schema
from service.understanding.parameters import Parameter

ALWAYS = (
    "bad-request",
    "too-slow",
    "too-long",
    "unmet-expectation",
    "too-many",
    "fault",
    "busy",
    "unavailable",
)
"""Kinds of problems that every route may answer with."""


@dataclass(frozen=True)
class Answer:
    """A body that is no problem: its JSON Schema, None where it is no JSON or empty.

    `headers` are names of service/openapi/headers.py, those of every answer left out.
    """

    schema: Schema | None
    description: str = "The answer"
    content_type: str | None = "application/json"  # None: there is no body
    headers: tuple[str, ...] = ()


UNCHANGED = Answer(None, "It is still what `If-None-Match` names", None, TAGGED)


def kept(schema: Schema) -> dict[int, Answer]:
    """The answers of what is kept while the index stays as it is."""
    return {200: Answer(schema, headers=KEPT), 304: replace(UNCHANGED, headers=KEPT)}


@dataclass(frozen=True, eq=False)  # Sanic keeps it in a set
class Operation:
    """One route's description.

    `parameters` are those of the query, the same that its handler gives to `parameters.read`:
    `{}` where every parameter is refused, None where the query is not looked at. `path` has a
    schema for each name in the path (its pattern comes from the route), `body` that of a JSON
    body; `examples` are values of parameters. `problems` are the kinds in `problems.TYPES` that it
    raises beside those that follow from the rest; `admin` is whether it needs the admin key.
    """

    summary: str
    answers: Mapping[int, Answer]
    description: str = ""
    tag: str = "search"
    parameters: Mapping[str, Parameter] | None = None
    path: Mapping[str, Schema] = field(default_factory=dict)
    body: Schema | None = None
    examples: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    admin: bool = False

    def kinds(self) -> tuple[str, ...]:
        """Every kind of problem that the route may answer with, each once."""
        follow = (
            *(("unknown-parameter",) if self.parameters is not None else ()),
            *(("bad-value",) if self.parameters else ()),
            *(("not-found",) if self.path else ()),
            *(("unsupported-coding",) if self.body is not None else ()),
            *(("no-key", "not-found") if self.admin else ()),
        )
        return tuple(dict.fromkeys((*follow, *self.problems, *ALWAYS)))
