"""Runs the tests of a client that was not written here: meilisearch-python-sdk.

`python -m tests.meililite.sdk_suite [FOLDER]` makes an environment in FOLDER (default: build/sdk),
gets the client's source distribution with its tests, starts a server on the port that they want,
and runs them, but for those in `sdk_deselected.txt`. The exit status is pytest's.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
import venv
from pathlib import Path

from tests.meililite.meililite_server import Server

_CLIENT = "meilisearch-python-sdk"
_VERSION = "8.0.1"
_TOOLS = ("pytest", "pytest-asyncio", "pytest-cov", "pytest-timeout")
_DESELECTED = Path(__file__).with_name("sdk_deselected.txt")


def prepare(folder: Path) -> tuple[Path, Path]:
    """The interpreter that has the client, and the folder of its source; both made once."""
    python, source = folder / "venv" / "bin" / "python", folder / "source"
    if not python.exists():
        venv.create(folder / "venv", with_pip=True)
        pip = [str(python), "-m", "pip", "--quiet"]
        subprocess.run([*pip, "install", f"{_CLIENT}[all]=={_VERSION}", *_TOOLS], check=True)
        download = ["download", "--no-deps", "--no-binary", ":all:", "--dest", str(folder)]
        subprocess.run([*pip, *download, f"{_CLIENT}=={_VERSION}"], check=True)
    if not source.exists():
        with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
            archive.extractall(source, filter="data")
    return python.absolute(), next(source.iterdir())


def deselected() -> list[str]:
    lines = _DESELECTED.read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def main() -> int:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "build/sdk")
    folder.mkdir(parents=True, exist_ok=True)
    python, source = prepare(folder)
    with tempfile.TemporaryDirectory() as data:
        server = Server(Path(data), key="masterKey", port=7700).start()
        try:
            left_out = [part for name in deselected() for part in ("--deselect", name)]
            return subprocess.run(
                [
                    str(python),
                    "-m",
                    "pytest",
                    "-o",
                    "addopts=",
                    "-q",
                    "--timeout=60",
                    *left_out,
                    "tests",
                ],
                cwd=source,
                check=False,
            ).returncode
        finally:
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
