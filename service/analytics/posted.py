"""What a page says that people did with the results of a search: `POST /api/v1/events`."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from service.analytics.events import ListingRow, new_number
from service.answering.listings import KEY
from service.http.problems import Problem, bad_value
from service.understanding.paging import MOST_RESULTS

LONGEST_BODY = 16_384  # bytes
MOST_EVENTS = 100
KINDS = ("click", "view")

_KEY = re.compile(KEY)


def read_events(body: bytes) -> list[ListingRow]:
    """The rows of `{"query_id": …, "events": [{"kind", "key", "position"}, …]}`.

    Raises Problem (400, 413) naming the member.
    """
    if len(body) > LONGEST_BODY:
        detail = f"Events may be {LONGEST_BODY:,} bytes long; send fewer at once."
        raise Problem(413, "too-long", detail)
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Problem(400, "bad-request", f"The body is not JSON ({error}).") from None
    _members(given, "The body", ("query_id", "events"))
    query_id = _query_id(given["query_id"])
    events = given["events"]
    if not isinstance(events, list) or not 1 <= len(events) <= MOST_EVENTS:
        raise bad_value("events", f"events must be a list of 1 to {MOST_EVENTS} events.")
    now = datetime.now(UTC)
    return [_row(now, query_id, place, event) for place, event in enumerate(events)]


def _members(given: Any, what: str, names: tuple[str, ...]) -> None:
    if not isinstance(given, dict) or set(given) != set(names):
        raise Problem(400, "bad-request", f"{what} must be an object with just {', '.join(names)}.")


def _query_id(given: Any) -> UUID:
    try:
        return UUID(given)
    except (ValueError, TypeError, AttributeError):
        detail = "query_id must be the one in the meta, or the header Query-Id, of an answer."
        raise bad_value("query_id", detail) from None


def _row(now: datetime, query_id: UUID, place: int, given: Any) -> ListingRow:
    which = f"events[{place}]"
    _members(given, which, ("kind", "key", "position"))
    kind, key, position = given["kind"], given["key"], given["position"]
    if kind not in KINDS:
        raise bad_value("kind", f"{which}.kind must be one of {', '.join(KINDS)}.")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise bad_value("key", f"{which}.key must be the id of a listing.")
    if type(position) is not int or not 1 <= position <= MOST_RESULTS:
        detail = f"{which}.position must be a whole number from 1 to {MOST_RESULTS}."
        raise bad_value("position", detail)
    return ListingRow(new_number(), now, query_id, kind, key, position)
