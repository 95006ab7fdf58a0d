"""Every metric: its name, kind and labels, and what it says.

Names follow Prometheus' rules: base units, `_total` for what only grows, labels with few values.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from engine.measures import BOUNDS, Measure

Numbers: TypeAlias = dict[tuple[str, ...], list[float]]
"""Name and values of the labels → the number; of a histogram the sum and its buckets."""


@dataclass(frozen=True)
class Metric:
    """A metric as it is exposed."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()


OF_WORKERS = (
    Metric("showroom_api_workers", "gauge", "API processes that live"),
    Metric(
        "showroom_http_requests_total",
        "counter",
        "Requests answered; route is `unmatched` where there is none",
        ("route", "method", "status"),
    ),
    Metric(
        "showroom_http_request_duration_seconds",
        "histogram",
        "From a request's headers until its answer is ready",
        ("route",),
    ),
    Metric(
        "showroom_cache_answers_total",
        "counter",
        "Answers by where they came from: hit, shared, miss, collapsed, stale, bypass",
        ("outcome",),
    ),
    Metric("showroom_rate_limited_total", "counter", "Requests over their client's rate (429)"),
    Metric(
        "showroom_search_queue_refused_total",
        "counter",
        "Searches not sent, since too many waited for the search server or for too long (503)",
    ),
    Metric("showroom_search_queue_waiting", "gauge", "Searches that wait for the search server"),
    Metric(
        "showroom_search_server_call_duration_seconds",
        "histogram",
        "The API's calls to the search server, failed ones too",
        ("call",),
    ),
    Metric(
        "showroom_search_server_call_errors_total",
        "counter",
        "Those of these calls that were refused, or not answered in time",
        ("call",),
    ),
    Metric(
        "showroom_analytics_events_written_total", "counter", "Searches and clicks that were stored"
    ),
    Metric(
        "showroom_analytics_events_lost_total",
        "counter",
        "Searches and clicks that could not be stored",
    ),
)
"""What the API's workers count themselves."""

OF_VERTICAL = ("vertical",)
OF_SOURCE = ("source",)

OF_DATABASE = (
    Metric("showroom_database_up", "gauge", "1 if Postgres answered, else 0: then all below lack"),
    Metric(
        "showroom_sync_lag_seconds",
        "gauge",
        "Age of the oldest change that the live index does not show",
        OF_VERTICAL,
    ),
    Metric("showroom_sync_outbox_rows", "gauge", "Changes that no indexer has claimed"),
    Metric(
        "showroom_sync_pending_documents",
        "gauge",
        "Documents that wait for an index or are on their way, by its generation's state",
        ("vertical", "state"),
    ),
    Metric(
        "showroom_sync_open_batches",
        "gauge",
        "Batches of documents that the search server has in work",
        ("vertical", "state"),
    ),
    Metric(
        "showroom_dead_letters",
        "gauge",
        "Documents that the search server refuses for the live index",
        OF_VERTICAL,
    ),
    Metric(
        "showroom_generations", "gauge", "Indexes that are or were, by state", ("vertical", "state")
    ),
    Metric(
        "showroom_reindex_documents",
        "gauge",
        "While an index is made anew: documents that were read for it",
        OF_VERTICAL,
    ),
    Metric(
        "showroom_reindex_expected_documents",
        "gauge",
        "While an index is made anew: documents that it will have",
        OF_VERTICAL,
    ),
    Metric(
        "showroom_reindex_refused",
        "gauge",
        "1 while no index is made unasked, since the table looks emptied, else 0",
        OF_VERTICAL,
    ),
    Metric(
        "showroom_reindex_again_timestamp_seconds",
        "gauge",
        "When an index that is wanted and was not made is tried again unasked; 0 where none is",
        OF_VERTICAL,
    ),
    Metric(
        "showroom_indexer_heartbeat_timestamp_seconds",
        "gauge",
        "When the indexer last said that it lives",
        OF_VERTICAL,
    ),
    Metric(
        "showroom_verify_timestamp_seconds",
        "gauge",
        "When the index was last compared with the truth",
        OF_VERTICAL,
    ),
    Metric("showroom_verify_documents", "gauge", "Documents that were compared then", OF_VERTICAL),
    Metric(
        "showroom_verify_differing_documents",
        "gauge",
        "Those of them that were not as the truth has them",
        OF_VERTICAL,
    ),
    Metric(
        "showroom_verify_repaired",
        "gauge",
        "1 if those that differed were sent again, else 0",
        OF_VERTICAL,
    ),
    Metric(
        "showroom_jobs",
        "gauge",
        "Jobs by state; those that ended are kept for 14 days",
        ("kind", "state"),
    ),
    Metric(
        "showroom_jobs_waiting_seconds",
        "gauge",
        "How long the oldest job that is due has waited for a worker",
        ("kind",),
    ),
    Metric(
        "showroom_source_last_run_state",
        "gauge",
        "1 for the state of the source's last run",
        ("source", "state"),
    ),
    Metric(
        "showroom_source_last_run_timestamp_seconds",
        "gauge",
        "When the source's last run began",
        OF_SOURCE,
    ),
    Metric("showroom_source_last_run_offers", "gauge", "Offers that it saw", OF_SOURCE),
    Metric(
        "showroom_source_last_done_timestamp_seconds",
        "gauge",
        "When the source was last read whole",
        OF_SOURCE,
    ),
    Metric(
        "showroom_source_next_run_timestamp_seconds",
        "gauge",
        "When the source is due",
        OF_SOURCE,
    ),
    Metric(
        "showroom_source_breaker_open",
        "gauge",
        "1 while the source is left alone, since it blocks or fails",
        OF_SOURCE,
    ),
    Metric(
        "showroom_source_suspicious",
        "gauge",
        "1 while a run waits for a person's decision",
        OF_SOURCE,
    ),
    Metric(
        "showroom_source_drifting_fields",
        "gauge",
        "Fields that far fewer items had than usual in the last run that ended",
        OF_SOURCE,
    ),
)
"""What the rows say, read when it is asked for. Sources that are switched off are left out."""

METRICS = {metric.name: metric for metric in (*OF_WORKERS, *OF_DATABASE)}

BUCKETS = [*map(str, BOUNDS), "+Inf"]
"""Upper bounds in seconds of every histogram."""


def timed(measure: Measure) -> list[float]:
    """A histogram's number: the sum of seconds, then how many were in each bucket alone."""
    return [measure.seconds, *measure.buckets]


def add(numbers: Numbers, more: Numbers) -> None:
    """Add the one to the other, place by place."""
    for key, values in more.items():
        known = numbers.get(key)
        numbers[key] = (
            values if known is None else [a + b for a, b in zip(known, values, strict=True)]
        )
