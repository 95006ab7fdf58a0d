"""JSON Schema (draft 2020-12) in few words, and an example of what a schema allows."""

from typing import Any

from pydantic import BaseModel

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
COUNT: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "number"}
YES_OR_NO: Schema = {"type": "boolean"}
MOMENT: Schema = {"type": "string", "format": "date-time", "examples": ["2026-03-01T09:30:00Z"]}


def record(members: dict[str, Schema], *, optional: dict[str, Schema] | None = None) -> Schema:
    """An object that has `members`, and may have those of `optional`."""
    schema: Schema = {"type": "object", "properties": members | (optional or {})}
    return {**schema, "required": list(members)} if members else schema


def array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def mapping(values: Schema) -> Schema:
    """An object whose names are data; each has a value like this."""
    return {"type": "object", "additionalProperties": values}


def nullable(schema: Schema) -> Schema:
    """The schema (of one type), or null."""
    return {**schema, "type": [schema["type"], "null"]}


def of_model(model: type[BaseModel]) -> Schema:
    """The schema of a model's JSON, with what it refers to in its place."""
    schema = model.model_json_schema(by_alias=True)
    definitions = schema.pop("$defs", {})

    def placed(part: Any) -> Any:
        if isinstance(part, list):
            return [placed(one) for one in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            return placed(definitions[part["$ref"].rpartition("/")[2]])
        return {name: placed(value) for name, value in part.items()}

    return placed(schema)  # type: ignore[no-any-return]


def example(schema: Schema) -> Any:
    """A value that the schema allows: made of the `examples` that its parts give."""
    if "examples" in schema:
        return schema["examples"][0]
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "null")
    kind = kind if isinstance(kind, str) else kind[0]
    if kind == "object":
        return {name: example(value) for name, value in schema.get("properties", {}).items()}
    if kind == "array":
        return [example(schema["items"])]
    plain = {"string": "", "integer": 1, "number": 1.5, "boolean": True}
    return schema.get("minimum", plain.get(kind))
