"""A small process that forks the others.

It is forked before the front has threads or an event loop, imports what its children need once
(they share those pages), and forks one child for each message `[kind, directory]` that comes with
the child's socket. It ends when the front ends, and its children with it.
"""

from __future__ import annotations

import array
import contextlib
import ctypes
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable

import orjson

Entry = Callable[[socket.socket, str], None]

_PR_SET_PDEATHSIG = 1
_MESSAGE_LIMIT = 8192
_CLOSING = 2  # seconds that children have to end by themselves


class Nursery:
    """The front's handle on the process that forks."""

    def __init__(self, entries: Callable[[], dict[str, Entry]]) -> None:
        """`entries` imports and returns the functions by kind; it is called in the new process."""
        ours, theirs = socket.socketpair()
        front = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            ours.close()
            try:
                _nurse(theirs, entries, front)
            except BaseException:  # noqa: BLE001 - said, and then it ends
                traceback.print_exc()
            finally:
                os._exit(1)  # whatever happens, this process must not go on as the front
        theirs.close()
        self._control = ours

    def spawn(self, kind: str, directory: str) -> socket.socket:
        """Start a child of this kind; the socket that it answers on."""
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._control, [orjson.dumps([kind, directory])], [theirs.fileno()])
        return ours

    def fileno(self) -> int:
        """Readable when the nursery has ended, which it never does by itself."""
        return self._control.fileno()

    def close(self) -> None:
        """Wait until the nursery has ended, and its children, whose sockets are closed."""
        self._control.close()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


def _nurse(control: socket.socket, entries: Callable[[], dict[str, Entry]], front: int) -> None:
    """Fork children until the front is gone; never returns."""
    _die_with(front)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the front, which tells us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system reaps
    run = entries()
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, _MESSAGE_LIMIT, 1)
        if not message:
            _wait_for_children()
            os._exit(0)
        kind, directory = orjson.loads(message)
        nursery = os.getpid()
        if _forked() == 0:
            control.close()
            _child(run[kind], socket.socket(fileno=descriptors[0]), directory, nursery)
        for descriptor in array.array("i", descriptors):
            os.close(descriptor)


def _forked() -> int:
    """As os.fork; -1 where there is no room for a process, which the front sees by its socket."""
    try:
        return os.fork()
    except OSError as error:
        print(f"meililite: there is no room for another process: {error}", file=sys.stderr)
        return -1


def _wait_for_children() -> None:
    """Let them finish what they do; after the limit the alarm ends this process, and so them."""
    signal.alarm(_CLOSING)
    with contextlib.suppress(ChildProcessError):
        os.wait()  # for all of them, since the system reaps


def _child(entry: Entry, connection: socket.socket, directory: str, nursery: int) -> None:
    status = 1
    try:
        _die_with(nursery)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        entry(connection, directory)
        status = 0
    except ConnectionError:
        status = 0  # the front went away in the middle of a frame
    except OSError as error:
        print(f"meililite: {error}", file=sys.stderr)
    finally:
        os._exit(status)


def _die_with(parent: int) -> None:
    """Have the system end this process when its parent ends, however it does (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)
