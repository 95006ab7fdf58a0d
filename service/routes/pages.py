"""The page: a few static files kept in memory, and the headers that keep it to itself."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from sanic import Blueprint, HTTPResponse, Request

from service.caching.replies import has
from service.http.problems import not_found
from service.http.responses import METHODS
from service.openapi.headers import TAGGED
from service.openapi.operation import UNCHANGED, Answer, Operation
from service.understanding.parameters import shown

WEB = Path(__file__).parents[1] / "web"
INDEX = "index.html"
DESCRIPTION = "docs.html"

KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

PAGE_HEADERS = {
    # Photos come from the sources' own sites; everything else is ours.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' http: https:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}

PAGE = Operation(
    "The search page",
    {200: Answer(None, "A page", KINDS[".html"], TAGGED), 304: UNCHANGED},
    tag="pages",
)
DOCS = Operation(
    "The page that shows this description",
    {200: Answer(None, "A page", KINDS[".html"], TAGGED), 304: UNCHANGED},
    tag="pages",
)
FILE = Operation(
    "A file of the pages",
    {200: Answer(None, "The file", "*/*", TAGGED), 304: UNCHANGED},
    tag="pages",
    path={"name": {"examples": ["page.css"]}},
)


@dataclass(frozen=True)
class File:
    """One file of the page; `etag` changes with its content."""

    content: bytes
    kind: str
    etag: str


def read_files(folder: Path = WEB) -> dict[str, File]:
    """Every file of the page by name."""
    files = {}
    for path in folder.iterdir():
        content = path.read_bytes()
        etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        files[path.name] = File(content, KINDS[path.suffix], etag)
    return files


class Page:
    """The handlers of the page's files, read once."""

    def __init__(self) -> None:
        self.files = read_files()

    def routes(self) -> Blueprint:
        """`/`, `/docs`, and below `/web/` the files that they ask for."""
        routes = Blueprint("page")
        add = routes.add_route
        add(self.index, "/", METHODS, name="index", ctx_operation=PAGE)
        add(self.docs, "/docs", METHODS, name="docs", ctx_operation=DOCS)
        add(self.file, "/web/<name:str>", METHODS, name="file", ctx_operation=FILE)
        return routes

    async def docs(self, request: Request) -> HTTPResponse:
        return _send(request, self.files[DESCRIPTION])

    async def index(self, request: Request) -> HTTPResponse:
        return _send(request, self.files[INDEX])

    async def file(self, request: Request, name: str) -> HTTPResponse:
        if name not in self.files:
            raise not_found(f"There is no file {shown(name)}.")
        return _send(request, self.files[name])


def _send(request: Request, file: File) -> HTTPResponse:
    headers = {**PAGE_HEADERS, "ETag": file.etag}
    if has(request, file.etag):
        return HTTPResponse(status=304, headers=headers)
    return HTTPResponse(file.content, 200, headers, file.kind)
