"""Who asks: the address that a request came from, behind the proxies that are trusted."""

from functools import lru_cache
from ipaddress import ip_address, ip_network

from sanic import Request

REMEMBERED = 65_536  # addresses

NETWORK_BITS = 64
"""One customer of an IPv6 provider has at least so much (RFC 6177): all of it is one client."""


class Clients:
    """Tells clients apart; `proxies` are the networks, with commas between, whose
    `X-Forwarded-For` is believed.
    """

    def __init__(self, proxies: str) -> None:
        self._networks = [ip_network(proxy.strip()) for proxy in proxies.split(",") if proxy]
        self._trusted = lru_cache(REMEMBERED)(self._is_trusted)

    def of(self, request: Request) -> str:
        """The client of a request: its address, or of IPv6 the network it is in."""
        return _client(self._address(request))

    def _address(self, request: Request) -> str:
        """The last address on the way that is no trusted proxy's; what comes before may be lies."""
        address: str = request.ip
        if not self._networks:
            return address
        told = ",".join(request.headers.getall("x-forwarded-for", []))
        for before in reversed(told.split(",")):
            if not before.strip() or not self._trusted(address):
                break
            address = _without_port(before.strip())
        return address

    def _is_trusted(self, address: str) -> bool:
        try:
            return any(ip_address(address) in network for network in self._networks)
        except ValueError:
            return False


def _without_port(address: str) -> str:
    """`192.0.2.1:443` and `[2001:db8::1]:443`, as some proxies write them, without the port."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address


@lru_cache(REMEMBERED)
def _client(address: str) -> str:
    """The client at an address; what is no address stands for itself, cut short."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    mapped = getattr(parsed, "ipv4_mapped", None)
    if parsed.version == 4 or mapped:
        return str(mapped or parsed)
    return str(ip_network((int(parsed) >> NETWORK_BITS << NETWORK_BITS, NETWORK_BITS)))
