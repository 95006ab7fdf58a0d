"""Each rule that guards data is broken once, and the chaos must find it."""

import pytest
import pytest_asyncio

from catalog.database import connect
from config.settings import ROOT
from tests.chaos.__main__ import chaos
from tests.chaos.broken_rules import MUTATIONS
from tests.chaos.mutations import edited, mutate_database, source_of
from tests.chaos.report import Report
from tests.chaos.servers import running
from tests.chaos.violence import act

ROUNDS = 15
SEED = 5


@pytest.mark.parametrize("name", MUTATIONS)
async def test_a_mutation_can_still_be_made(name, postgres_url):
    sources = {}
    for edit in MUTATIONS[name].code:
        source = sources.get(edit.where) or source_of(edit.where)
        sources[edit.where] = edited(source, edit)
        assert sources[edit.where] != source
        compile(sources[edit.where], edit.where, "exec")
    async with connect(postgres_url) as db, db.acquire() as one:
        transaction = one.transaction()
        await transaction.start()
        await mutate_database(one, name)
        await transaction.rollback()
    assert all(callable(act(each)) for each in MUTATIONS[name].acts)


def test_the_documentation_names_every_mutation_and_its_rule():
    text = (ROOT / "docs" / "chaos.md").read_text()
    rows = [f"| `{name}` | {mutation.rule} |" for name, mutation in MUTATIONS.items()]
    assert [row for row in rows if row not in text] == []


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def servers(tmp_path_factory):
    async with running(tmp_path_factory.mktemp("chaos")) as made:
        yield made


@pytest.mark.prove
@pytest.mark.timeout(240)
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", MUTATIONS)
async def test_the_chaos_finds_the_broken_rule(servers, name, capsys):
    await servers.begin_anew()
    report = Report(ROUNDS, SEED)
    await chaos(servers, report, ROUNDS, SEED, name)
    assert set(report.found) & set(MUTATIONS[name].shows), capsys.readouterr().out
