"""The application: its routes, its limits, and what each worker keeps open."""

from contextlib import AsyncExitStack
from functools import partial
from typing import Any

from sanic import HTTPResponse, Request, Sanic

from catalog.verticals import VERTICALS
from config.settings import Settings
from engine.client import Engine
from engine.gate import Gate
from service.analytics import routes as analytics
from service.analytics.analytics import Analytics
from service.answering.history import History
from service.caching.cache import open_cache
from service.geography.places import read_zips
from service.http.bounds import LONGEST_BODY, LONGEST_HEADERS, SLOWEST_SECONDS
from service.http.cors import add_headers, answer_preflight
from service.http.problems import problem_of
from service.http.urls import AnyRequest, refuse_unusable
from service.instantsearch.refusals import refusal_of, speaks
from service.instantsearch.routes import InstantSearch
from service.limits.clients import Clients
from service.limits.limiter import open_limiter
from service.limits.middleware import limit
from service.metrics.ledger import Ledger
from service.metrics.routes import Metrics
from service.metrics.tally import Tally
from service.openapi.routes import Description
from service.routes import readiness
from service.routes.collections import Collection
from service.routes.counting import Counting
from service.routes.crawling import Crawling
from service.routes.pages import Page
from service.suggesting.routes import Suggestions

App = Sanic[Any, Any]

SEARCHES_AT_ONCE = 8
MOST_WAITING = 64
"""Of one worker, on the search server; who would have to wait longer is told to come back."""

LIMITS = {
    "REQUEST_MAX_SIZE": LONGEST_BODY,
    "REQUEST_MAX_HEADER_SIZE": LONGEST_HEADERS,
    "REQUEST_TIMEOUT": SLOWEST_SECONDS,
    "RESPONSE_TIMEOUT": 15,
    "KEEP_ALIVE_TIMEOUT": 75,
    "GRACEFUL_SHUTDOWN_TIMEOUT": 3.0,
    "GRACEFUL_TCP_CLOSE_TIMEOUT": 1.0,
    "ACCESS_LOG": False,
    "MOTD": False,
    "OAS": False,
}


def create_app(settings: Settings, ledger: Ledger | None = None) -> App:
    """The application for these settings; nothing is opened before a worker starts.

    `ledger` is what it counts together with other workers, None where there are none.
    """
    app = Sanic("showroom", configure_logging=False, request_class=AnyRequest)
    app.config.update(LIMITS)
    app.ctx.admin_key = settings.admin_key
    app.error_handler.add(Exception, answer_error)
    metrics = Metrics(ledger or Ledger())
    app.register_middleware(metrics.note, "response")  # after those that come later
    limit(app, Clients(settings.trusted_proxies))
    app.register_middleware(refuse_unusable, "request")
    app.register_middleware(answer_preflight, "request")
    app.register_middleware(add_headers, "response")
    collections = [Collection(vertical) for vertical in VERTICALS.values()]
    for collection in collections:
        app.blueprint(collection.routes())
    app.blueprint(Counting(collections).routes())
    suggestions = Suggestions(VERTICALS.values())
    app.blueprint(suggestions.routes())
    app.blueprint(InstantSearch(VERTICALS.values(), settings.search_key).routes())
    crawling = Crawling()
    app.blueprint(crawling.routes())
    app.blueprint(analytics.routes())
    app.blueprint(readiness.routes())
    app.blueprint(metrics.routes())
    app.blueprint(Page().routes())
    app.blueprint(Description().routes())
    open_servers(app, settings, suggestions, crawling, metrics)
    app.before_server_start(partial(read_tables, collections))
    return app


async def answer_error(request: Request, error: Exception) -> HTTPResponse:
    """Sanic's handler of every exception: the answer is in the language of the address."""
    told = refusal_of if speaks(request.path) else problem_of
    return told(error, request.path).response()


async def read_tables(collections: list[Collection], _: App) -> None:
    """Have ZIP codes and vocabularies in memory, so that no request waits for them."""
    read_zips()
    for collection in collections:
        collection.prepare()


def open_servers(
    app: App, settings: Settings, suggestions: Suggestions, crawling: Crawling, metrics: Metrics
) -> None:
    """Keep one session to the engine, one cache and small pools to Postgres in each worker."""
    opened = AsyncExitStack()
    key = settings.meili_search_key or settings.meili_master_key or ""

    @app.before_server_start
    async def start(app: App) -> None:
        gate = Gate(SEARCHES_AT_ONCE, MOST_WAITING)
        engine = Engine(settings.meili_url or "", key, gate=gate)
        app.ctx.engine = await opened.enter_async_context(engine)
        app.ctx.limiter = await opened.enter_async_context(
            open_limiter(settings.redis_url, settings.rate)
        )
        app.ctx.cache = await opened.enter_async_context(
            open_cache(settings.redis_url, list(VERTICALS))
        )
        await opened.enter_async_context(suggestions.kept(engine, settings.redis_url))
        await opened.enter_async_context(crawling.opened(settings.database_url, settings.redis_url))
        app.ctx.history = await opened.enter_async_context(History(settings.database_url))
        app.ctx.analytics = Analytics()
        tally = Tally(engine, gate, app.ctx.limiter, app.ctx.analytics.log)
        await opened.enter_async_context(metrics.kept(app, tally, settings.database_url))
        keeping = app.ctx.analytics.kept(settings, suggestions.suggesters)
        await opened.enter_async_context(keeping)

    @app.after_server_stop
    async def stop(_: App) -> None:
        await opened.aclose()
