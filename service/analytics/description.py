"""What the routes of analytics do, and their bodies and answers as JSON Schema."""

from collections.abc import Mapping

from service.analytics.posted import KINDS, MOST_EVENTS
from service.answering.listings import KEY
from service.openapi.listings import QUERY_ID
from service.openapi.operation import Answer, Operation
from service.openapi.schema import COUNT, MOMENT, NUMBER, TEXT, WHOLE, Schema, array, record
from service.understanding.paging import MOST_RESULTS
from service.understanding.parameters import Parameter

EVENT = record(
    {
        "kind": {"enum": list(KINDS)},
        "key": {**TEXT, "pattern": f"^{KEY}$", "examples": ["4T1G11AK5LU123456"]},
        "position": {**WHOLE, "minimum": 1, "maximum": MOST_RESULTS},
    }
)
BODY = record(
    {"query_id": QUERY_ID, "events": {**array(EVENT), "minItems": 1, "maxItems": MOST_EVENTS}}
)
RATE: Schema = {**NUMBER, "minimum": 0, "maximum": 1}

ROWS: dict[str, tuple[str, Schema]] = {
    "queries": (
        "What was typed most often",
        {
            "q": TEXT,
            "searches": COUNT,
            "visitors": COUNT,
            "results": {**COUNT, "description": "on average"},
            "without_results": COUNT,
            "clicks": COUNT,
            "click_rate": {**RATE, "description": "share of answers with a click"},
        },
    ),
    "zero-results": (
        "What was searched for and not found",
        {
            "q": TEXT,
            "filters": array(TEXT),
            "searches": COUNT,
            "visitors": COUNT,
            "last_at": MOMENT,
        },
    ),
    "filters": (
        "Which filters were used",
        {"filter": TEXT, "searches": COUNT, "visitors": COUNT, "zero_rate": RATE},
    ),
    "clicks": (
        "Which listings were opened",
        {
            "key": TEXT,
            "clicks": COUNT,
            "views": COUNT,
            "searches": COUNT,
            "position": {"type": ["number", "null"], "description": "of clicks, on average"},
        },
    ),
    "hours": (
        "Searches by the hour (UTC), the latest first",
        {
            "hour": MOMENT,
            "searches": COUNT,
            "visitors": COUNT,
            "without_results": COUNT,
            "clicks": COUNT,
        },
    ),
}
"""Each report: what it is, and the members of its rows."""


def reporting() -> Operation:
    return Operation(
        "Say that results of a search were seen or opened",
        {202: Answer(None, "They are noted.", None)},
        tag="analytics",
        body=BODY,
        parameters={},
        problems=("bad-value", "too-long"),
    )


def operation_of(name: str, parameters: Mapping[str, Parameter]) -> Operation:
    """The operation of one report."""
    summary, members = ROWS[name]
    lost: Schema = {**COUNT, "description": "events of that time that could not be kept"}
    meta = record({"days": WHOLE, "lost": lost})
    return Operation(
        summary,
        {200: Answer(record({"meta": meta, "data": array(record(members))}))},
        tag="analytics",
        parameters=parameters,
        admin=True,
    )
