"""Parsers by the name that a source gives them: each a module of pure functions."""

from scrapers.parsers import cars_com, jsonld
from scrapers.parsers.pages import Parser

PARSERS: dict[str, Parser] = {"cars_com": cars_com, "jsonld": jsonld}
