import re
from pathlib import Path

from catalog.cars import CARS
from config.settings import ROOT
from service.http.problems import TYPES
from service.understanding.parameters import parameters

GUIDE = (Path(ROOT) / "docs" / "api.md").read_text()


def test_every_parameter_sort_and_problem_is_in_the_guide():
    sorts = [sort.name for sort in CARS.sorts]
    problems = [f"urn:showroom:problem:{name}" for name in TYPES]
    lacking = [name for name in [*parameters(CARS), *sorts, *problems] if f"`{name}`" not in GUIDE]
    assert [name for name in lacking if f"`{name}=" not in GUIDE] == []


def test_every_problem_is_told_with_its_statuses():
    rows = re.findall(r"^\| `urn:showroom:problem:([a-z-]+)` \| ([0-9, ]+) \|", GUIDE, re.MULTILINE)
    told = {name: tuple(map(int, statuses.split(", "))) for name, statuses in rows}
    assert told == {name: kind.statuses for name, kind in TYPES.items()}
