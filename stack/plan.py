"""What a stack consists of, as data: the servers that are not configured, then the services."""

import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.settings import Settings
from stack import engine, postgres, running, sockets, valkey
from stack.process import Program


@dataclass(frozen=True)
class Servers:
    """The servers to start, and the settings as they are once those run."""

    programs: list[Program]
    settings: Settings


def servers(settings: Settings) -> Servers:
    """The embedded servers for what is not configured. Raises StartError."""
    home = settings.home
    found: dict[str, Program] = {}
    known: dict[str, Any] = {}
    if settings.database_url is None:
        found["database_url"] = postgres.postgres(home / "postgres")
    if settings.redis_url is None:
        found["redis_url"] = valkey.valkey(home / "valkey")
    if settings.meili_url is None:
        key = settings.meili_master_key or engine.master_key(home / "search" / "master-key")
        known["meili_master_key"] = key
        found["meili_url"] = engine.search_server(home / "search", key)
    known |= {name: program.address for name, program in found.items()}
    return Servers(list(found.values()), settings.model_copy(update=known))


@dataclass(frozen=True)
class Elsewhere:
    """A server that was configured: by which variable, and how to know that it answers."""

    variable: str
    url: str
    probe: Callable[[], bool]


def elsewhere(settings: Settings) -> list[Elsewhere]:
    """The servers that are not started here, because these settings name them."""
    database, redis, meili = settings.database_url, settings.redis_url, settings.meili_url
    found = []
    if database is not None:
        found.append(Elsewhere("DATABASE_URL", database, lambda: postgres.answers(database)))
    if redis is not None:
        found.append(Elsewhere("REDIS_URL", redis, lambda: valkey.answers(redis)))
    if meili is not None:
        health = f"{meili.rstrip('/')}/health"
        found.append(Elsewhere("MEILI_URL", meili, lambda: engine.answers(health)))
    return found


def market(settings: Settings) -> Servers:
    """The demo market, something to crawl, unless one is configured."""
    if settings.market_url is not None:
        return Servers([], settings)
    program = _market(settings.home)
    return Servers([program], settings.model_copy(update={"market_url": program.address}))


def with_search_key(settings: Settings) -> Settings:
    """The settings with a key that can only search, asked from the search server if not given."""
    if settings.meili_search_key or not settings.meili_master_key or not settings.meili_url:
        return settings
    key = engine.search_key(settings.meili_url, settings.meili_master_key)
    return settings.model_copy(update={"meili_search_key": key})


def services(settings: Settings) -> list[Program]:
    """The processes that do Showroom's own work; each is given every address by environment."""
    known = environment(settings)
    searchable = f"{api_url(settings)}/ready"  # when the indexer has made the first index
    return [
        _api(settings, known),
        Program(
            "indexer",
            (sys.executable, "-m", "indexer"),
            probe=lambda: engine.answers(searchable),
            environment=known,
            ready_within=60,
        ),
        Program("worker", (sys.executable, "-m", "stack.worker"), environment=known),
    ]


def _market(home: Path) -> Program:
    """The demo market; its port stays, for its cars' links are kept, and so does its token."""
    port = sockets.steady_port(home / "market" / "port")
    token = secrets.token_urlsafe(24)
    running.write_secret(running.market_token_file(home), token)
    command = ("-m", "stack.market", "--port", str(port), "--state", str(home / "market"))
    address = f"http://127.0.0.1:{port}"
    return Program(
        name="market",
        command=(sys.executable, *command),
        address=address,
        probe=lambda: engine.answers(f"{address}/robots.txt"),
        environment={"SHOWROOM_MARKET_TOKEN": token},
        wrapper=("nice", "-n", "10"),  # searches go before its work
        ready_within=60,
    )


def _api(settings: Settings, known: dict[str, str]) -> Program:
    """The API, which is not given the key that writes."""
    address = api_url(settings)
    key = "MEILI_MASTER_KEY"
    return Program(
        name="api",
        command=(sys.executable, "-m", "service"),
        address=address,
        probe=lambda: engine.answers(f"{address}/health"),
        environment={name: value for name, value in known.items() if name != key},
        hidden=frozenset({key}),
        ready_within=120,  # 3 s of processor time, of which a busy machine may give little
    )


def environment(settings: Settings) -> dict[str, str]:
    """The environment variables that give another process these settings' addresses."""
    known = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "MEILI_URL": settings.meili_url,
        "MEILI_MASTER_KEY": settings.meili_master_key,
        "MEILI_SEARCH_KEY": settings.meili_search_key,
        "SHOWROOM_MARKET_URL": settings.market_url,
        "SHOWROOM_HOME": str(settings.home),
        "SHOWROOM_HOST": settings.host,
        "SHOWROOM_PORT": str(settings.port),
    }
    return {name: value for name, value in known.items() if value is not None}


def api_url(settings: Settings) -> str:
    """Where a browser on this machine finds the API."""
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def published(settings: Settings) -> dict[str, str]:
    """What other commands are told about the running stack, by the settings' names."""
    names = ("database_url", "redis_url", "meili_url", "meili_master_key", "meili_search_key")
    known = {name: getattr(settings, name) for name in (*names, "market_url", "host", "port")}
    return {name: str(value) for name, value in known.items() if value is not None}
