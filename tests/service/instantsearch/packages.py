"""The JavaScript packages of the page, as npm has them, held to what they were."""

import base64
import hashlib
import json
import subprocess
import tarfile
from pathlib import Path

PACKAGES = {
    "instantsearch.js@4.118.1": (
        "i5fxbr8Ou/63scNk5fqtf+JdBGWFn4Uge6IXN6iPFNw5XgCt5XX0makU1d8hWy36eIneArJUQl2kHlHoGLAiMQ=="
    ),
    "@meilisearch/instant-meilisearch@0.31.2": (
        "axKrFVjdppMe1aEPjAfyG/hjf1iZJJSvRDbEOcYKSKZhWL7rm16u5Mor1JBXvrkIe36YyzyfGG81MEl0nGvTVw=="
    ),
    "meilisearch@0.57.0": (
        "J3ZdX6MjguEIG9Yo+duRZeVsbMdRuwM2OFvJUs8wZSeBADYZ2qc1eajlClKLRqS/mAhGh2bLiU5SbmhKXKuWSw=="
    ),
}
"""Each in the version that it was tried in → SHA-512 of its archive."""

SECONDS = 120


class NoPackagesError(Exception):
    """npm could not get them; the message is its own."""


def unpack(folder: Path) -> None:
    """Have them in `folder`/node_modules, as `npm install` would; nothing of them is run.

    Raises NoPackagesError, and ValueError for one that is not what it was.
    """
    command = ["npm", "pack", "--json", "--ignore-scripts", *PACKAGES]
    try:
        packed = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=True
        )
    except subprocess.CalledProcessError as error:
        raise NoPackagesError(error.stderr[-500:]) from None
    except subprocess.TimeoutExpired:
        raise NoPackagesError(f"npm took longer than {SECONDS} s") from None
    for one in json.loads(packed.stdout):
        archive = folder / one["filename"]
        digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if digest != PACKAGES[one["id"]]:
            raise ValueError(f"{one['id']} is not the archive that it was")
        inside = folder / "node_modules" / one["name"]
        inside.parent.mkdir(parents=True, exist_ok=True)
        with tarfile.open(archive) as files:
            files.extractall(folder / one["filename"].removesuffix(".tgz"), filter="data")
        (folder / one["filename"].removesuffix(".tgz") / "package").rename(inside)
