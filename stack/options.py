"""Options that many commands have, said once."""

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for a script.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="How many, newest first.")]
