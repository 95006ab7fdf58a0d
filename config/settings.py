"""Every setting of Showroom: its type, its default and one line of help.

Order of choice: environment, `.env`, the running stack's own addresses
(`SHOWROOM_HOME/run/stack.json`, written by `showroom up`), defaults.
"""

import difflib
import fcntl
import json
import os
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from dotenv.parser import Binding, parse_stream
from pydantic import AfterValidator, AliasChoices, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

ROOT = Path(__file__).resolve().parent.parent
ENV_FILE = Path(".env")
PREFIX = "SHOWROOM_"


class SettingsError(Exception):
    """A setting cannot be used; the message is a sentence for people."""


class RunningStack(PydanticBaseSettingsSource):
    """Addresses of the servers that `showroom up` started, if it is running.

    A stack that was killed leaves its addresses, but not the lock it held (flock).
    """

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        home = Path(self.current_state.get("home") or Path(".showroom"))
        path = home / "run" / "stack.json"
        if not _locked(home / "run" / "up.pid"):
            return {}
        try:
            addresses: dict[str, Any] = json.loads(path.read_text())
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise SettingsError(f"{path} is damaged ({error}); delete it and run again.") from error
        return {name: value for name, value in addresses.items() if name in Settings.model_fields}


def _locked(path: Path) -> bool:
    """Whether another holds the lock on this file."""
    try:
        with path.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return False  # a home that this user cannot read is of no stack of theirs
    return False


def _named(name: str) -> Any:
    """The environment variable of a setting that other programs know by this name too."""
    return AliasChoices(name, name.lower())


def _begins(*schemes: str) -> AfterValidator:
    """A check that a URL, where one is given, begins with one of these."""

    def check(url: str | None) -> str | None:
        if url and not url.startswith(schemes):
            raise ValueError(f"it must begin with {' or '.join(schemes)}")
        return url

    return AfterValidator(check)


def _networks(proxies: str) -> str:
    """A check that networks with commas between can be read."""
    for proxy in proxies.split(",") if proxies else ():
        ip_network(proxy.strip())
    return proxies


PostgresUrl = Annotated[str | None, _begins("postgresql://", "postgres://")]
RedisUrl = Annotated[str | None, _begins("redis://", "rediss://", "unix://")]
HttpUrl = Annotated[str | None, _begins("http://", "https://")]


class Settings(BaseSettings):
    """What Showroom was told; `load()` makes one."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    home: Annotated[Path, AfterValidator(Path.absolute)] = Field(
        Path(".showroom"),
        validate_default=True,
        description="where data, logs and sockets are kept",
    )
    host: str = Field("127.0.0.1", description="the address the API listens on")
    port: int = Field(8000, ge=1, le=65535, description="the port the API listens on")
    workers: int = Field(
        default_factory=lambda: os.cpu_count() or 1, ge=1, description="API processes"
    )
    rate: float = Field(
        200.0,
        ge=0,
        description="requests a second of one client, five times as many at once; 0 is no limit",
    )
    trusted_proxies: Annotated[str, AfterValidator(_networks)] = Field(
        "", description="networks (10.0.0.0/8, …) of proxies whose X-Forwarded-For tells the client"
    )
    database_url: PostgresUrl = Field(
        None,
        validation_alias=_named("DATABASE_URL"),
        repr=False,
        description="Postgres; embedded if empty",
    )
    redis_url: RedisUrl = Field(
        None,
        validation_alias=_named("REDIS_URL"),
        repr=False,
        description="Valkey or Redis; embedded if empty",
    )
    meili_url: HttpUrl = Field(
        None, validation_alias=_named("MEILI_URL"), description="Meilisearch; embedded if empty"
    )
    meili_master_key: str | None = Field(
        None, validation_alias=_named("MEILI_MASTER_KEY"), repr=False, description="key that writes"
    )
    meili_search_key: str | None = Field(
        None, validation_alias=_named("MEILI_SEARCH_KEY"), repr=False, description="key that reads"
    )
    market_url: HttpUrl = Field(None, description="the demo market's address, if it runs")
    sources: Path = Field(ROOT / "sources.yml", description="the file of sources to crawl")
    contact: str = Field(
        "no contact given",
        description="who answers for the crawler; part of its User-Agent",
    )
    search_key: str | None = Field(
        None,
        repr=False,
        description="key that InstantSearch pages must send; everybody may search if empty",
    )
    admin_key: str | None = Field(
        None,
        repr=False,
        description="key of the admin API and of /metrics, which are off without one",
    )
    vpic_url: HttpUrl = Field(
        None,
        description="NHTSA's VIN service (https://…/api), for VINs that the tables here lack",
    )
    pages_days: float = Field(
        14.0, gt=0, description="days that fetched pages are kept for another reading"
    )
    pages_mb: int = Field(
        1024, ge=0, description="megabytes of fetched pages that are kept of each source"
    )
    reindex_keep: float = Field(
        24.0, gt=0, description="hours that the index before the live one is kept, for a rollback"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="DEBUG, INFO, WARNING or ERROR"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, dotenv_settings, RunningStack(settings_cls)


def load(**given: Any) -> Settings:
    """Read the settings; raises SettingsError with the variable's name and what is wrong."""
    env_file = _env_file()
    try:
        return Settings(**(given | {"_env_file": env_file}))
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        name = name if name.isupper() else f"{PREFIX}{name.upper()}"
        # An address may hold a password.
        shown = "" if name.endswith("_URL") else f" (it is {first['input']!r})"
        why = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"The setting {name} cannot be used: {why}{shown}.") from error


def _env_file() -> Path | None:
    """The `.env` here, None where there is none or the folder is closed to this user.

    Raises SettingsError, with the line, where something in it would be passed over.
    """
    if not os.path.isfile(ENV_FILE):  # noqa: PTH113 -- Path.is_file raises in a closed folder
        return None
    try:
        with ENV_FILE.open(encoding="utf-8") as file:
            lines = list(parse_stream(file))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The file {ENV_FILE.absolute()} cannot be read: {error}.") from error
    for line in lines:
        wrong = _wrong(line)
        if wrong:
            blank = line.original.string[: -len(line.original.string.lstrip())]
            number = line.original.line + blank.count("\n")
            raise SettingsError(f"{ENV_FILE.absolute()}, line {number}: {wrong}.")
    return ENV_FILE


def _wrong(line: Binding) -> str:
    """What is wrong with a line of a `.env`; names that are not ours are other programs'."""
    if line.error:
        return "this is no NAME=value, or a quote is not closed"
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    if not (line.key or "").startswith(PREFIX) or line.key in known:
        return ""
    near = difflib.get_close_matches(str(line.key), known, 1, 0)
    return f"there is no setting {line.key}; did you mean {near[0]}?"
