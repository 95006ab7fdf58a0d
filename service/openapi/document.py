"""The OpenAPI 3.1 document of the application's routes."""

from collections.abc import Iterable
from typing import Any

from sanic_routing import Route

from service.http.problems import CONTENT_TYPE, TYPES
from service.openapi.headers import HEADERS, RATE, references
from service.openapi.operation import Answer, Operation
from service.openapi.schema import Schema, example
from service.understanding.parameters import Parameter

INFO = {
    "title": "Showroom",
    "version": "1",
    "description": (
        "Faceted, range and distance searches over listings. HEAD is answered wherever GET is. "
        "Any other method is a 405, any other address a 404. New members may be added to answers."
    ),
    "license": {"name": "MIT", "identifier": "MIT"},
}

PROBLEM = {
    "type": "object",
    "description": "An error as RFC 9457 has it",
    "properties": {
        "type": {"enum": [f"urn:showroom:problem:{name}" for name in TYPES]},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "what was wrong, and what to do"},
        "parameter": {"type": "string", "description": "the parameter that it is about"},
        "parameters": {"type": "array", "items": {"type": "string"}},
        "nearest": {"type": "string", "description": "the existing name most like it"},
    },
    "required": ["type", "title", "status", "detail"],
}


def document(routes: Iterable[Route]) -> dict[str, Any]:
    """The description of these routes; each has its Operation in `route.ctx.operation`."""
    paths: dict[str, Any] = {}
    for route in sorted(routes, key=lambda route: str(route.uri)):
        path = paths.setdefault(template(route), {})
        for method in sorted(route.methods - {"HEAD", "OPTIONS"}):
            path[method.lower()] = _operation(route, route.ctx.operation)
        if "HEAD" in route.methods:
            path["head"] = _head(path["get"])
    return {
        "openapi": "3.1.0",
        "info": INFO,
        "paths": paths,
        "components": {
            "schemas": {"Problem": PROBLEM},
            "headers": HEADERS,
            "securitySchemes": {"admin": {"type": "http", "scheme": "bearer"}},
        },
    }


def template(route: Route) -> str:
    """A route's address as OpenAPI writes it: `/api/v1/listings/{key}`."""
    path = f"/{route.path}"
    for parameter in route.params.values():
        path = path.replace(f"<{parameter.name}:{parameter.label}>", f"{{{parameter.name}}}")
    return path


def _operation(route: Route, operation: Operation) -> dict[str, Any]:
    told = {
        "operationId": str(route.name).removeprefix("showroom."),
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": [*_in_path(route, operation), *_in_query(operation)],
        "responses": _responses(operation),
    }
    if operation.description:
        told["description"] = operation.description
    if operation.body is not None:
        told["requestBody"] = {"required": True, "content": _json(operation.body)}
    if operation.admin:
        told["security"] = [{"admin": []}]
    return told


def _head(get: dict[str, Any]) -> dict[str, Any]:
    """What a route answers to HEAD: all of what it answers to GET, but the bodies."""
    return {
        **get,
        "operationId": f"{get['operationId']}.head",
        "summary": f"{get['summary']}: the headers alone",
        "responses": {
            status: {name: part for name, part in response.items() if name != "content"}
            for status, response in get["responses"].items()
        },
    }


def _in_path(route: Route, operation: Operation) -> list[dict[str, Any]]:
    return [
        {
            "name": parameter.name,
            "in": "path",
            "required": True,
            "schema": {
                **(
                    {"type": "integer"}
                    if parameter.label == "int"
                    else {"type": "string", "pattern": parameter.pattern.pattern}
                ),
                **operation.path.get(parameter.name, {}),
            },
        }
        for parameter in route.params.values()
    ]


def _in_query(operation: Operation) -> list[dict[str, Any]]:
    declared = (operation.parameters or {}).values()
    return [_parameter(one, operation.examples.get(one.name)) for one in declared]


def _parameter(parameter: Parameter, value: Any) -> dict[str, Any]:
    schema = parameter.form.schema()
    if parameter.several:
        schema = {"type": "array", "minItems": 1, "items": schema}
    told = {"name": parameter.name, "in": "query", "description": parameter.description}
    return {**told, "schema": schema, **({} if value is None else {"example": value})}


def _responses(operation: Operation) -> dict[str, Any]:
    """By status; one that is a problem to one reader and an answer to another has both bodies."""
    told = _problems(operation)
    for status, answer in sorted(operation.answers.items()):
        other = told.get(str(status), {})
        mine = _answer(answer)
        both = {**mine.get("content", {}), **other.get("content", {})}
        headers = {**other.get("headers", {}), **mine["headers"]}
        told[str(status)] = {**mine, "headers": headers, **({"content": both} if both else {})}
    return told


def _answer(answer: Answer) -> dict[str, Any]:
    headers = references((*answer.headers, *RATE))
    told: dict[str, Any] = {"description": answer.description, "headers": headers}
    if answer.content_type is None:
        return told
    content = _json(answer.schema)["application/json"] if answer.schema is not None else {}
    return {**told, "content": {answer.content_type: content}}


def _json(schema: Schema) -> dict[str, Any]:
    return {"application/json": {"schema": schema, "example": example(schema)}}


SAID = {
    **dict.fromkeys(("unavailable", "busy", "too-many"), "Retry-After"),
    "unsupported-coding": "Accept-Encoding",
}
"""Kinds of problems with a header that says what to do."""


def _problems(operation: Operation) -> dict[str, Any]:
    by_status: dict[int, list[str]] = {}
    for name in operation.kinds():
        for status in TYPES[name].statuses:
            by_status.setdefault(status, []).append(name)
    return {str(status): _problem(status, by_status[status]) for status in sorted(by_status)}


def _problem(status: int, names: list[str]) -> dict[str, Any]:
    types = {name: f"urn:showroom:problem:{name}" for name in names}
    schema = {
        "allOf": [{"$ref": "#/components/schemas/Problem"}],
        "properties": {"type": {"enum": list(types.values())}, "status": {"const": status}},
    }
    examples = {
        name: {
            "value": {
                "type": types[name],
                "title": TYPES[name].title,
                "status": status,
                "detail": f"{TYPES[name].title}.",
            }
        }
        for name in names
    }
    said = dict.fromkeys(SAID[name] for name in names if name in SAID)
    return {
        "description": "; ".join(TYPES[name].title for name in names),
        "headers": references((*said, *RATE)),
        "content": {CONTENT_TYPE: {"schema": schema, "examples": examples}},
    }
