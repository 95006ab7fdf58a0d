"""What the market answers in each weather, and what it counts."""

import asyncio
import zlib

import aiohttp
import pytest

from stack.market import weather as weathers
from stack.market.traffic import Traffic

HEADERS = {"Authorization": "Bearer a token of the tests"}
RESULTS = "/shopping/results/"


async def turn(client, name: str, **more) -> dict:
    answer = await client.post("/_weather", json={"weather": name, **more}, headers=HEADERS)
    assert answer.status == 200, await answer.text()
    return await answer.json()


def car(lot, at: int = 0):
    return lot.table.cars[int(lot.live[at])]


def page(lot, at: int = 0) -> str:
    return f"/vehicledetail/{car(lot, at).uuid}/"


async def counted(client) -> dict:
    return await (await client.get("/_requests", headers=HEADERS)).json()


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "weather"), ("POST", "weather"), ("GET", "requests")]
)
async def test_without_the_token_nothing_is_told_or_done(client, method, path):
    assert (await client.request(method, f"/_{path}")).status == 401


async def test_the_weather_is_told_with_all_there_are(client):
    told = await (await client.get("/_weather", headers=HEADERS)).json()
    assert (told["weather"], set(told["there_are"])) == ("clear", set(weathers.WEATHERS))


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"weather": "hail"}, "There is no weather hail; there are: clear, drip"),
        ({}, "There is no weather None"),
        ({"weather": "busy", "share": 2}, "share is a number from 0 to 1"),
        ({"weather": "busy", "seed": "x"}, "seed is a number"),
    ],
)
async def test_what_is_no_weather_is_a_sentence(client, body, sentence):
    answer = await client.post("/_weather", json=body, headers=HEADERS)
    assert answer.status == 400
    assert sentence in (await answer.json())["error"]


@pytest.mark.parametrize(
    ("name", "status"),
    [("errors", 500), ("busy", 429), ("down", 503), ("refused", 403), ("challenge", 403)],
)
async def test_some_only_refuse(client, lot, name, status):
    await turn(client, name, share=1)
    for path in (RESULTS, page(lot)):
        assert (await client.get(path)).status == status
    assert (await client.get("/robots.txt")).status == 200
    await turn(client, "clear")
    assert (await client.get(RESULTS)).status == 200


async def test_a_busy_market_says_when_to_come_back(client):
    await turn(client, "busy", share=1)
    assert (await client.get(RESULTS)).headers["Retry-After"] == "2"


async def test_robots_turn_to_503(client):
    await turn(client, "robots")
    assert (await client.get("/robots.txt")).status == 503
    assert (await client.get(RESULTS)).status == 200


async def test_a_reset_breaks_off(client, lot):
    await turn(client, "reset")
    with pytest.raises(aiohttp.ClientPayloadError):
        await (await client.get(page(lot))).read()


async def test_truncated_gzip_has_the_start_of_the_page(client, lot):
    whole = await (await client.get(page(lot))).read()
    await turn(client, "truncated")
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        answer = await session.get(client.make_url(page(lot)))
        packed = await answer.read()
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    assert whole.startswith(unpacker.decompress(packed))
    assert not unpacker.eof


async def test_a_drip_comes_byte_by_byte(client, lot, monkeypatch):
    monkeypatch.setattr(weathers, "DRIPS", 5)
    monkeypatch.setattr(weathers, "DRIP_SECONDS", 0.01)
    await turn(client, "drip")
    assert await (await client.get(page(lot))).read() == b" " * 5


@pytest.mark.parametrize("name", ["huge", "bomb"])
async def test_zeros_are_as_many_as_they_say(client, lot, monkeypatch, name):
    monkeypatch.setattr(weathers, "MANY", 5 * weathers.PIECE)
    await turn(client, name)
    body = b""
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        answer = await session.get(client.make_url(page(lot)))
        body = await answer.read()
    if name == "bomb":
        assert len(body) < 10_000
        body = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body)
    assert body == bytes(5 * weathers.PIECE)


async def test_there_is_always_a_next_page(client):
    await turn(client, "endless")
    for number in (1, 15, 1000):
        shown = await (await client.get(f"{RESULTS}?page={number}")).text()
        assert "data-vehicle-details" in shown
        assert shown.count('rel="next"') == 1
        assert f"page={number + 1}" in shown


async def test_redirects_go_in_a_circle(client):
    await turn(client, "loop")
    seen, path = [], RESULTS
    for _ in range(6):
        answer = await client.get(path, allow_redirects=False)
        assert answer.status == 302
        path = answer.headers["Location"]
        seen.append(path)
    assert len(set(seen)) == 3


async def test_redirects_lead_to_a_private_address(client):
    await turn(client, "private")
    answer = await client.get(RESULTS, allow_redirects=False)
    assert answer.headers["Location"] == "http://169.254.169.254/latest/meta-data/"


async def test_the_encoding_is_another_than_it_says(client, lot):
    await turn(client, "charset")
    answer = await client.get(page(lot))
    assert answer.charset == "utf-8"
    with pytest.raises(UnicodeDecodeError):
        (await answer.read()).decode()


async def test_a_rebuilt_site_has_other_names(client, lot):
    await turn(client, "markup")
    for path, old in ((RESULTS, "fuse-card"), (page(lot), "initial-activity-data")):
        assert old not in await (await client.get(path)).text()


async def test_five_cars_have_one_vin(client, lot):
    await turn(client, "same-vin")
    for at in range(5):
        assert car(lot).vin in await (await client.get(page(lot, at))).text()


async def test_graffiti_stands_in_what_dealers_write(client, lot):
    await turn(client, "graffiti")
    for path in (RESULTS, page(lot)):
        shown = await (await client.get(path)).text()
        assert "\U0001f697" in shown
        assert "alert('x')" in shown or "alert(&#x27;x" in shown


async def statuses(client, seed: int) -> list[int]:
    await turn(client, "down", share=0.3, seed=seed)
    numbers = range(1, 11)
    return [(await client.get(f"{RESULTS}?page={n}")).status for n in numbers for _ in "ab"]


async def test_a_seed_says_which_answers_are_met(client):
    first = await statuses(client, 1)
    assert await statuses(client, 1) == first
    assert await statuses(client, 2) != first
    assert 0 < first.count(503) < len(first)


async def test_requests_are_counted_from_anew(client, lot):
    await turn(client, "refused")
    await client.get("/robots.txt")
    await client.get(RESULTS)
    await client.get(RESULTS)
    told = await counted(client)
    assert (told["total"], told["statuses"]) == (3, {"200": 1, "403": 2})
    assert told["most_asked"][RESULTS] == 2
    assert (await (await client.delete("/_requests", headers=HEADERS)).json())["total"] == 0


async def test_requests_at_once_are_counted(client, lot, monkeypatch):
    monkeypatch.setattr(weathers, "DRIPS", 3)
    await turn(client, "drip")
    answers = await asyncio.gather(*(client.get(page(lot)) for _ in range(3)))
    for answer in answers:
        await answer.read()
    assert (await counted(client))["at_once"] == 3


def test_spacing_is_told(monkeypatch):
    moments = iter([0.0, 0.5, 0.75, 1.5, 1.9, 9.0])
    monkeypatch.setattr("stack.market.traffic.monotonic", lambda: next(moments))
    traffic = Traffic()
    for _ in range(6):
        traffic.arrive("/")
        traffic.leave(200)
    told = traffic.told()
    assert (told["per_second"], told["shortest_gap"], told["at_once"]) == (3, 0.25, 1)
