"""Recordings: a page as it was, without what is personal, and what its recipe reads of it."""

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from config.written import WrittenError
from scrapers.parsers.personal import redact
from scrapers.recipes.parser import RecipeParser

_APART = re.compile(r"[^a-z0-9]+")


def record(parser: RecipeParser, html: bytes, url: str, folder: Path, name: str | None) -> Path:
    """Keep a page and what is read of it as `NAME.html` and `NAME.json`; the page's path.

    Raises WrittenError for a page of which nothing can be read.
    """
    page = redact(html)
    expected = read_page(parser, page, url)
    if not _says_something(expected):
        raise WrittenError(f"Nothing can be read of {url}: `showroom recipe try` shows why.")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name or name_of(url)}.html"
    path.write_bytes(page)
    path.with_suffix(".json").write_text(json.dumps(expected, indent=2, ensure_ascii=False) + "\n")
    return path


def read_page(parser: RecipeParser, page: bytes, url: str) -> dict[str, Any]:
    """What a page says as a list and as an offer's own, as JSON has it."""
    return {
        "url": url,
        "results": asdict(parser.parse_results(page, url)),
        "detail": asdict(parser.parse_detail(page, url)),
    }


def _says_something(read: dict[str, Any]) -> bool:
    results, detail = read["results"], read["detail"]
    return bool(
        results["items"]
        or results["pages"]
        or results["empty"]
        or detail["values"]
        or detail["gone"]
    )


def name_of(url: str) -> str:
    """A file's name that an address suggests: `/used/kia/?page=2` is `used-kia-page-2`."""
    parts = urlsplit(url)
    return _APART.sub("-", f"{parts.path} {parts.query}".lower()).strip("-")[:80] or "page"
