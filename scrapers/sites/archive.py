"""The archive: pages as they were fetched, kept compressed, and what was read from them.

A page that is as it was before is not read again, and a page that is kept can be read by tomorrow's
parser without asking the site. A copy belongs to the last run that saw it.
"""

import hashlib
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import asyncpg
import orjson

from scrapers import parsers, recipes
from scrapers.fetching.answers import Answer, Validators
from scrapers.parsers.pages import Card, Detail, Page, Parser
from scrapers.parsers.personal import redact
from scrapers.runs.rows import Run, Tally

LEVEL = 3  # of zlib: 0.35 ms for a page of 70 kB, which becomes 13 kB; level 6 takes twice as long
WAITING = 50  # pages that wait to be written together

Read = TypeVar("Read", Page, Detail)


class Copy(NamedTuple):
    """What is known of a page that was kept."""

    id: int
    etag: str | None
    last_modified: str | None
    hash: bytes
    reader: str

    @property
    def validators(self) -> Validators:
        return Validators(self.etag, self.last_modified)


@dataclass(frozen=True)
class Way(Generic[Read]):
    """A way to read a page: by parsing it, or from what was read of it before."""

    parse: Callable[[bytes, str], Read]
    load: Callable[[dict[str, Any]], Read]


def list_way(parser: Parser) -> Way[Page]:
    """How a parser reads a page of results."""

    def load(said: dict[str, Any]) -> Page:
        return Page(**{**said, "items": [Card(**card) for card in said["items"]]})

    return Way(parser.parse_results, load)


def detail_way(parser: Parser) -> Way[Detail]:
    """How a parser reads an offer's own page."""
    return Way(parser.parse_detail, lambda said: Detail(**said))


def reader_of(parser: Parser) -> str:
    """A parser's version: its own, as a recipe has one, and that of the code that parses."""
    return f"{getattr(parser, 'version', '')}{_code()}"


@cache
def _code() -> str:
    digest = hashlib.blake2b(digest_size=8)
    for package in (parsers, recipes):
        for path in sorted(Path(package.__path__[0]).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


class Archive:
    """The pages of a run, and the last copies that runs before it kept."""

    def __init__(self, pool: asyncpg.Pool, run: Run, reader: str, tally: Tally) -> None:
        self._pool, self._run, self._reader, self._tally = pool, run, reader, tally
        self._waiting: list[tuple[Any, ...]] = []
        self._is_empty: bool | None = None

    async def last(self, url: str) -> Copy | None:
        """The last copy of the page at this address."""
        if self._is_empty is None:  # a first crawl has nothing to look for, page after page
            found = "SELECT NOT EXISTS (SELECT FROM pages WHERE source = $1)"
            self._is_empty = await self._pool.fetchval(found, self._run.source)
        if self._is_empty:
            return None
        row = await self._pool.fetchrow(_LAST, self._run.source, url)
        return Copy(*row) if row else None

    async def read(
        self, way: Way[Read], url: str, answer: Answer, copy: Copy | None, card: Card | None = None
    ) -> Read:
        """What an answer to `url` says: as before where the page did not change, else parsed.

        A page that is parsed is kept: one of the list, or with its `card` an offer's.
        """
        if copy and (answer.not_modified or copy.hash == digest(answer.body)):
            self._tally.unmodified += 1
            return await self._as_before(way, url, copy, card)
        said = way.parse(answer.body, answer.url)
        if card is not None or isinstance(said, Page):
            await self._keep(url, answer, said, card)
        return said

    async def flush(self) -> None:
        """Write the pages that wait."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            await self._pool.executemany(_KEEP, waiting)

    async def _keep(self, url: str, answer: Answer, said: Page | Detail, card: Card | None) -> None:
        body = zlib.compress(redact(answer.body), LEVEL)
        offer = (card.external_id, storable(card)) if card else (None, None)
        known_by = (answer.status, answer.etag, answer.last_modified, digest(answer.body))
        kept = (body, len(body), self._reader, storable(said))
        self._waiting.append((self._run.source, self._run.id, url, *offer, *known_by, *kept))
        if len(self._waiting) >= WAITING:
            await self.flush()

    async def _as_before(self, way: Way[Read], url: str, copy: Copy, card: Card | None) -> Read:
        """What the last copy says, by today's parser; it is this run's now, with today's card."""
        await self._pool.execute(
            "UPDATE pages SET run_id = $2, card = coalesce($3, card) WHERE id = $1",
            copy.id,
            self._run.id,
            storable(card) if card else None,
        )
        if copy.reader == self._reader:
            said = await self._pool.fetchval("SELECT said FROM pages WHERE id = $1", copy.id)
            return way.load(said)
        body = await self._pool.fetchval("SELECT body FROM pages WHERE id = $1", copy.id)
        read = way.parse(zlib.decompress(body), url)
        await self._pool.execute(
            "UPDATE pages SET reader = $2, said = $3 WHERE id = $1",
            copy.id,
            self._reader,
            storable(read),
        )
        return read


def storable(read: Any) -> Any:
    """What a parser read, without what Postgres has no place for: NUL, halves of surrogates."""
    with suppress(orjson.JSONEncodeError):
        if b"\\u0000" not in orjson.dumps(read):
            return read
    return _plain(asdict(read))


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "").encode(errors="replace").decode()
    if isinstance(value, dict):
        return {_plain(name): _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def digest(body: bytes) -> bytes:
    """What tells whether a page is as it was."""
    return hashlib.blake2b(body, digest_size=16).digest()


_LAST = """
    SELECT id, etag, last_modified, hash, reader FROM pages
    WHERE source = $1 AND md5(url) = md5($2) AND url = $2 ORDER BY id DESC LIMIT 1
"""
_KEEP = """
    INSERT INTO pages (source, run_id, url, external_id, card, status, etag, last_modified, hash,
        body, size, reader, said)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""
