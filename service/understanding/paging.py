"""Which part of the results is asked for: a page of them, or an offset and a limit."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.http.problems import bad_value

PER_PAGE = 20
MOST_RESULTS = 10_000
"""Results that can be paged through. `maxTotalHits` in meilisearch-settings.json is far more: some
versions of the engine cap their totals at it."""

PAGES = ("page", "per_page")
OFFSETS = ("offset", "limit")


@dataclass(frozen=True)
class Window:
    """`limit` results from `offset` on, which are a page unless they were asked for as they are."""

    offset: int = 0
    limit: int = PER_PAGE
    paged: bool = True

    @property
    def page(self) -> int:
        """The number of the page that it begins in."""
        return self.offset // max(1, self.limit) + 1

    def told(self, total: int) -> dict[str, int]:
        """What an answer with so many results says of its part."""
        if not self.paged:
            return {"offset": self.offset, "limit": self.limit}
        pages = min(math.ceil(total / self.limit), MOST_RESULTS // self.limit)
        return {"page": self.page, "per_page": self.limit, "pages": pages}


FIRST_PAGE = Window()


def window(given: Mapping[str, Any]) -> Window:
    """The part that parameters ask for; raises Problem where it is beyond MOST_RESULTS."""
    by_offset = [name for name in OFFSETS if name in given]
    if not by_offset:
        return _page(given.get("page", 1), given.get("per_page", PER_PAGE))
    for name in PAGES:
        if name in given:
            detail = "Results are asked for by page and per_page or by offset and limit, not both."
            raise bad_value(name, detail, parameters=[name, *by_offset])
    return _offset(given.get("offset", 0), given.get("limit", PER_PAGE))


def _page(page: int, size: int) -> Window:
    last = MOST_RESULTS // size
    if page > last:
        detail = (
            f"The first {MOST_RESULTS} results can be paged through: page must be at most {last} "
            f"when per_page is {size}; it is {page}. Narrow the search instead."
        )
        raise bad_value("page", detail)
    return Window((page - 1) * size, size)


def _offset(offset: int, limit: int) -> Window:
    if offset + limit > MOST_RESULTS:
        detail = (
            f"The first {MOST_RESULTS} results can be returned: offset must be at most "
            f"{MOST_RESULTS - limit} when limit is {limit}; it is {offset}. Narrow the search "
            "instead."
        )
        raise bad_value("offset", detail)
    return Window(offset, limit, paged=False)
