"""Writes down how many recorded steps pass now: `python record.py` after an improvement."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from conformance.recorded import PROGRESS, SCENARIOS, run
from meililite_server import Server


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder)).start()
        try:
            counts = {name: run(server.url, server.key or "", name)[0] for name in SCENARIOS}
        finally:
            server.stop()
    PROGRESS.write_text(json.dumps(counts, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
