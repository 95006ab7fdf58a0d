"""Which addresses may be asked, and that nothing gets by."""

import asyncio
import socket

import httpcore
import pytest
from aiohttp import web

from scrapers.fetching.answers import FetchError
from scrapers.fetching.fetcher import Fetcher
from scrapers.fetching.network import PrivateAddressError, PublicNetwork, is_public
from tests.scrapers.serving import serving


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"],
)
def test_the_public_network_is_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1"),
        *("0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.2.1"),
        *("::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::"),
        *("fec0::1", "::127.0.0.1", "::ffff:0:10.0.0.1", "64:ff9b:1::a00:1"),
        *("192.0.0.8", "192.88.99.1", "3fff::1", "5f00::1", "64:ff9b:1:a00:0:100:808:808"),
    ],
)
def test_what_is_ours_or_nobodys_is_not(address):
    assert not is_public(address)


class Resolver:
    """Answers a name with one list of addresses after the other, the last one for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.asked = list(answers), 0

    async def __call__(self, host: str, port: int, **_more: object) -> list[tuple]:
        self.asked += 1
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]


class Dialer:
    """In place of the real network: who was connected to."""

    def __init__(self, *away: str) -> None:
        self.away, self.dialed = away, []

    async def connect_tcp(self, host: str, *_more: object) -> str:
        self.dialed.append(host)
        if host in self.away:
            raise httpcore.ConnectError
        return host


@pytest.fixture
def network(monkeypatch):
    """A public network whose names and connections are pretended."""

    async def connect(resolver: Resolver, *away: str) -> tuple[str, list[str]]:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolver)
        own = PublicNetwork()
        own._network = Dialer(*away)
        return await own.connect_tcp("site.example", 80), own._network.dialed

    return connect


async def test_a_name_is_resolved_once_and_its_address_connected_to(network):
    resolver = Resolver(["93.184.216.34"], ["127.0.0.1"])
    assert await network(resolver) == ("93.184.216.34", ["93.184.216.34"])
    assert resolver.asked == 1


async def test_a_private_address_among_public_ones_is_passed_over(network):
    _, dialed = await network(Resolver(["10.0.0.1", "93.184.216.34"]))
    assert dialed == ["93.184.216.34"]


async def test_an_address_that_is_away_is_followed_by_the_next(network):
    connected, dialed = await network(Resolver(["93.184.216.34", "1.1.1.1"]), "93.184.216.34")
    assert (connected, dialed) == ("1.1.1.1", ["93.184.216.34", "1.1.1.1"])


async def test_a_name_with_private_addresses_only_is_refused(network):
    with pytest.raises(PrivateAddressError, match=r"site.example is at 127.0.0.1, which is no"):
        await network(Resolver(["127.0.0.1", "10.0.0.1"]))


async def test_a_name_without_an_address_is_no_connection(network):
    with pytest.raises(httpcore.ConnectError):
        await network(Resolver([]))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"])
async def test_a_fetcher_asks_nobody_inside_our_network(host):
    asked = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=404)

    async with serving(answer) as url, Fetcher("tester") as fetcher:
        with pytest.raises(FetchError, match=r"not asked: .* no address of the public") as error:
            await fetcher.get(f"{url.replace('127.0.0.1', host)}/page")
    assert str(error.value).startswith("http://")
    assert "robots.txt" not in str(error.value)
    assert "say `private: true` in `sources.yml`" in str(error.value)
    assert error.value.code == "fetch/private_address"
    assert asked == []
