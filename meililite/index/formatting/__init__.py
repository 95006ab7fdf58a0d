"""Showing where a query matches: highlighting, cropping, positions."""

from __future__ import annotations

from meililite.index.formatting.formatter import FormatRequest, Formatter

__all__ = ["FormatRequest", "Formatter"]
