"""`showroom up --detach`: the same stack in a process of its own, with a log for a screen."""

import os
import subprocess
import sys
import time
from pathlib import Path

from stack import running
from stack.process import StartError, tail, trim

READY_SECONDS = 240.0
COMMAND = (sys.executable, "-m", "stack.cli", "up")


def start(home: Path) -> None:
    """Start a stack behind and return when it is ready; StartError with its words if it ends."""
    found = running.process(home)
    if found is not None:
        raise StartError(
            f"Showroom is running already on {home} (pid {found.pid}); `showroom down` stops it."
        )
    log = running.private_folder(home, "logs") / "up.log"
    running.forget(home)
    trim(log)
    # Below make, `up` ends with its parent; this one is to outlive it.
    environment = {name: value for name, value in os.environ.items() if name != "MAKELEVEL"}
    with log.open("ab") as output:
        begins = output.tell()
        behind = subprocess.Popen(
            COMMAND,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    deadline = time.monotonic() + READY_SECONDS
    while not running.addresses_file(home).exists():
        if behind.poll() is not None:
            said = tail(log, since=begins)
            raise StartError(said[-1] if said else f"Showroom ended while starting: read {log}.")
        if time.monotonic() > deadline:
            behind.terminate()
            raise StartError(f"Showroom was not ready in {READY_SECONDS:.0f} s: read {log}.")
        time.sleep(0.05)
