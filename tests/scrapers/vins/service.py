"""NHTSA's service as far as it can be had: its recorded answers, over HTTP."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs

from aiohttp import web

from scrapers.normalise.vin import check_digit
from tests.scrapers.serving import serving

ANSWERS = Path(__file__).parent / "answers"


def recorded(name: str) -> dict:
    return json.loads((ANSWERS / f"{name}.json").read_text())


def unheard(number: int) -> str:
    """A VIN whose check digit is right and of whose maker the tables know nothing."""
    vin = f"9ZZZZ5ZZ0ZZ{number:06}"
    return vin[:8] + check_digit(vin) + vin[9:]


class Service:
    """Answers each VIN with a recorded result under that VIN; `refuse` is how it fails instead."""

    def __init__(self) -> None:
        self.result = recorded("decode-vin-extended")["Results"][0]
        self.asked: list[list[str]] = []
        self.refuse: web.Response | None = None
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        assert (request.method, request.path) == ("POST", "/api/vehicles/DecodeVINValuesBatch/")
        form = parse_qs(await request.text())
        assert form["format"] == ["json"]
        vins = [part.split(",")[0] for part in form["DATA"][0].split(";")]
        self.asked.append(vins)
        if self.refuse is not None:
            return self.refuse
        told = recorded("decode-vin-batch")
        return web.json_response(told | {"Results": [self.result | {"VIN": vin} for vin in vins]})

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Service"]:
        async with serving(self.answer) as url:
            self.url = f"{url}/api"
            yield self
