"""The search server: one that is configured, Meilisearch on PATH, or the embedded meililite."""

import json
import secrets
import shutil
import sys
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Any

from stack import sockets
from stack.process import Program, StartError

KEY_BYTES = 24
DEFAULT_SEARCH_KEY = "Default Search API Key"


def search_server(folder: Path, key: str) -> Program:
    """Meilisearch where its program is on PATH, else meililite; see `_server`.

    The two keep their indexes in different forms, so each has its own folder in `folder`.
    """
    found = shutil.which("meilisearch")
    if found:
        return _server((found, "--no-analytics"), folder / "meilisearch", key)
    return meililite(folder / "meililite", key)


def meililite(folder: Path, key: str) -> Program:
    """The embedded search server; see `_server`."""
    return _server((sys.executable, "-m", "meililite"), folder, key)


def _server(program: tuple[str, ...], folder: Path, key: str) -> Program:
    """A server whose indexes are in `folder`, on a free port of this machine.

    `key` is its master key; it is passed by environment only. Raises StartError.
    """
    folder = folder.absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(f"The folder {folder} cannot be used: {error}.") from error
    port = sockets.free_port()
    address = f"http://127.0.0.1:{port}"
    return Program(
        name="search",
        command=(*program, "--http-addr", f"127.0.0.1:{port}", "--db-path", str(folder / "data")),
        address=address,
        probe=lambda: answers(f"{address}/health"),
        environment={"MEILI_MASTER_KEY": key},
        ready_within=60,
    )


def master_key(path: Path) -> str:
    """The key kept in `path`, made (32 letters, mode 0600) the first time."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            draft = path.with_suffix(".new")
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_urlsafe(KEY_BYTES))
            draft.rename(path)
        return path.read_text().strip()
    except OSError as error:
        raise StartError(f"The search server's key {path} cannot be kept: {error}.") from error


def answers(url: str) -> bool:
    """Whether a GET of `url` answers 200 within two seconds."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (OSError, ValueError, HTTPException):
        return False


def search_key(address: str, key: str) -> str:
    """The server's default search key (`GET /keys`); StartError when it cannot be had."""
    request = urllib.request.Request(  # noqa: S310
        f"{address}/keys?limit=100", headers={"Authorization": f"Bearer {key}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            keys: list[dict[str, Any]] = json.load(answer)["results"]
    except (OSError, ValueError, KeyError) as error:
        message = f"The search server at {address} does not give its keys ({error})"
        raise StartError(f"{message}; check MEILI_MASTER_KEY.") from error
    for entry in keys:
        if entry.get("name") == DEFAULT_SEARCH_KEY or entry.get("actions") == ["search"]:
            return str(entry["key"])
    raise StartError(f"The search server at {address} has no search key; set MEILI_SEARCH_KEY.")
