"""How a rule is broken: the edits, and the violence that must show it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Edit:
    """Replace `old`, which must be there once, by `new`; without `old`, `new` is appended.

    `where` is a module, or for an edit in the database a function of it.
    """

    where: str
    old: str
    new: str


@dataclass(frozen=True)
class Mutation:
    """One broken rule, see "Why nothing is lost" in docs/how-it-works.md.

    `acts` happen in every round, in turn, instead of those that chance chooses; `shows` are kinds
    of findings of which one must come.
    """

    rule: str
    code: tuple[Edit, ...] = ()
    functions: tuple[Edit, ...] = ()
    acts: tuple[str, ...] = ()
    shows: tuple[str, ...] = ("lost", "ghosts", "stale")
