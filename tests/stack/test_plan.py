import stat

import psutil
import pytest

from config.settings import load
from stack import leftovers, plan, running
from stack.sockets import free_port


@pytest.fixture
def home(tmp_path, monkeypatch):
    for name in ("DATABASE_URL", "REDIS_URL", "MEILI_URL", "MEILI_MASTER_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("SHOWROOM_MARKET_URL", raising=False)
    (tmp_path / "run").mkdir()
    return tmp_path


def test_what_is_not_configured_is_started(home):
    servers = plan.servers(load(home=home))
    assert [program.name for program in servers.programs] == ["postgres", "valkey", "search"]
    known = servers.settings
    assert known.database_url.startswith("postgresql://showroom@/showroom?host=")
    assert known.redis_url.startswith("unix:///")
    assert known.meili_url.startswith("http://127.0.0.1:")
    assert plan.servers(load(home=home)).settings.meili_master_key == known.meili_master_key
    assert plan.elsewhere(load(home=home)) == []


def test_what_is_configured_is_not_started(home):
    given = load(
        home=home,
        database_url="postgresql://db.example/x",
        redis_url="redis://cache.example",
        meili_url="https://search.example/",
        market_url="https://cars.example",
    )
    assert plan.servers(given) == plan.Servers([], given)
    assert plan.market(given) == plan.Servers([], given)
    variables = [server.variable for server in plan.elsewhere(given)]
    assert variables == ["DATABASE_URL", "REDIS_URL", "MEILI_URL"]


def test_the_market_keeps_its_address_and_hides_its_token(home):
    first, second = plan.market(load(home=home)), plan.market(load(home=home))
    assert first.settings.market_url == second.settings.market_url
    (program,) = second.programs
    path = running.market_token_file(home)
    assert program.environment == {"SHOWROOM_MARKET_TOKEN": path.read_text()}
    assert path.read_text() not in " ".join(program.command)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_process_of_the_api_has_the_key_that_writes(home, meili, start, monkeypatch):
    monkeypatch.setenv("MEILI_MASTER_KEY", meili.key)
    monkeypatch.setenv("SHOWROOM_WORKERS", "1")
    settings = plan.with_search_key(load(home=home, meili_url=meili.url, port=free_port()))
    assert settings.meili_master_key == meili.key
    record = leftovers.read(start(plan.services(settings)[0]).record)
    guard, child = (psutil.Process(record[which]) for which in ("guard", "child"))
    family = [guard, child, *child.children(recursive=True)]
    assert len(family) >= 3
    for process in family:
        environment = process.environ()
        assert environment["MEILI_SEARCH_KEY"] == settings.meili_search_key
        assert "MEILI_MASTER_KEY" not in environment
        assert meili.key not in environment.values()


def test_no_secret_is_on_a_command_line_and_services_know_every_address(home):
    settings = plan.servers(load(home=home)).settings
    programs = plan.services(settings)
    assert [program.name for program in programs] == ["api", "indexer", "worker"]
    for program in programs:
        assert settings.meili_master_key not in " ".join(program.command)
        assert program.environment["DATABASE_URL"] == settings.database_url
        assert program.environment["SHOWROOM_HOME"] == str(home)
    published = plan.published(settings)
    assert published["database_url"] == settings.database_url
    assert "market_url" not in published
