"""Keys: what makes a row of a file the same offer at its next import."""

import hashlib
import sqlite3

from scrapers.feeds.drafts import key_of
from scrapers.normalise import Refused
from scrapers.normalise.text import clean

_TABLE = """
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA cache_size = -32000;
    CREATE TABLE seen (key BLOB PRIMARY KEY, times INTEGER NOT NULL) WITHOUT ROWID;
"""
_COUNT = """
    INSERT INTO seen VALUES (?, 1) ON CONFLICT (key) DO UPDATE SET times = times + 1
    RETURNING times
"""


class Keys:
    """Gives each row of one file its key; what was seen is on disk, not in memory.

    The offer's own id comes first (the file's id, else the VIN, else the stock number), then a
    digest of what identifies the car. An id may stand in a file once. A VIN or a digest may
    come again: the second is another offer, `KEY-2`, and is so at every import of the file.
    """

    def __init__(self) -> None:
        # An empty name is a temporary file that goes with the connection.
        self._seen = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._seen.executescript(_TABLE)

    def __enter__(self) -> "Keys":
        return self

    def __exit__(self, *_: object) -> None:
        self._seen.close()

    def key(self, said: dict[str, str]) -> str:
        """The key of a row; raises Refused for an id that stood in an earlier row."""
        own = clean(said.get("id"), 1_000)
        if own is not None:
            return self._once(own)
        vin = clean(said.get("vin"))
        if vin is not None:
            return self._apart(vin.upper())
        stock = clean(said.get("stock_number"))
        if stock is not None:
            dealer = said.get("dealer_id") or said.get("dealer_name")
            return self._once(f"{dealer}-{stock}" if dealer else stock)
        return self._apart(key_of(said))

    def _once(self, key: str) -> str:
        if self._times(key) > 1:
            raise Refused("key/repeated", f"The id {key[:80]} stands in an earlier row.")
        return key

    def _apart(self, key: str) -> str:
        times = self._times(key)
        return key if times == 1 else f"{key}-{times}"

    def _times(self, key: str) -> int:
        digest = hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=16).digest()
        (times,) = self._seen.execute(_COUNT, (digest,)).fetchone()
        return int(times)
