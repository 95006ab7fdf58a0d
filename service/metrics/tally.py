"""What one worker counts: its requests here, the rest where it happens."""

import time
from collections import Counter, defaultdict
from collections.abc import Mapping

from sanic.response import BaseHTTPResponse

from engine.client import Engine
from engine.gate import Gate
from engine.measures import Measure
from service.analytics.log import EventLog
from service.caching.cache import HIT, JOINED, MISSED, NOT_KEPT, SHARED
from service.http.urls import AnyRequest
from service.limits.limiter import Limiter
from service.metrics.declared import Numbers, add, timed

OUTCOMES = {
    HIT: "hit",
    SHARED: "shared",
    MISSED: "miss",
    JOINED: "collapsed",
    NOT_KEPT: "bypass",
}
"""By `Cache-Status`; every other is one of a stale answer, with its age."""

METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
OTHER = "other"
UNMATCHED = "unmatched"


class Tally:
    """Counts requests; `engine`, `gate`, `limiter` and `log` count their own."""

    def __init__(self, engine: Engine, gate: Gate, limiter: Limiter | None, log: EventLog) -> None:
        self._engine = engine
        self._gate = gate
        self._limiter = limiter
        self._log = log
        self._requests: defaultdict[tuple[str, str, int], Measure] = defaultdict(Measure)
        self._answers: Counter[str] = Counter()

    def note(self, request: AnyRequest, response: BaseHTTPResponse) -> None:
        """Count a request that has its answer; it takes about a microsecond."""
        route, method = request.route, request.method
        key = (
            route.name if route is not None else UNMATCHED,
            method if method in METHODS else OTHER,
            response.status,
        )
        seconds = time.perf_counter() - request.began
        self._requests[key].add(seconds, failed=response.status >= 500)
        told = response.headers.get("cache-status")
        if told is not None:
            self._answers[OUTCOMES.get(told, "stale")] += 1

    def numbers(self, addresses: Mapping[str, str]) -> Numbers:
        """All of it, where `addresses` are those of the routes by name."""
        numbers: Numbers = {
            ("showroom_api_workers",): [1],
            ("showroom_rate_limited_total",): [self._limiter.refused if self._limiter else 0],
            ("showroom_search_queue_refused_total",): [self._gate.refused],
            ("showroom_search_queue_waiting",): [self._gate.waiting],
            ("showroom_analytics_events_written_total",): [self._log.written],
            ("showroom_analytics_events_lost_total",): [self._log.lost],
        }
        for outcome in (*OUTCOMES.values(), "stale"):
            numbers["showroom_cache_answers_total", outcome] = [self._answers[outcome]]
        numbers |= self._of_requests(addresses)
        for call, measure in self._engine.measures.items():
            numbers["showroom_search_server_call_duration_seconds", call] = timed(measure)
            numbers["showroom_search_server_call_errors_total", call] = [measure.errors]
        return numbers

    def _of_requests(self, addresses: Mapping[str, str]) -> Numbers:
        numbers: Numbers = {}
        for (name, method, status), measure in self._requests.items():
            route = addresses.get(name, UNMATCHED)
            counted = ("showroom_http_requests_total", route, method, str(status))
            took = ("showroom_http_request_duration_seconds", route)
            add(numbers, {counted: [measure.count], took: timed(measure)})
        return numbers
