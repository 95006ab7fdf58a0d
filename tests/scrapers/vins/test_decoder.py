"""Tables first, then what the service said before, then the service: within a quota, or never."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from catalog.cars import OfferRow
from scrapers.vins import decoder
from scrapers.vins.decoder import Decoder
from scrapers.vins.vpic import Vpic
from tests.scrapers.vins.service import Service, unheard

KNOWN = "1FTMW1T88MFA00001"


def rows(*vins: str) -> list[OfferRow]:
    return [OfferRow(source="lot", external_id=vin, vin=vin) for vin in vins]


@pytest.fixture
async def service(pool) -> AsyncIterator[Service]:
    await pool.execute("DELETE FROM vin_answers")
    async with Service().open() as service:
        yield service


@pytest.fixture
async def vpic(service: Service) -> AsyncIterator[Vpic]:
    async with Vpic(service.url, "Showroom/test") as vpic:
        yield vpic


async def test_the_tables_answer_without_any_service(pool) -> None:
    found = rows(KNOWN, unheard(1))
    await Decoder(pool).complete(found)
    assert [row.make for row in found] == ["Ford", None]


async def test_the_service_is_asked_once_for_what_the_tables_lack(pool, service, vpic) -> None:
    vins = [unheard(n) for n in range(120)]
    for _ in range(2):
        found = rows(KNOWN, *vins)
        await Decoder(pool, vpic).complete(found)
        assert {row.make for row in found} == {"Ford"}
    assert [len(asked) for asked in service.asked] == [50, 50, 20]
    assert sorted(vin for asked in service.asked for vin in asked) == sorted(vins)


async def test_a_vin_with_a_wrong_check_digit_is_not_asked_for(pool, service, vpic) -> None:
    wrong = unheard(1)[:8] + ("0" if unheard(1)[8] != "0" else "1") + unheard(1)[9:]
    await Decoder(pool, vpic).complete(rows(wrong))
    assert service.asked == []


async def test_the_quota_is_of_the_day(pool, service, vpic, monkeypatch) -> None:
    monkeypatch.setattr(decoder, "QUOTA", 60)
    found = rows(*(unheard(n) for n in range(120)))
    await Decoder(pool, vpic).complete(found)
    assert sum(row.make == "Ford" for row in found) == 50
    assert len(service.asked) == 1
    await pool.execute("UPDATE vin_answers SET asked_at = now() - interval '25 hours'")
    await Decoder(pool, vpic).complete(rows(unheard(119)))
    assert len(service.asked) == 2


@pytest.mark.parametrize(
    "refusal",
    [
        web.Response(status=429, headers={"Retry-After": "600"}),
        web.Response(status=503),
        web.Response(text="<html>down for maintenance</html>"),
        web.Response(text='{"Results": null}'),
        web.Response(text='{"Results": 5}'),
        web.Response(text="[1]"),
    ],
    ids=["429", "503", "html", "null", "number", "list"],
)
async def test_a_service_that_fails_rests_and_nothing_waits_for_it(
    pool, service, vpic, refusal: web.Response
) -> None:
    service.refuse = refusal
    found = rows(KNOWN, *(unheard(n) for n in range(60)))
    await Decoder(pool, vpic).complete(found)
    await Decoder(pool, vpic).complete(rows(unheard(99)))
    assert found[0].make == "Ford"
    assert len(service.asked) == 1
    assert await pool.fetchval("SELECT count(*) FROM vin_answers") == 0


async def test_a_vin_that_the_service_does_not_know_is_not_asked_for_again(
    pool, service, vpic
) -> None:
    service.result = {"ErrorCode": "7", "ErrorText": "7 - Manufacturer is not registered"}
    for _ in range(2):
        await Decoder(pool, vpic).complete(rows(unheard(1)))
    assert len(service.asked) == 1
