"""The description has every route, parameter and kind of problem, and its examples are right."""

import re
from typing import Any

import httpx
import jsonschema_rs
import pytest
from sanic import Sanic

from config.settings import ROOT, Settings
from service.app import App, create_app
from service.http.problems import TYPES
from service.openapi.document import document, template
from service.openapi.operation import Operation


@pytest.fixture(scope="module")
def app() -> App:
    app = create_app(Settings(meili_url="http://127.0.0.1:9"))
    Sanic.unregister_app(app)
    app.router.finalize()
    return app


@pytest.fixture(scope="module")
def told(app: App) -> dict[str, Any]:
    return document(app.router.routes)


def operations(told: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in told["paths"].values() for operation in path.values()]


def test_every_route_says_what_it_does(app: App):
    silent = [route.name for route in app.router.routes if not hasattr(route.ctx, "operation")]
    assert silent == [], "give it `ctx_operation=Operation(…)`, see service/openapi/operation.py"


def test_every_route_and_method_is_described_and_no_other(app: App, told):
    routes = {
        (template(route), method.lower())
        for route in app.router.routes
        for method in route.methods - {"OPTIONS"}
    }
    assert {(path, method) for path, found in told["paths"].items() for method in found} == routes


def test_every_parameter_is_described(app: App, told):
    for route in app.router.routes:
        operation: Operation = route.ctx.operation
        for method in route.methods - {"OPTIONS"}:
            described = told["paths"][template(route)][method.lower()]["parameters"]
            names = [(one["in"], one["name"]) for one in described]
            assert len(names) == len(set(names))
            assert {name for place, name in names if place == "query"} == set(
                operation.parameters or ()
            )
            assert {name for place, name in names if place == "path"} == {
                parameter.name for parameter in route.params.values()
            }


def test_routes_that_look_at_no_parameter_are_those_that_the_documentation_names(app: App):
    text = (ROOT / "docs/api.md").read_text()
    (named,) = re.findall(r"Of ((?:`[^`]+`(?:, | and\s|,\s)?)+) no parameter is looked at", text)
    deaf = {template(one) for one in app.router.routes if one.ctx.operation.parameters is None}
    assert set(re.findall(r"`([^`]+)`", named)) == deaf


def test_every_kind_of_problem_is_answered_by_a_route(told):
    problems = [
        response["content"]["application/problem+json"]["examples"]
        for operation in operations(told)
        for response in operation["responses"].values()
        if "application/problem+json" in response.get("content", {})
    ]
    described = {name for examples in problems for name in examples}
    assert set(TYPES) - described == {"bad-method"}  # a method that is not described


def test_path_parameters_are_those_of_the_route(app: App):
    for route in app.router.routes:
        names = {parameter.name for parameter in route.params.values()}
        assert set(route.ctx.operation.path) <= names


def test_examples_are_what_their_schemas_allow(told):
    components = {"components": told["components"]}
    for operation in operations(told):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in (one for body in bodies for one in body.get("content", {}).values()):
            examples = [one["value"] for one in content.get("examples", {}).values()]
            for example in examples or ([content["example"]] if "example" in content else []):
                jsonschema_rs.validate({**content["schema"], **components}, example)


def test_head_is_described_as_get_without_bodies(told):
    for path in told["paths"].values():
        if "get" in path:
            get, head = path["get"], path["head"]
            assert head["parameters"] == get["parameters"]
            assert head["responses"].keys() == get["responses"].keys()
            assert not any("content" in one for one in head["responses"].values())


def test_headers_are_described_once(told):
    headers = told["components"]["headers"]
    named = [
        (name, reference["$ref"])
        for operation in operations(told)
        for response in operation["responses"].values()
        for name, reference in response.get("headers", {}).items()
    ]
    assert {name for name, _ in named} == set(headers)
    assert all(reference == f"#/components/headers/{name}" for name, reference in named)


def test_the_document_is_openapi_3_1(told):
    assert told["openapi"] == "3.1.0"
    names = [operation["operationId"] for operation in operations(told)]
    assert len(names) == len(set(names))


def test_it_is_served(api: httpx.Client):
    answer = api.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert set(answer.json()["paths"]) >= {"/api/v1/listings", "/api/v1/listings/{key}", "/"}
