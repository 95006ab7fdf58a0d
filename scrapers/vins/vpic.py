"""NHTSA's vPIC service: newer than any table that is shipped, and not to be leaned upon.

`POST /vehicles/DecodeVINValuesBatch/`, at most 50 VINs a call, no key; vpic.nhtsa.dot.gov/api.
"""

import asyncio
import time
from collections.abc import Sequence

import httpx
import orjson

from scrapers.fetching.retry import retry_after
from scrapers.normalise.text import clean
from scrapers.vins.facts import NAMES
from scrapers.vins.offline import Answer

AT_ONCE = 50
REST_SECONDS = 60.0  # it is left alone for so long when it fails, or longer if it asks for it
LONGEST_ANSWER = 4 * 1024 * 1024  # bytes; 50 cars are 0.4 MB
WHOLE = 20.0  # seconds for one answer
TIMEOUT = httpx.Timeout(10.0, connect=5.0)


class ServiceAwayError(Exception):
    """The service gave no answer that can be used; the message says why."""


class Vpic:
    """The service at `url` (`https://…/api`); use as `async with`."""

    def __init__(self, url: str, user_agent: str) -> None:
        self._url = url.rstrip("/") + "/vehicles/DecodeVINValuesBatch/"
        self._client = httpx.AsyncClient(
            headers={"User-Agent": user_agent}, timeout=TIMEOUT, trust_env=False
        )
        self._not_before = 0.0

    async def __aenter__(self) -> "Vpic":
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    @property
    def rests(self) -> bool:
        """Whether it failed a moment ago, so that it is not asked."""
        return time.monotonic() < self._not_before

    async def decode(self, vins: Sequence[str]) -> dict[str, Answer]:
        """The answers to at most 50 VINs; one that it left out is missing.

        Raises ServiceAwayError; the service rests then.
        """
        form = {"format": "json", "DATA": ";".join(vins[:AT_ONCE])}
        try:
            async with (
                asyncio.timeout(WHOLE),
                self._client.stream("POST", self._url, data=form) as response,
            ):
                if response.status_code != 200:
                    wait = retry_after(response.headers.get("Retry-After")) or 0.0
                    raise self._failed(f"it answered {response.status_code}", wait)
                answers = _read(await _body(response))
        except (httpx.HTTPError, ValueError, TimeoutError) as error:
            raise self._failed(str(error) or type(error).__name__) from error
        asked = set(vins)
        return {vin: answer for vin, answer in answers if vin in asked}

    def _failed(self, why: str, wait: float = 0.0) -> ServiceAwayError:
        self._not_before = time.monotonic() + max(REST_SECONDS, wait)
        return ServiceAwayError(f"NHTSA's service cannot be used now: {why}.")


async def _body(response: httpx.Response) -> bytes:
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > LONGEST_ANSWER:
            raise ValueError("its answer is too long")
    return bytes(body)


def _read(body: bytes) -> list[tuple[str, Answer]]:
    """Pairs of VIN and answer; ValueError where it is not of vPIC's form."""
    told = orjson.loads(body)
    results = told.get("Results") if isinstance(told, dict) else None
    if not results or not isinstance(results, list):
        raise ValueError("its answer has no Results")
    return [
        (str(result.get("VIN", "")), _kept(result))
        for result in results
        if isinstance(result, dict)
    ]


def _kept(result: dict[str, object]) -> Answer:
    """What is read of a result; vPIC says nothing as an empty string or `Not Applicable`."""
    texts = {key: clean(str(result.get(key) or "")) for key in (*NAMES, "ErrorCode")}
    return {key: text for key, text in texts.items() if text not in (None, "Not Applicable")}
