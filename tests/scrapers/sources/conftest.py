"""A file of sources that tests write, and what stands in it."""

from collections.abc import Callable
from pathlib import Path

import pytest

GOOD = """\
one:
  vertical: cars
  start_url: https://one.example/shopping/results/
  parser: cars_com
  every: 4h
  rate: 2/s
  precedence: 10

# A comment moves the lines.
two:
  vertical: cars
  start_url: ${SHOWROOM_MARKET_URL}/shopping/results/
  parser: cars_com
  every: 90s
"""
SITE = """\
dealer:
  vertical: cars
  start_url: https://dealer.example/used?sort=new
  filters: {make: [honda, kia], zip: 32114}
  recipe: dealer.yml
  every: 4h
"""

WriteSources = Callable[[str], Path]


@pytest.fixture
def file(tmp_path: Path) -> WriteSources:
    """Writes the file of sources."""
    path = tmp_path / "sources.yml"

    def write(text: str) -> Path:
        path.write_text(text)
        return path

    return write
