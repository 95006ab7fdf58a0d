import orjson
import pytest
from aiohttp.test_utils import make_mocked_request

from stack.market import control
from stack.market.generations import GENERATIONS

TOKEN = "a token of the tests"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


async def post(client, path: str, body: dict | None = None) -> dict:
    answer = await client.post(f"/_market/{path}", json=body or {}, headers=HEADERS)
    assert answer.status == 200, await answer.text()
    return await answer.json()


async def truth(client, limit: str = "") -> list[dict]:
    answer = await client.get(f"/_market/cars?limit={limit}", headers=HEADERS)
    return [orjson.loads(line) for line in (await answer.text()).splitlines()]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "status"),
        ("GET", "cars"),
        ("POST", "pause"),
        ("POST", "resume"),
        ("POST", "rate"),
        ("POST", "tick"),
        ("POST", "cars/1HGCM82633A004352"),
    ],
)
@pytest.mark.parametrize("header", [None, "", TOKEN, "Bearer ", "Bearer wrong", f"Bearer {TOKEN}x"])
async def test_without_the_token_nothing_is_told_or_done(client, lot, method, path, header):
    headers = {"Authorization": header} if header is not None else {}
    answer = await client.request(method, f"/_market/{path}", headers=headers)
    assert answer.status == 401
    assert "token" in (await answer.json())["error"]
    assert not lot.clock.now.paused


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer "])
def test_a_market_without_a_token_cannot_be_controlled(header):
    request = make_mocked_request("GET", "/_market/status", headers={"Authorization": header})
    with pytest.raises(control.RefusedError) as refused:
        control._admit(request.clone(remote="127.0.0.1"), "")
    assert refused.value.status == 401


@pytest.mark.parametrize("remote", ["192.0.2.7", "2001:db8::1", None])
def test_other_machines_are_refused_even_with_the_token(remote):
    request = make_mocked_request("GET", "/_market/status", headers=HEADERS)
    with pytest.raises(control.RefusedError) as refused:
        control._admit(request.clone(remote=remote), TOKEN)
    assert refused.value.status == 403


async def test_status_counts_cars_and_requests(client, lot):
    await client.get("/")
    await client.get("/shopping/results/")
    await client.get("/shopping/results/")
    answer = await client.get("/_market/status", headers=HEADERS)
    status = await answer.json()
    assert (status["cars"], status["dealers"], status["day"]) == (len(lot.live), 300, 0)
    assert (status["date"], status["paused"]) == ("2026-01-01", False)
    assert status["requests"] == {"home": 1, "results": 2}


async def test_time_can_be_paused_resumed_set_and_turned(client, lot):
    assert (await post(client, "pause"))["paused"]
    assert not (await post(client, "resume"))["paused"]
    assert (await post(client, "rate", {"days_per_hour": 12.5}))["days_per_hour"] == 12.5
    status = await post(client, "tick", {"days": 31})
    assert (status["day"], status["date"]) == (31, "2026-02-01")


@pytest.mark.parametrize("name", GENERATIONS)
async def test_cards_are_written_as_at_another_time(client, name):
    assert (await post(client, "generation", {"generation": name}))["generation"] == name
    text = await (await client.get("/shopping/results/?page_size=5")).text()
    marks = {"fuse-card": "<fuse-card", "spark-card": "<spark-card"}
    marks |= {"site-activity": "data-site-activity", "vehicle-card": '<div class="vehicle-card"'}
    assert marks[name] in text
    assert ("vin" in text) == (name != "vehicle-card")


async def test_a_tick_changes_the_pages_at_once(client):
    before = {car["uuid"]: car["price"] for car in await truth(client)}
    await post(client, "tick", {"days": 10})
    after = {car["uuid"]: car["price"] for car in await truth(client)}
    assert before.keys() - after.keys()
    assert after.keys() - before.keys()


@pytest.mark.parametrize("key", ["vin", "uuid"])
async def test_a_price_can_be_set(client, key):
    car = (await truth(client, "1"))[0]
    said = await post(client, f"cars/{car[key]}", {"price": 4321})
    assert [(one["uuid"], one["price"]) for one in said["cars"]] == [(car["uuid"], 4321)]
    page = await (await client.get(f"/vehicledetail/{car['uuid']}/")).text()
    assert "$4,321" in page
    results = await (await client.get("/shopping/results/?list_price_max=4321")).text()
    assert car["uuid"] in results


async def test_a_car_can_be_sold(client):
    car = (await truth(client, "1"))[0]
    said = await post(client, f"cars/{car['vin']}", {"sold": True})
    assert not said["cars"][0]["live"]
    assert car["uuid"] not in {other["uuid"] for other in await truth(client)}
    page = await client.get(f"/vehicledetail/{car['uuid']}/")
    assert page.status == 200
    assert 'unlisted-notification"' in await page.text()
    again = await client.post(f"/_market/cars/{car['vin']}", json={"sold": True}, headers=HEADERS)
    assert again.status == 404


async def test_a_vin_names_it_at_every_dealer(wide_client, market):
    vins = [market.table.cars[at].vin for at in market.live]
    twice = next(vin for vin in vins if vins.count(vin) > 1)
    assert len(market.named(twice)) == 2


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        ("rate", {}, "days_per_hour is a number from 0"),
        ("rate", {"days_per_hour": -1}, "days_per_hour is a number from 0"),
        ("rate", {"days_per_hour": True}, "days_per_hour is a number from 0"),
        ("tick", {"days": "3"}, "days is a number from 0 to 3650"),
        ("tick", {"days": 1e9}, "days is a number from 0 to 3650"),
        ("generation", {"generation": "flash"}, "generation is one of fuse-card, spark-card"),
        ("cars/KEY", {}, "Say"),
        ("cars/KEY", {"price": 0}, "price is a number from 1"),
        ("cars/KEY", {"sold": "yes"}, "Say"),
    ],
)
async def test_bad_orders_are_refused_with_a_sentence(client, lot, path, body, reason):
    path = path.replace("KEY", lot.table.cars[int(lot.live[0])].vin)
    answer = await client.post(f"/_market/{path}", json=body, headers=HEADERS)
    assert answer.status == 400
    assert reason in (await answer.json())["error"]
    assert lot.clock.now.day == 0


@pytest.mark.parametrize("body", [b"{", b"[1]", b"\xff"])
async def test_a_body_that_is_no_object_is_refused(client, body):
    answer = await client.post("/_market/tick", data=body, headers=HEADERS)
    assert answer.status == 400


async def test_an_unknown_car_is_named(client):
    answer = await client.post("/_market/cars/NOSUCHCAR", json={"sold": True}, headers=HEADERS)
    assert answer.status == 404
    assert "NOSUCHCAR" in (await answer.json())["error"]


async def test_the_truth_has_a_line_for_every_live_car(client, lot):
    cars = await truth(client)
    assert {car["uuid"] for car in cars} == {lot.table.cars[at].uuid for at in lot.live}
    assert all(car["live"] for car in cars)
    assert len(await truth(client, "7")) == 7
    bad = await client.get("/_market/cars?limit=x", headers=HEADERS)
    assert bad.status == 400
