"""What crawlers read first: robots.txt and the sitemap."""

from math import ceil

from stack.market.lot import Lot

PER_FILE = 10_000  # addresses in a sitemap file; the protocol allows 50,000
SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"


def robots(origin: str) -> str:
    """robots.txt: everything a shopper sees is allowed."""
    return "\n".join(
        (
            "User-agent: *",
            "Allow: /shopping/results/",
            "Allow: /vehicledetail/",
            "Disallow: /_",
            "Disallow: /account/",
            "Disallow: /shopping/saved/",
            "Disallow: /cdn-cgi/",
            "",
            f"Sitemap: {origin}/sitemap.xml",
            "",
        )
    )


def sitemap_index(lot: Lot, origin: str) -> str:
    """The sitemap index: one file for each so many live cars."""
    files = range(1, ceil(len(lot.live) / PER_FILE) + 1)
    entries = "".join(
        f"<sitemap><loc>{origin}/sitemap/vehicles-{number}.xml</loc></sitemap>" for number in files
    )
    return _xml("sitemapindex", entries)


def sitemap_file(lot: Lot, number: int, origin: str) -> str | None:
    """A sitemap file, counted from 1; None when there is no such file."""
    chosen = lot.live[(number - 1) * PER_FILE : number * PER_FILE].tolist() if number > 0 else []
    if not chosen:
        return None
    cars = lot.table.cars
    entries = "".join(
        f"<url><loc>{origin}/vehicledetail/{cars[at].uuid}/</loc></url>" for at in chosen
    )
    return _xml("urlset", entries)


def _xml(root: str, entries: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><{root} xmlns="{SCHEMA}">{entries}</{root}>'
