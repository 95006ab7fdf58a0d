"""Cars in the words of schema.org, as JSON-LD or as microdata, on any site's pages."""

from scrapers.parsers.jsonld.pages import parse_detail, parse_results

__all__ = ["parse_detail", "parse_results"]
