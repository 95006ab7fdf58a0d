"""Normalising: raw drafts into the catalog's vocabulary and units."""

from scrapers.normalise.offer import Refused, normalise
from scrapers.normalise.place import Place, place_of

__all__ = ["Place", "Refused", "normalise", "place_of"]
