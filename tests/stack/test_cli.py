import errno
import os
import stat
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from config.settings import SettingsError
from stack import cli, sockets
from stack.process import LOG_BYTES, StartError


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


def test_ctrl_c_ends_it_without_a_word_while_it_is_still_being_read(tmp_path):
    interrupt = "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n"
    (tmp_path / "typer.py").write_text(interrupt)
    done = subprocess.run(
        [sys.executable, "-m", "stack.cli", "status"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_a_letter_that_the_terminal_lacks_ends_nothing(tmp_path):
    environment = os.environ | {
        "PYTHONIOENCODING": "latin-1",
        "SHOWROOM_HOME": str(tmp_path),
        "SHOWROOM_PORT": str(sockets.free_port()),
        "SHOWROOM_SOURCES": str(tmp_path / "none.yml"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "stack.cli", "up"],
        env=environment,
        capture_output=True,
        encoding="latin-1",
        timeout=60,
        check=False,
    )
    assert done.stderr.startswith("There is no file")
    assert "stopping ?" in done.stdout


def test_the_log_of_failed_commands_is_bounded(monkeypatch, tmp_path):
    monkeypatch.setattr(cli, "application", lambda: lambda: 1 / 0)
    monkeypatch.setattr(sys, "argv", ["showroom"])
    monkeypatch.setenv("SHOWROOM_HOME", str(tmp_path))
    (tmp_path / "logs").mkdir()
    log = tmp_path / "logs" / "showroom.log"
    with log.open("wb") as file:
        file.truncate(LOG_BYTES + 1)
    with pytest.raises(SystemExit):
        cli.main()
    assert log.stat().st_size < 100_000


def test_a_home_that_is_no_folder_is_told_by_every_command(monkeypatch, tmp_path, capsys):
    home = tmp_path / "file"
    home.touch()
    monkeypatch.setenv("SHOWROOM_HOME", str(home))
    for words in (["up"], ["up", "--detach"]):
        monkeypatch.setattr(sys, "argv", ["showroom", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert "cannot be used" in str(ended.value.code)
        assert "set SHOWROOM_HOME to another" in str(ended.value.code)
    for word in ("status", "down"):
        monkeypatch.setattr(sys, "argv", ["showroom", word])
        with pytest.raises(SystemExit):
            cli.main()
        assert "Showroom does not run here" in capsys.readouterr().out
