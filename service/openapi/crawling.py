"""Jobs, runs and sources of the admin API as JSON Schema."""

from service.openapi.schema import (
    COUNT,
    MOMENT,
    NUMBER,
    TEXT,
    WHOLE,
    YES_OR_NO,
    Schema,
    array,
    mapping,
    nullable,
    record,
)

ANYTHING: Schema = {"type": "object"}
ID: Schema = {**WHOLE, "minimum": 1, "examples": [17]}
FALL = record({"field": TEXT, "share": NUMBER, "usual": NUMBER})

JOB = record(
    {
        "id": ID,
        "kind": {**TEXT, "examples": ["crawl"]},
        "key": {**TEXT, "examples": ["market"]},
        "args": ANYTHING,
        "state": {**TEXT, "examples": ["queued"]},
        "priority": WHOLE,
        "attempts": COUNT,
        "max_attempts": COUNT,
        "run_at": MOMENT,
        "created_at": MOMENT,
        "started_at": nullable(MOMENT),
        "finished_at": nullable(MOMENT),
        "lease_owner": nullable(TEXT),
        "lease_until": nullable(MOMENT),
        "progress": nullable(ANYTHING),
        "result": nullable(ANYTHING),
        "error": nullable(TEXT),
    }
)

NUMBERS = ("pages", "unmodified", "items", "read", "new", "changed", "unchanged", "failed", "gone")
RUN = record(
    {
        "id": ID,
        "source": {**TEXT, "examples": ["market"]},
        "job_id": nullable(ID),
        "state": {**TEXT, "examples": ["suspicious"]},
        "started_at": MOMENT,
        "finished_at": nullable(MOMENT),
        "settled_at": nullable(MOMENT),
        "settled_by": nullable(ID),
        **dict.fromkeys(NUMBERS, COUNT),
        "bytes": COUNT,
        "seconds": NUMBER,
        "problems": mapping(COUNT),
        "filled": mapping(COUNT),
        "drift": array(FALL),
        "error": nullable(TEXT),
    }
)

SOURCE = record(
    {
        "name": {**TEXT, "examples": ["market"]},
        "vertical": {**TEXT, "examples": ["cars"]},
        "start_url": TEXT,
        "parser": TEXT,
        "every": nullable(WHOLE),
        "schedule": nullable(TEXT),
        "rate": nullable(NUMBER),
        "precedence": WHOLE,
        "enabled": YES_OR_NO,
        "next_run_at": MOMENT,
        "run_id": nullable(ID),
        "run_state": nullable(TEXT),
        "run_started_at": nullable(MOMENT),
        "run_items": nullable(COUNT),
        "breaker": {"enum": ["closed", "open", "half-open"]},
        "paused_until": nullable(MOMENT),
        "held_against": nullable(TEXT),
        "drift": nullable(array(FALL)),
        "suspicious_run": nullable(ID),
        "done_at": nullable(MOMENT),
    }
)
