"""Addresses: which site and host one belongs to, judged as the client reads it that asks there."""

from functools import lru_cache

import httpx


@lru_cache(maxsize=256)
def site(url: str) -> str:
    """Scheme, host and port in one spelling, without a default port; empty for no web address."""
    try:
        parts = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return ""
    if parts.scheme not in ("http", "https") or not parts.host:
        return ""
    return f"{parts.scheme}://{parts.netloc.decode('ascii')}"


def host(url: str) -> str:
    """Host and port without a default one: what shares a pace, whatever the scheme."""
    return site(url).partition("://")[2]
