import errno
import stat
import sys

import pytest
import typer
from typer.testing import CliRunner

from config.settings import SettingsError
from stack import cli
from stack.process import StartError


def test_help_names_every_command_and_shows_examples():
    done = CliRunner().invoke(cli.application(), ["--help"])
    assert done.exit_code == 0
    for word in ("up", "down", "status", "run", "import", "reindex", "market", "Examples"):
        assert word in done.output


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (StartError("Port 8000 is taken."), "Port 8000 is taken."),
        (SettingsError("The setting port cannot be used."), "The setting port cannot be used."),
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full: make room"),
        (PermissionError(errno.EACCES, "Permission denied", "x"), "Showroom cannot go on: "),
        (KeyError("cars"), "Showroom met something it does not know (KeyError: 'cars')."),
    ],
)
def test_a_failure_is_one_sentence_and_its_traceback_is_in_a_log(
    error, said, monkeypatch, tmp_path
):
    def broken():
        app = typer.Typer(pretty_exceptions_enable=False)

        @app.command()
        def fail():
            raise error

        return app

    monkeypatch.setattr(cli, "application", broken)
    monkeypatch.setattr(sys, "argv", ["showroom"])
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SHOWROOM_HOME")
    (tmp_path / ".env").write_text("SHOWROOM_HOME=elsewhere\n")
    with pytest.raises(SystemExit) as ended:
        cli.main()
    message = str(ended.value.code)
    assert message.startswith(said)
    assert "\n" not in message
    log = tmp_path / "elsewhere" / "logs" / "showroom.log"
    known = isinstance(error, StartError | SettingsError)
    assert log.exists() is not known
    if not known:
        assert "Traceback" in log.read_text()
        assert stat.S_IMODE((tmp_path / "elsewhere").stat().st_mode) == 0o700
        assert str(log) in message
