"""Write down how many recorded steps pass now.

After an improvement: `python -m tests.meililite.conformance.record`.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from tests.meililite.conformance.recorded import PROGRESS, SCENARIOS, run
from tests.meililite.meililite_server import Server


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
