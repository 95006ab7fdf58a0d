"""Pages shaped as those of Cars.com, in all the generations that were seen."""

from scrapers.parsers.cars_com.cards import parse_results
from scrapers.parsers.cars_com.details import parse_detail

__all__ = ["parse_detail", "parse_results"]
