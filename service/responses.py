"""What every route that only reads has in common."""

from typing import Any

import orjson
from sanic import HTTPResponse

METHODS = ("GET", "HEAD")


def json(body: dict[str, Any]) -> HTTPResponse:
    """A 200 with this body; times are written in UTC with a Z."""
    content = orjson.dumps(body, option=orjson.OPT_UTC_Z)
    return HTTPResponse(content, content_type="application/json")
