"""YAML that people write: read into models, and what is wrong is told with its line."""

import difflib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.settings import SettingsError

LARGEST = 1_000_000  # bytes

Model = TypeVar("Model", bound=BaseModel)


class WrittenError(SettingsError):
    """A file cannot be used; the message is a sentence for people, with the line."""


def text_of(path: Path) -> str:
    """What a file says; raises WrittenError where it cannot be read."""
    try:
        if path.stat().st_size > LARGEST:
            raise WrittenError(f"{path} has more than {LARGEST:,} bytes.")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WrittenError(f"{path} cannot be read: {error}.") from error


def compose(name: object, text: str) -> yaml.MappingNode | None:
    """The mapping that a text is, None for an empty one; raises WrittenError for anything else."""
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}, line {mark.line + 1}" if mark else str(name)
        reason = str(getattr(error, "problem", error))
        if "'\\t'" in reason:
            reason = "a tab: indent with spaces"
        raise WrittenError(f"{where}: this is no YAML ({reason}).") from error
    if tree is None:
        return None
    if not isinstance(tree, yaml.MappingNode):
        raise wrong(name, tree, "write `name: value` lines")
    _refuse_repeated(name, tree)
    return tree


def _refuse_repeated(name: object, tree: yaml.Node) -> None:
    """YAML lets the last of two equal keys win, which nobody means."""
    if not isinstance(tree, yaml.MappingNode):
        return
    lines: dict[str, int] = {}
    for key, value in tree.value:
        said = str(key.value)
        if said in lines:
            raise wrong(name, key, f"{said} is there already, in line {lines[said]}")
        lines[said] = key.start_mark.line + 1
        _refuse_repeated(name, value)


def fill(
    name: object,
    kind: type[Model],
    node: yaml.MappingNode,
    given: dict[str, Any] | None = None,
    *,
    at: yaml.Node | None = None,
    called: str = "",
) -> Model:
    """The model that a mapping describes, with what is `given` beside it.

    `at` is the node that an error of the whole is told of, `called` what it is called there.
    """
    try:
        data = yaml.SafeLoader("").construct_document(node)
        return kind(**{**data, **(given or {})})
    except yaml.constructor.ConstructorError as error:
        line = (error.problem_mark or node.start_mark).line + 1
        raise WrittenError(
            f"{name}, line {line}: this is a value of an unknown kind ({error.problem})."
        ) from error
    except ValidationError as error:
        found_wrong = error.errors()  # what is misspelled is also missing
        unknown = (each for each in found_wrong if each["type"] == "extra_forbidden")
        first = next(unknown, found_wrong[0])
        found = _node(node, first["loc"])
        told = ".".join(str(step) for step in first["loc"] if step != "[key]")
        parts = [part for part in (told, called) if part]
        message = _message(kind, first)
        raise wrong(
            name, found or at or node, f"{' of '.join(parts)}: {message}" if parts else message
        ) from error


def _message(kind: type[BaseModel], error: ErrorDetails) -> str:
    """What is wrong and what to write, where pydantic says it in words of its own."""
    loc, context = error["loc"], error.get("ctx", {})
    match error["type"]:
        case "extra_forbidden":
            return not_there("key", str(loc[-1]), _names(kind, loc[:-1]))
        case "literal_error":
            names = re.findall(r"'([^']+)'", str(context["expected"]))
            return not_there("value", str(error["input"]), names)
        case "missing":
            return "it is not said"
        case "string_type":
            return "write it in quotes, as a text"
        case "dict_type" | "model_type":
            return "write `name: value` lines below it"
    return str(error["msg"]).removeprefix("Value error, ").rstrip(".")


def not_there(what: str, name: str, names: Iterable[str]) -> str:
    """That there is no such name, the nearest one, and which there are."""
    known = sorted(names)
    near = difflib.get_close_matches(name, known, 1, 0.6)
    hint = f" (did you mean {near[0]}?)" if near else ""
    listed = f"; there are: {', '.join(known)}" if known else ""
    return f"there is no {what} {name}{hint}{listed}"


def _names(kind: Any, steps: Sequence[int | str]) -> list[str]:
    """The keys that a mapping may have to which a path of keys leads."""
    for step in steps:
        models = _models(kind)
        if not models:
            return []
        fields = {field.alias or name: field for name, field in models[0].model_fields.items()}
        kind = fields[str(step)].annotation if str(step) in fields else kind
    return [
        field.alias or name
        for model in _models(kind)[:1]
        for name, field in model.model_fields.items()
    ]


def _models(kind: Any) -> list[type[BaseModel]]:
    """The models that a type names, as `dict[str, Model] | None` does."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [kind]
    return [model for inner in get_args(kind) for model in _models(inner)]


def _node(node: yaml.Node, steps: Sequence[int | str]) -> yaml.Node | None:
    """The key that a path leads to, as deep as the file has it; None where it has none of it."""
    found: yaml.Node | None = None
    for step in steps:
        if not isinstance(node, yaml.MappingNode):
            break
        pair = next(((k, v) for k, v in node.value if str(k.value) == str(step)), None)
        if pair is None:
            break
        found, node = pair
    return found


def wrong(name: object, node: yaml.Node, message: str) -> WrittenError:
    """What is wrong at a node, as an error to raise."""
    return WrittenError(f"{name}, line {node.start_mark.line + 1}: {message}.")
