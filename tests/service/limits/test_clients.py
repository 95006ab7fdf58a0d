from types import SimpleNamespace

import pytest
from sanic.compat import Header

from service.limits.clients import Clients


def client(address: str, *forwarded: str, proxies: str = "") -> str:
    headers = Header([("x-forwarded-for", value) for value in forwarded])
    return Clients(proxies).of(SimpleNamespace(ip=address, headers=headers))


def test_a_client_is_where_the_connection_comes_from():
    assert client("203.0.113.9") == "203.0.113.9"
    assert client("203.0.113.9", "198.51.100.1") == "203.0.113.9"


def test_who_is_no_trusted_proxy_is_not_believed():
    assert client("203.0.113.9", "198.51.100.1", proxies="10.0.0.0/8") == "203.0.113.9"
    assert client("not an address", "198.51.100.1", proxies="10.0.0.0/8") == "not an address"


@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [
        (["198.51.100.1"], "198.51.100.1"),
        (["6.6.6.6, 198.51.100.1, 10.0.0.7"], "198.51.100.1"),
        (["6.6.6.6", "198.51.100.1"], "198.51.100.1"),
        (["10.0.0.8, 10.0.0.7"], "10.0.0.8"),
        ([], "10.0.0.1"),
        ([""], "10.0.0.1"),
        (["nonsense"], "nonsense"),
        (["x" * 5_000], "x" * 64),
        (["198.51.100.1:5555"], "198.51.100.1"),
        (["[2001:db8:1:2::9]:443"], "2001:db8:1:2::/64"),
        (["2001:db8:1:2::9"], "2001:db8:1:2::/64"),
    ],
)
def test_behind_trusted_proxies_it_is_the_last_that_is_none_of_them(forwarded, expected):
    assert client("10.0.0.1", *forwarded, proxies="10.0.0.0/8, 127.0.0.1") == expected


def test_a_network_of_ipv6_is_one_client():
    first = client("2001:db8:1:2:aaaa::1")
    assert first == client("2001:db8:1:2:bbbb::2") == "2001:db8:1:2::/64"
    assert first != client("2001:db8:1:3::1")
    assert client("::ffff:203.0.113.9") == client("203.0.113.9")
