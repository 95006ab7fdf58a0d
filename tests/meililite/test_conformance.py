"""What Meilisearch 1.50 answered, step by step, error messages too."""

from collections.abc import Callable

import pytest

from tests.meililite.conformance.recorded import Area, areas, run, scenarios
from tests.meililite.meililite_server import Server

SCENARIOS = scenarios()
AREAS = sorted(set().union(*(areas(scenario) for scenario in SCENARIOS.values())))

Replay = Callable[[str], dict[str, Area]]


@pytest.fixture(scope="module")
def replayed(shared_server: Server) -> Replay:
    """Replays a scenario once, by its name."""
    done: dict[str, dict[str, Area]] = {}

    def replay(name: str) -> dict[str, Area]:
        if name not in done:
            done[name] = run(shared_server.url, shared_server.key, name, SCENARIOS[name])
        return done[name]

    return replay


def test_all_that_was_recorded_is_here():
    steps = [step for scenario in SCENARIOS.values() for step in scenario["steps"]]
    assert (len(steps), len(AREAS)) == (3_226, 24)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("area", AREAS)
def test_every_answer_of_the_area_is_as_recorded(replayed: Replay, area: str):
    found = [replayed(name)[area] for name in SCENARIOS if area in areas(SCENARIOS[name])]
    assert sum(each.steps for each in found) > 0
    assert [line for each in found for line in each.differences] == []
