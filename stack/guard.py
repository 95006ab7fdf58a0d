"""A small parent for one server: when whoever started it goes away, the server goes too.

    python guard.py RECORD STOP_SIGNAL GRACE FOLDER USER -- COMMAND…

Standard input is a pipe held open by the starter. Its end (the starter was killed, even with
kill -9), SIGTERM or SIGINT stop the command: STOP_SIGNAL first, SIGKILL to its whole group after
GRACE seconds. RECORD is a file that names both processes while they live, so that a later start
can find what a lost guard left. FOLDER ("-" for none) is removed at the end. USER ("-" or
"uid:gid") is whom the command runs as. Only the standard library: it starts in 20 ms.
"""

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

PR_SET_PDEATHSIG = 1  # linux/prctl.h

PS_SECONDS = 10.0
"""How long ps may take, where it is asked."""


@dataclass(frozen=True)
class Order:
    """What a guard was told on its command line."""

    record: Path
    stop_signal: int
    grace: float
    folder: Path | None
    user: tuple[int, int] | None
    command: list[str]


def parse(arguments: list[str]) -> Order:
    """The order in `arguments`; ValueError if it is not of the form above."""
    record, stop_signal, grace, folder, user, dashes, *command = arguments
    if dashes != "--" or not command:
        raise ValueError("a guard needs -- and a command")
    uid, _, gid = user.partition(":")
    return Order(
        Path(record),
        int(stop_signal),
        float(grace),
        None if folder == "-" else Path(folder),
        None if user == "-" else (int(uid), int(gid)),
        command,
    )


def arguments(order: Order) -> list[str]:
    """The command line for which `parse` gives `order`."""
    user = "-" if order.user is None else f"{order.user[0]}:{order.user[1]}"
    return [
        str(order.record),
        str(int(order.stop_signal)),
        str(order.grace),
        str(order.folder or "-"),
        user,
        "--",
        *order.command,
    ]


def guard(order: Order) -> int:
    """Run the command until it ends or the starter does; its exit status (128 + n for signal n)."""
    wake = _wake_on_signals()
    child = _spawn(order)
    try:
        _write_record(order, child.pid)
    except OSError:  # nobody would find it again
        os.killpg(child.pid, signal.SIGKILL)
        raise
    asked: list[float] = []
    watched = [wake, sys.stdin.fileno()]
    while not _ended(child.pid):
        left = asked[0] + order.grace - time.monotonic() if asked else None
        if left is not None and left <= 0:
            os.killpg(child.pid, signal.SIGKILL)
            left = 1.0
        readable, _, _ = select.select(watched, [], [], left)
        if _stop_wanted(readable, wake) and not asked:
            asked.append(time.monotonic())
            child.send_signal(order.stop_signal)
            watched = [wake]
    # The group is emptied while its leader is not yet reaped: the number cannot be another's.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    status = child.wait()
    order.record.unlink(missing_ok=True)
    if order.folder is not None:
        shutil.rmtree(order.folder, ignore_errors=True)
    return status if status >= 0 else 128 - status


def _spawn(order: Order) -> subprocess.Popen[bytes]:
    user, group = order.user if order.user is not None else (None, None)
    return subprocess.Popen(
        order.command,
        stdin=subprocess.DEVNULL,
        process_group=0,
        user=user,
        group=group,
        extra_groups=None if order.user is None else [],
        preexec_fn=lambda: die_with_parent(order.stop_signal),  # noqa: PLW1509 -- no threads here
    )


def die_with_parent(signal_number: int) -> None:
    """Ask Linux to signal this process when its parent is killed; elsewhere do nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal_number)


def _wake_on_signals() -> int:
    """A file descriptor on which the number of each arriving signal can be read."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _noted)
    return reading


def _noted(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: the wake-up descriptor has the number already."""


def _stop_wanted(readable: list[int], wake: int) -> bool:
    """Whether a signal asks to stop, or the starter's end of the pipe is closed."""
    if wake in readable and set(os.read(wake, 512)) - {signal.SIGCHLD}:
        return True
    return any(not os.read(fd, 512) for fd in readable if fd != wake)


def _ended(pid: int) -> bool:
    """Whether the child has ended; it stays a zombie, so its number stays its own."""
    options = os.WEXITED | os.WNOHANG | os.WNOWAIT
    return os.waitid(os.P_PID, pid, options) is not None


def _write_record(order: Order, child: int) -> None:
    record = {
        "guard": os.getpid(),
        "guard_born": birth(os.getpid()),
        "child": child,
        "child_born": birth(child),
        "stop_signal": int(order.stop_signal),
        "grace": order.grace,
        "folder": str(order.folder) if order.folder else None,
    }
    draft = order.record.with_suffix(".new")
    draft.write_text(json.dumps(record))
    draft.replace(order.record)


def birth(pid: int) -> str:
    """What no other process with this number ever has; "" where there is none with it.

    It stays when the clock is set: on Linux it counts from the boot, which it names. Elsewhere the
    kernel keeps the time that the clock had at the start.
    """
    return _linux_birth(pid) if sys.platform == "linux" else _other_birth(pid)


def _linux_birth(pid: int) -> str:
    """The boot's id and the process's start in clock ticks since then; see proc_pid_stat(5)."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    named = boot.read_text().strip() if boot.exists() else ""  # a sandbox may lack it
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
    after_name = stat.rpartition(")")[2].split()
    return f"{named} {after_name[19]}"


def _other_birth(pid: int) -> str:
    """The start in UTC, by the second; see ps(1). Raises TimeoutError."""
    try:
        found = subprocess.run(
            ["ps", "-o", "lstart=", "-p", str(pid)],
            env=os.environ | {"TZ": "UTC", "LC_ALL": "C"},
            capture_output=True,
            check=False,
            timeout=PS_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(f"ps did not answer in {PS_SECONDS:.0f} s") from error
    return found.stdout.decode().strip()


if __name__ == "__main__":
    sys.exit(guard(parse(sys.argv[1:])))
