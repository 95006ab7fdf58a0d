import errno
import fcntl
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from config.settings import SettingsError, load


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without addresses of a stack, in a folder without a `.env`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHOWROOM_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def lock(home: Path) -> Iterator[IO[str]]:
    """What a stack holds on this home as long as it runs."""
    (home / "run").mkdir(parents=True)
    with (home / "run" / "up.pid").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _tell(home: Path, **addresses: str) -> None:
    (home / "run" / "stack.json").write_text(json.dumps(addresses))


def test_without_anything_said_the_defaults_hold() -> None:
    settings = load()
    assert (settings.port, settings.database_url) == (8000, None)


def test_a_stack_tells_its_addresses_while_it_runs(home: Path, lock: IO[str]) -> None:
    _tell(home, database_url="postgresql://stack/", unknown="x")
    assert load().database_url == "postgresql://stack/"
    lock.close()  # as at the end of its process, however that comes
    assert load().database_url is None


def test_the_environment_goes_before_the_file_and_the_file_before_the_stack(
    home: Path, lock: IO[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _tell(
        home, database_url="postgresql://stack/", redis_url="redis://stack/", meili_url="http://s"
    )
    Path(".env").write_text("DATABASE_URL=postgresql://file/\nREDIS_URL=redis://file/\n")
    monkeypatch.setenv("DATABASE_URL", "postgresql://environment/")
    settings = load()
    assert settings.database_url == "postgresql://environment/"
    assert settings.redis_url == "redis://file/"
    assert settings.meili_url == "http://s"


def test_an_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    assert load().database_url is None


def test_a_bad_value_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOWROOM_PORT", "99999")
    with pytest.raises(SettingsError, match=r"SHOWROOM_PORT .*65535.*99999"):
        load()


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL", "MEILI_URL", "SHOWROOM_MARKET_URL"])
def test_an_address_without_its_scheme_is_told_and_not_shown(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "a-secret@localhost:6379")
    with pytest.raises(SettingsError, match=f"{name} cannot be used: it must begin with") as told:
        load()
    assert "a-secret" not in str(told.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("# ours\n\nSHOWROOM_PORT 8123\n", r"\.env, line 3: this is no NAME=value"),
        ('SHOWROOM_HOST=h\nSHOWROOM_CONTACT="you\n', r"\.env, line 2: .*a quote is not closed"),
        ("SHOWROOM_PROT=8123\n", r"line 1: .*no setting SHOWROOM_PROT; did you mean SHOWROOM_PORT"),
        ("\udcff=1\n", r"\.env cannot be read: .*utf-8"),
    ],
)
def test_what_would_be_passed_over_in_the_file_is_told(text: str, told: str) -> None:
    Path(".env").write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(SettingsError, match=told):
        load()


def test_the_file_may_have_lines_of_other_programs() -> None:
    Path(".env").write_text("# a comment\nexport SHOWROOM_PORT=8123\nPGPASSFILE=/x\nEMPTY\n")
    assert load().port == 8123


def test_a_folder_that_is_closed_to_the_user_has_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(path: Path, **_: bool) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_file", closed)
    assert load().port == 8000


def test_a_damaged_address_file_is_named_with_a_way_out(home: Path, lock: IO[str]) -> None:
    (home / "run" / "stack.json").write_text("{")
    with pytest.raises(SettingsError, match=r"stack\.json is damaged .* delete it"):
        load()


def test_keys_and_passwords_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEILI_MASTER_KEY", "a-secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:a-secret@example/")
    assert "a-secret" not in repr(load())


def test_the_home_does_not_move_with_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHOWROOM_HOME")
    assert load().home == tmp_path / ".showroom"


def test_a_home_that_cannot_be_read_tells_nothing(home: Path) -> None:
    home.write_text("not a folder")
    assert load().home == home
    assert load().database_url is None
