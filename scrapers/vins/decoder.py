"""Decoding in bulk: the shipped tables first, NHTSA's service for what they do not know."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg

from catalog.cars import OfferRow
from config.settings import Settings
from scrapers.fetching.fetcher import user_agent
from scrapers.normalise.vin import is_checked
from scrapers.vins import offline
from scrapers.vins.completing import complete
from scrapers.vins.facts import CLEAN, TRUSTED, facts
from scrapers.vins.offline import Answer
from scrapers.vins.vpic import AT_ONCE, ServiceAwayError, Vpic

log = logging.getLogger(__name__)

QUOTA = 10_000
"""VINs that the service is asked for in a day, by all workers together."""

KEPT_DAYS = 180
"""How long an answer of the service is good: makers report new patterns meanwhile."""


class Decoder:
    """Completes offers by their VINs; without a `service` from the shipped tables alone."""

    def __init__(self, pool: asyncpg.Pool, service: Vpic | None = None) -> None:
        self._pool = pool
        self._service = service

    async def complete(self, rows: Sequence[OfferRow]) -> None:
        """Fill in what pages left out and note where they disagree with the VIN."""
        vins = list(dict.fromkeys(row.vin for row in rows if row.vin))
        if not vins:
            return
        answers = dict(zip(vins, await asyncio.to_thread(offline.decode, vins), strict=True))
        if self._service is not None:
            answers |= await self._newer(self._service, _doubtful(answers))
        told = {vin: facts(answer) for vin, answer in answers.items() if _codes(answer) <= TRUSTED}
        for row in rows:
            if row.vin in told:
                complete(row, told[row.vin])

    async def _newer(self, service: Vpic, vins: list[str]) -> dict[str, Answer]:
        """What the service says, or said before, of these VINs; nothing of those it was not asked.

        A service that is away, or was asked enough today, costs nothing but its knowledge.
        """
        known = await self._known(vins)
        asked = [vin for vin in vins if vin not in known]
        while asked and not service.rests and await self._quota_left() >= AT_ONCE:
            try:
                answers = await service.decode(asked[:AT_ONCE])
            except ServiceAwayError as away:
                log.warning("%s VINs are decoded without it.", away)
                break
            await self._keep({vin: answers.get(vin, {}) for vin in asked[:AT_ONCE]})
            known |= answers
            asked = asked[AT_ONCE:]
        return {vin: answer for vin, answer in known.items() if answer}

    async def _known(self, vins: list[str]) -> dict[str, Answer]:
        rows = await self._pool.fetch(
            "SELECT vin, answer FROM vin_answers WHERE vin = ANY ($1::text[])"
            " AND asked_at > now() - $2 * interval '1 day'",
            vins,
            KEPT_DAYS,
        )
        return {row["vin"]: row["answer"] for row in rows}

    async def _quota_left(self) -> int:
        asked = await self._pool.fetchval(
            "SELECT count(*) FROM vin_answers WHERE asked_at > now() - interval '1 day'"
        )
        return QUOTA - int(asked)

    async def _keep(self, answers: dict[str, Answer]) -> None:
        """Also that a VIN had no answer, so that it is not asked for again."""
        vins = sorted(answers)
        await self._pool.execute(
            "INSERT INTO vin_answers (vin, answer)"
            " SELECT * FROM unnest($1::text[], $2::jsonb[])"
            " ON CONFLICT (vin) DO UPDATE SET answer = excluded.answer, asked_at = now()",
            vins,
            [answers[vin] for vin in vins],
        )


@asynccontextmanager
async def decoding(pool: asyncpg.Pool, settings: Settings) -> AsyncIterator[Decoder]:
    """A decoder that asks NHTSA's service too, where a setting says where it is."""
    if not settings.vpic_url:
        yield Decoder(pool)
        return
    async with Vpic(settings.vpic_url, user_agent(settings.contact)) as service:
        yield Decoder(pool, service)


def _codes(answer: Answer) -> frozenset[str]:
    codes = answer.get("ErrorCode", "")
    return frozenset(code.strip() for code in codes.split(","))


def _doubtful(answers: dict[str, Answer]) -> list[str]:
    """VINs that the tables do not know whole, though nothing is wrong with them."""
    return [
        vin for vin, answer in answers.items() if not _codes(answer) <= CLEAN and is_checked(vin)
    ]
