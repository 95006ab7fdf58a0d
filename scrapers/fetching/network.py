"""Connections to the public network only: no site may send us into our own."""

import asyncio
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

import httpcore
import httpx

Address = IPv4Address | IPv6Address

_IPV4_LAST = tuple(IPv6Network(text) for text in ("64:ff9b::/96", "::ffff:0:0:0/96", "::/96"))
"""What has an IPv4 address in its last 32 bits: RFC 6052, 2765, 4291."""

_NOT_GLOBAL = tuple(
    ip_network(text)
    for text in ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48", "3fff::/20", "5f00::/16")
)
"""What IANA's registries of special addresses do not call global and older Pythons do."""


class PrivateAddressError(Exception):
    """A name that leads to no public address."""

    def __init__(self, host: str, address: str) -> None:
        named = address if host == address else f"{host} is at {address}, which"
        super().__init__(f"{named} is no address of the public network")


def is_public(address: str) -> bool:
    """Whether an address is one of the public network, also where IPv6 wraps one of IPv4."""
    found: Address = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        found = _wrapped(found) or found
    site_local = isinstance(found, IPv6Address) and found.is_site_local
    special = site_local or any(found in network for network in _NOT_GLOBAL)
    return found.is_global and not found.is_multicast and not special


def _wrapped(address: IPv6Address) -> IPv4Address | None:
    if any(address in network for network in _IPV4_LAST):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]


class PublicNetwork(httpcore.AsyncNetworkBackend):
    """Resolves a name once and connects to an address that was checked.

    A name whose answers change between check and use (DNS rebinding) cannot get by, and neither
    can a redirect, since every connection is made here.
    """

    def __init__(self) -> None:
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 -- the interface is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        found = await _resolve(host, port, timeout)
        public = [address for address in found if is_public(address)]
        if not public:
            raise PrivateAddressError(host, found[0])
        for address in public[:-1]:
            try:
                return await self._network.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._network.connect_tcp(
            public[-1], port, timeout, local_address, socket_options
        )

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)


async def _resolve(host: str, port: int, seconds: float | None) -> list[str]:
    """The addresses of a name, at least one; raises what httpcore raises."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(seconds):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except TimeoutError as error:
        raise httpcore.ConnectTimeout(f"the name {host} was not resolved") from error
    except OSError as error:
        raise httpcore.ConnectError(str(error)) from error
    if not found:
        raise httpcore.ConnectError(f"the name {host} has no address")
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


class PublicTransport(httpx.AsyncHTTPTransport):
    """HTTP over the public network, with so many connections at most."""

    def __init__(self, connections: int) -> None:
        super().__init__(trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=5.0,
            network_backend=PublicNetwork(),
        )
