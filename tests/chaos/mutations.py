"""What breaks one rule each: small edits of the code, under which the chaos must find something.

They are made in the process under test, as its modules are read, or in its database; the code
itself knows nothing of them. An edit whose text is not there any more is an error.
"""

import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import asyncpg

from tests.chaos.broken_rules import MUTATIONS
from tests.chaos.edits import Edit

VARIABLE = "CHAOS_MUTATION"


class EditFailed(Exception):  # noqa: N818 - what happened, as a sentence says it
    """The text that an edit replaces is not there exactly once."""


def edited(source: str, edit: Edit) -> str:
    """The source with the edit made; raises EditFailed."""
    if edit.old and source.count(edit.old) != 1:
        raise EditFailed(
            f"{edit.where} has {source.count(edit.old)} times, not once:\n{edit.old}\n"
            "The code has changed: change tests/chaos/broken_rules.py with it."
        )
    return source.replace(edit.old, edit.new) if edit.old else f"{source}\n\n{edit.new}"


def source_of(module: str) -> str:
    """The text of a module that is not imported by this."""
    found = importlib.util.find_spec(module)
    if found is None or found.origin is None:
        raise EditFailed(f"There is no module {module}.")
    return Path(found.origin).read_text()


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, edits: Sequence[Edit]) -> None:
        super().__init__(name, path)
        self._edits = edits

    def get_code(self, fullname: str) -> CodeType | None:
        source = Path(self.path).read_text()
        for edit in self._edits:
            source = edited(source, edit)
        return compile(source, self.path, "exec")


class _Finder(MetaPathFinder):
    def __init__(self, edits: Sequence[Edit]) -> None:
        self._edits = edits

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        edits = [edit for edit in self._edits if edit.where == fullname]
        spec = PathFinder.find_spec(fullname, path, target) if edits else None
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(fullname, spec.origin, edits)
        return spec


def mutate(name: str) -> None:
    """Make the edits of a mutation in this process, before the modules are imported."""
    edits = MUTATIONS[name].code if name else ()
    late = [edit.where for edit in edits if edit.where in sys.modules]
    if late:
        raise EditFailed(f"{', '.join(late)} is imported already.")
    sys.meta_path.insert(0, _Finder(edits))


async def mutate_database(db: asyncpg.Pool, name: str) -> None:
    """Make the edits of a mutation in the functions of this database."""
    for edit in MUTATIONS[name].functions if name else ():
        source: Any = await db.fetchval("SELECT pg_get_functiondef($1::regproc)", edit.where)
        await db.execute(edited(source, edit))
