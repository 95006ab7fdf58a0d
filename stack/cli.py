"""The `showroom` command."""

# ruff: noqa: PLC0415 -- what takes long to import is imported where Ctrl-C is met already

import errno
import importlib
import io
import sys
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer

INTERRUPTED = 130
"""The exit status of a command that Ctrl-C ended."""

COMMANDS = (
    "running",
    "crawling",
    "retiring",
    "runs",
    "jobs",
    "recipes",
    "spellings",
    "importing",
    "indexing",
    "verifying",
    "dead_letters",
    "settings",
    "market",
)

HELP = """Other people's listings, turned into a search that people enjoy.

Start with `showroom up`, then open the address it shows.
"""

EXAMPLES = """Examples:

  showroom up                        start everything here; Ctrl-C stops it

  showroom status --json             what runs, for a script

  showroom run market                visit a source now

  showroom import cars stock.csv     search a file of your own

  showroom reindex cars              build the index anew, without a gap

  showroom rollback cars             go back to the index before

  showroom verify cars --repair      compare the index with the truth, mend it
"""


def application() -> "typer.Typer":
    """The command with all its subcommands."""
    import typer

    app = typer.Typer(
        help=HELP,
        epilog=EXAMPLES,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="markdown",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for name in COMMANDS:
        importlib.import_module(f"stack.commands.{name}").register(app)
    return app


def main() -> None:
    """Run the command; a failure is one sentence and exit status 1, its traceback is in a log."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal may lack a letter of somebody's cars
    try:
        _run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _run() -> None:
    from config.settings import SettingsError
    from stack.process import StartError

    try:
        application()()
    except (StartError, SettingsError) as error:
        sys.exit(str(error))
    except Exception as error:  # noqa: BLE001 -- people get a sentence, whatever it was
        sys.exit(f"{_sentence(error)} {_write_down()}")


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "The disk is full: make room, or set SHOWROOM_HOME to a folder on another disk."
    if isinstance(error, OSError):
        return f"Showroom cannot go on: {error}."
    return f"Showroom met something it does not know ({type(error).__name__}: {error})."


def _write_down() -> str:
    """Keep the traceback at hand; where it is, or nothing where it cannot be written."""
    from config.settings import SettingsError, load
    from stack.process import StartError, trim
    from stack.running import private_folder

    try:
        log = private_folder(load().home, "logs") / "showroom.log"
        trim(log)
        with log.open("a") as file:
            file.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {' '.join(sys.argv)}\n")
            traceback.print_exc(file=file)
    except (OSError, SettingsError, StartError):
        return ""
    return f"Details: {log}"


if __name__ == "__main__":
    main()
