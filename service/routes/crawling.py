"""The admin API of crawling: jobs that are asked for, runs and what people decide of them."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any, TypeVar

import asyncpg
import orjson
from sanic import Blueprint, HTTPResponse, Request

from catalog.database import DATABASE_ERRORS, connect
from catalog.verticals import VERTICALS
from jobs import decisions, reports
from jobs.app import Bell
from jobs.requests import LONGEST_KEY, KeyReusedError, RequestError, ask
from service.http.admin import PREFIX, require_key
from service.http.problems import Problem, bad_value, not_found, unavailable
from service.http.responses import METHODS, json
from service.openapi.crawling import JOB, RUN, SOURCE
from service.openapi.operation import Answer, Operation
from service.openapi.schema import YES_OR_NO, Schema, array, record
from service.understanding.forms import Choice, Text, Whole
from service.understanding.parameters import Parameter, read, shown

T = TypeVar("T")

CONNECTIONS = 2
SECONDS = 5.0  # for a connection, and again for all that a request asks
SHOWN, MOST_SHOWN = 20, 100
CRAWL, REPARSE = "crawl", "reparse"
REINDEX, ALLOW_FEWER = "reindex", "allow_fewer"
OF_VERTICALS = (REINDEX, "rollback", "verify", "repair")
_NUMBER = re.compile(r"[0-9]{1,11}")
KINDS = (CRAWL, REPARSE, *OF_VERTICALS)
RUN_STATES = ("running", "done", "failed", "blocked", "suspicious", "overruled", "canceled")
JOB_STATES = ("queued", "running", "done", "failed")


def _declared(*more: Parameter) -> dict[str, Parameter]:
    paging = (
        Parameter("limit", Whole(1, MOST_SHOWN), f"rows at most; {SHOWN} if not given"),
        Parameter("before", Whole(1, 10**11), "only rows with a lower id: `meta.next`"),
    )
    return {parameter.name: parameter for parameter in (*more, *paging)}


JOBS = _declared(
    Parameter("kind", Choice(KINDS), "only this kind"),
    Parameter("state", Choice(JOB_STATES), "only in this state; `failed` ones are dead"),
)
RUNS = _declared(
    Parameter("source", Text(64), "only of this source"),
    Parameter("state", Choice(RUN_STATES), "only in this state"),
)

ONE: dict[str, Schema] = {"number": {"minimum": 1, "examples": [17]}}
ASKED: Schema = {
    "type": "object",
    "properties": {
        "kind": {"enum": list(KINDS)},
        "key": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "examples": ["market"]},
        ALLOW_FEWER: {
            **YES_OR_NO,
            "description": "of a reindex: also if most documents are gone; false if not given",
        },
    },
    "required": ["kind", "key"],
    "additionalProperties": False,
    "if": {"required": [ALLOW_FEWER]},
    "then": {"properties": {"kind": {"const": REINDEX}}},
    "examples": [{"kind": CRAWL, "key": "market"}],
}


def _list(summary: str, row: Schema, parameters: dict[str, Parameter]) -> Operation:
    meta = record({"next": {"type": ["integer", "null"]}})
    answer = Answer(record({"data": array(row), "meta": meta}))
    return Operation(summary, {200: answer}, tag="admin", parameters=parameters, admin=True)


def _one(summary: str, row: Schema, **more: Any) -> Operation:
    answer = Answer(record({"data": row}))
    said: dict[str, Any] = {"path": ONE, "parameters": {}} | more
    return Operation(summary, {200: answer}, tag="admin", admin=True, **said)


class Crawling:
    """The handlers; `opened` keeps what they ask, and nothing is opened before it is needed."""

    def __init__(self) -> None:
        self._pool: asyncpg.Pool | None = None
        self._bell: Bell | None = None

    @asynccontextmanager
    async def opened(self, database_url: str | None, redis_url: str | None) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if database_url is not None:
                opening = connect(database_url, min_size=0, max_size=CONNECTIONS)
                self._pool = await stack.enter_async_context(opening)
            self._bell = Bell(redis_url) if redis_url else None
            yield

    def routes(self) -> Blueprint:
        routes = Blueprint("admin", url_prefix=PREFIX)
        routes.on_request(require_key)
        add = routes.add_route
        created = Answer(record({"data": JOB}), "A new job", headers=("Location",))
        asks = _one(
            "Ask for a job",
            JOB,
            path={},
            body=ASKED,
            problems=("bad-value", "conflict", "key-reused"),
            description=(
                "`key` is a source (crawl), the number of a run (reparse) or a vertical. A job of"
                " this kind and key that waits or runs is the answer (200); one that was asked for"
                " without the `allow_fewer` of this request is a 409. With a header"
                f" Idempotency-Key (at most {LONGEST_KEY} characters) a request that is sent again"
                " gets the job of the first; another request with its key is a 422."
            ),
        )
        asks = replace(asks, answers={**asks.answers, 201: created})
        listed = _list("Jobs, newest first", JOB, JOBS)
        add(self.jobs, "/jobs", METHODS, name="jobs", ctx_operation=listed)
        add(self.ask, "/jobs", ("POST",), name="ask", ctx_operation=asks)
        one = _one("One job", JOB)
        add(self.job, "/jobs/<number:int>", METHODS, name="job", ctx_operation=one)
        listed = _list("Runs, newest first", RUN, RUNS)
        add(self.runs, "/runs", METHODS, name="runs", ctx_operation=listed)
        one = _one("One run", RUN)
        add(self.run, "/runs/<number:int>", METHODS, name="run", ctx_operation=one)
        accepted = _one(
            "Believe a suspicious run: the job that takes out of search what it did not see",
            JOB,
            problems=("conflict",),
        )
        path = "/runs/<number:int>/accept"
        add(self.accept, path, ("POST",), name="accept", ctx_operation=accepted)
        canceled = _one(
            "Close a suspicious run without believing it, or end one that runs",
            RUN,
            problems=("conflict",),
        )
        path = "/runs/<number:int>/cancel"
        add(self.cancel, path, ("POST",), name="cancel", ctx_operation=canceled)
        listed = _list("Sources, by name", SOURCE, {})
        add(self.sources, "/sources", METHODS, name="sources", ctx_operation=listed)
        return routes

    async def jobs(self, request: Request) -> HTTPResponse:
        return _page(await self._rows(request, JOBS, reports.jobs))

    async def runs(self, request: Request) -> HTTPResponse:
        return _page(await self._rows(request, RUNS, reports.runs))

    async def sources(self, request: Request) -> HTTPResponse:
        read({}, request.query_string)
        return _page((await self._ask(reports.sources), None))

    async def job(self, request: Request, number: int) -> HTTPResponse:
        return json({"data": await self._one(request, reports.job, "job", number)})

    async def run(self, request: Request, number: int) -> HTTPResponse:
        return json({"data": await self._one(request, reports.run, "run", number)})

    async def ask(self, request: Request) -> HTTPResponse:
        read({}, request.query_string)
        kind, key, args = _asked(request.body)
        once = _once(request)
        await self._check(kind, key)
        asked = await self._ask(lambda pool: ask(pool, kind, key, args, once))
        await self._ring()
        answer = json({"data": await self._one(request, reports.job, "job", asked.id)})
        if asked.is_new:
            answer.status = 201
            answer.headers["Location"] = f"{PREFIX}/jobs/{asked.id}"
        return answer

    async def accept(self, request: Request, number: int) -> HTTPResponse:
        await self._one(request, reports.run, "run", number)
        job = await self._ask(lambda pool: decisions.accept(pool, number))
        await self._ring()
        return json({"data": await self._one(request, reports.job, "job", job)})

    async def cancel(self, request: Request, number: int) -> HTTPResponse:
        await self._one(request, reports.run, "run", number)
        await self._ask(lambda pool: decisions.cancel(pool, number))
        return json({"data": await self._one(request, reports.run, "run", number)})

    async def _check(self, kind: str, key: str) -> None:
        """Whether there is what the job would work on; raises Problem."""
        if kind in OF_VERTICALS:
            if key not in VERTICALS:
                known = ", ".join(VERTICALS)
                raise bad_value("key", f"There is no vertical {shown(key)}; there is: {known}.")
            return
        if kind == CRAWL:
            select = "SELECT enabled FROM sources WHERE name = $1"
            if not await self._ask(lambda pool: pool.fetchval(select, key)):
                raise bad_value("key", f"There is no source {shown(key)} that is switched on.")
            return
        if not _NUMBER.fullmatch(key):
            raise bad_value("key", "The key of a reparse is the number of a run.")
        if await self._ask(lambda pool: reports.run(pool, int(key))) is None:
            raise bad_value("key", f"There is no run {key}.")

    async def _rows(
        self,
        request: Request,
        declared: dict[str, Parameter],
        select: Callable[..., Awaitable[list[dict[str, Any]]]],
    ) -> tuple[list[dict[str, Any]], int | None]:
        """The rows that a query asks for, and from where to ask for more."""
        asked = {"limit": SHOWN} | read(declared, request.query_string)
        rows = await self._ask(lambda pool: select(pool, **asked))
        return rows, rows[-1]["id"] if len(rows) == asked["limit"] else None

    async def _one(
        self,
        request: Request,
        select: Callable[..., Awaitable[dict[str, Any] | None]],
        name: str,
        number: int,
    ) -> dict[str, Any]:
        read({}, request.query_string)
        is_number = 0 < number <= reports.LAST_ID
        row = await self._ask(lambda pool: select(pool, number)) if is_number else None
        if row is None:
            raise not_found(f"There is no {name} {number}.")
        return row

    async def _ask(self, question: Callable[[asyncpg.Pool], Awaitable[T]]) -> T:
        """What the database answers in time; a refusal is a 409 or 422, a silence a 503."""
        if self._pool is None:
            raise unavailable("The database is not configured; set DATABASE_URL.")
        try:
            async with asyncio.timeout(SECONDS):
                return await question(self._pool)
        except KeyReusedError as refusal:
            raise Problem(422, "key-reused", str(refusal)) from refusal
        except RequestError as refusal:
            raise Problem(409, "conflict", str(refusal)) from refusal
        except asyncpg.DataError as error:
            raise Problem(400, "bad-request", f"A value cannot be used: {error}.") from error
        except DATABASE_ERRORS as error:
            raise unavailable("The database does not answer; try again in a moment.") from error

    async def _ring(self) -> None:
        if self._bell is not None:
            await asyncio.to_thread(self._bell.ring)


def _page(found: tuple[list[dict[str, Any]], int | None]) -> HTTPResponse:
    rows, following = found
    return json({"data": rows, "meta": {"next": following}})


def _asked(body: bytes) -> tuple[str, str, dict[str, Any] | None]:
    """Kind, key and arguments of the job that a body asks for; raises Problem."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Problem(400, "bad-request", f"The body is no JSON: {error}.") from error
    if not isinstance(said, dict):
        raise Problem(400, "bad-request", 'The body must be like {"kind": "crawl", "key": "…"}.')
    for name in said:
        if name not in ASKED["properties"]:
            raise bad_value(name[:LONGEST_KEY], f"There is no member {shown(name)} here.")
    kind, key = said.get("kind"), said.get("key")
    if kind not in KINDS:
        raise bad_value("kind", f"kind must be one of {', '.join(KINDS)}.")
    if not isinstance(key, str) or not 1 <= len(key) <= LONGEST_KEY or "\0" in key:
        raise bad_value("key", f"key must be a text of 1 to {LONGEST_KEY} characters.")
    return kind, key, _allowance(kind, said)


def _allowance(kind: str, said: dict[str, Any]) -> dict[str, Any] | None:
    """The argument of a reindex that may lose most documents; raises Problem."""
    if ALLOW_FEWER not in said:
        return None
    if kind != REINDEX:
        raise bad_value(ALLOW_FEWER, f"{ALLOW_FEWER} is of a {REINDEX} alone.")
    if not isinstance(said[ALLOW_FEWER], bool):
        raise bad_value(ALLOW_FEWER, f"{ALLOW_FEWER} must be true or false.")
    return {ALLOW_FEWER: True} if said[ALLOW_FEWER] else None


def _once(request: Request) -> str | None:
    """The request's idempotency key."""
    once: str | None = request.headers.get("idempotency-key")
    if once is not None and not (1 <= len(once) <= LONGEST_KEY and once.isprintable()):
        detail = f"Idempotency-Key must be a printable text of 1 to {LONGEST_KEY} characters."
        raise bad_value("Idempotency-Key", detail)
    return once
