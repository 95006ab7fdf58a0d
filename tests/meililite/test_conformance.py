"""What Meilisearch 1.50 answered, step by step; no area may fall behind what is written down."""

import json

import pytest

from tests.meililite.conformance.recorded import PROGRESS, SCENARIOS, run
from tests.meililite.meililite_server import Server

_REACHED = json.loads(PROGRESS.read_text())


def test_every_scenario_is_written_down():
    assert sorted(_REACHED) == SCENARIOS


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(server: Server, name: str):
    counts, differences = run(server.url, server.key, name)
    for area, reached in _REACHED[name].items():
        now = counts[area]
        assert now["steps"] == reached["steps"]
        shown = "\n".join(differences[:10])
        assert now["passed"] >= reached["passed"], f"{area} fell behind:\n{shown}"
        assert now["messages"] >= reached["messages"], f"{area}: error messages fell behind"
