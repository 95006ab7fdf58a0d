"""YAML that people write: read into models, and what is wrong is told with its line."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

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
        raise WrittenError(
            f"{where}: this is no YAML ({getattr(error, 'problem', error)})."
        ) from error
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
        first = error.errors()[0]
        found = _node(node, first["loc"])
        told = ".".join(str(step) for step in first["loc"] if isinstance(step, str | int))
        parts = [part for part in (told, called) if part]
        message = str(first["msg"]).removeprefix("Value error, ").rstrip(".")
        raise wrong(
            name, found or at or node, f"{' of '.join(parts)}: {message}" if parts else message
        ) from error


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
