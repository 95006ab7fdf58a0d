"""Options that many commands have, said once."""

from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for a script.")]
LAST_ID = 2**63 - 1
"""The largest number that a row can have: a bigint's."""

Limit = Annotated[int, typer.Option(min=1, max=1000, help="How many, newest first.")]


def number(what: str) -> Any:
    """The argument that is the number of a row; `what` says of which."""
    return typer.Argument(metavar="ID", min=0, max=LAST_ID, help=f"The {what}'s number.")
