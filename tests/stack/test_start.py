"""`up` in this process, with real servers and one small service."""

import asyncio
import errno
import os
import signal
import socket
import sys
import tempfile
from collections import namedtuple
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner

from config.settings import SettingsError, load
from stack import cli, detached, leftovers, plan, running, sockets
from stack import up as module
from stack.overview import overview
from stack.process import Process, Program, StartError
from stack.up import up

NO_SERVER = "http://127.0.0.1:9"
SMALL = Path(__file__).with_name("small_stack.py")


class Recorder:
    """A screen that keeps what was said, looks once, and then asks to stop."""

    def __init__(self):
        self.lines = []
        self.seen = None

    def tell(self, line):
        self.lines.append(line)

    def doing(self, what):
        self.lines.append(what)

    async def show(self, settings):
        self.seen = await overview(settings)
        os.kill(os.getpid(), signal.SIGTERM)


@pytest.fixture(autouse=True)
def _small(monkeypatch, tmp_path, own_signals, meili):
    def services(settings):
        known = plan.environment(settings)
        return [
            Program(
                "worker", (sys.executable, "-c", "import time; time.sleep(60)"), environment=known
            )
        ]

    monkeypatch.setattr(plan, "services", services)
    monkeypatch.delenv("MAKELEVEL", raising=False)
    monkeypatch.setenv("SHOWROOM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SHOWROOM_PORT", str(sockets.free_port()))
    monkeypatch.setenv("SHOWROOM_MARKET_URL", NO_SERVER)
    monkeypatch.setenv("MEILI_URL", meili.url)
    monkeypatch.setenv("MEILI_MASTER_KEY", meili.key)


@pytest.fixture
def guest_url(postgres_server):
    """An empty database with a user who may only look."""

    async def execute(*statements):
        connection = await asyncpg.connect(postgres_server)
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    asyncio.run(execute("create role guest login", "create database guests template template0"))
    yield postgres_server.replace("showroom@/showroom?", "guest@/guests?")
    asyncio.run(execute("drop database guests with (force)", "drop role guest"))


def test_what_is_configured_is_taken_and_the_rest_is_started(tmp_path):
    home, screen = tmp_path / "home", Recorder()
    up(home, screen)
    states = {part.name: part.state for part in screen.seen.parts}
    assert states["postgres"] == states["valkey"] == states["worker"] == "running"
    assert states["search"] == states["market"] == "configured"
    assert screen.seen.running
    assert screen.seen.pid == os.getpid()
    assert screen.seen.stock[0].rows == 0
    assert screen.lines == [
        "starting the servers",
        "bringing the database up to date",
        "starting the services",
        "stopping",
    ]
    assert list(leftovers.folder(home).iterdir()) == []
    assert running.process(home) is None


def test_a_market_that_no_source_visits_is_not_started(tmp_path, monkeypatch):
    monkeypatch.delenv("SHOWROOM_MARKET_URL")
    monkeypatch.setenv("SHOWROOM_SOURCES", str(tmp_path / "sources.yml"))
    (tmp_path / "sources.yml").write_text(
        "lot: {vertical: cars, feed: lot.csv, every: 1d}\n"
        "demo: {vertical: cars, feed: '${SHOWROOM_MARKET_URL}/x', every: 1d, enabled: false}\n"
    )
    home, screen = tmp_path / "home", Recorder()
    up(home, screen)
    names = {part.name for part in screen.seen.parts}
    assert "worker" in names
    assert "market" not in names
    assert not (home / "market").exists()


def test_any_name_will_do_for_the_home(monkeypatch):
    with tempfile.TemporaryDirectory() as short:
        home, screen = Path(short) / 'a b "ü" %41', Recorder()
        monkeypatch.setenv("SHOWROOM_HOME", str(home))
        up(home, screen)
    shown = {part.name: part for part in screen.seen.parts}
    assert shown["valkey"].state == "running"
    assert shown["valkey"].where == str(home / "valkey" / "valkey.sock")
    assert shown["postgres"].where == str(home / "postgres")
    assert screen.seen.stock[0].rows == 0


def test_a_table_that_cannot_be_shown_stops_nothing(tmp_path):
    class Broken(Recorder):
        async def show(self, settings):
            raise ZeroDivisionError("no columns")

        def tell(self, line):
            super().tell(line)
            os.kill(os.getpid(), signal.SIGTERM)

    screen = Broken()
    up(tmp_path / "home", screen)
    assert screen.lines[-2:] == [
        "The table cannot be shown (no columns); `showroom status` looks again.",
        "stopping",
    ]


def test_a_screen_that_is_gone_does_not_keep_the_servers_running(tmp_path):
    class Gone(Recorder):
        def doing(self, what):
            super().doing(what)
            if what == "stopping":
                raise OSError("the terminal is gone")

    with pytest.raises(OSError, match="the terminal is gone"):
        up(tmp_path / "home", Gone())
    assert list(leftovers.folder(tmp_path / "home").iterdir()) == []
    assert not running.addresses_file(tmp_path / "home").exists()


def test_sources_that_cannot_be_read_stop_the_start_with_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("SHOWROOM_SOURCES", str(tmp_path / "none.yml"))
    with pytest.raises(SettingsError, match=r"none\.yml"):
        up(tmp_path / "home", Recorder())
    assert not leftovers.folder(tmp_path / "home").exists()


def test_a_full_disk_is_told_before_anything_starts(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: usage(10**9, 10**9, 10_000_000))
    with pytest.raises(
        StartError, match=r"is full \(10 MB free\); make room, or set SHOWROOM_HOME"
    ):
        up(tmp_path / "home", Recorder())
    assert not (tmp_path / "home" / "postgres").exists()


@pytest.mark.parametrize(
    ("variable", "url"),
    [
        ("DATABASE_URL", "postgresql://me:hidden@127.0.0.1:9/none"),
        ("REDIS_URL", "redis://:hidden@127.0.0.1:9/0"),
        ("MEILI_URL", NO_SERVER),
    ],
)
def test_a_configured_server_that_is_away_is_named(tmp_path, monkeypatch, variable, url):
    monkeypatch.setattr(module, "ANSWER_SECONDS", 0.3)
    monkeypatch.setenv(variable, url)
    with pytest.raises(StartError) as told:
        up(tmp_path / "home", Recorder())
    assert str(told.value) == (
        f"The server at 127.0.0.1 does not answer; check {variable}, "
        "or leave it empty to have one started."
    )


def test_what_is_no_url_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "ANSWER_SECONDS", 0.3)
    for variable, url in (("DATABASE_URL", "postgresql://h:x/"), ("REDIS_URL", "redis://h:x/0")):
        with monkeypatch.context() as patch:
            patch.setenv(variable, url)
            with pytest.raises(StartError, match=f"check {variable}"):
                up(tmp_path / "home", Recorder())


def test_a_database_user_who_may_not_make_tables_is_a_sentence(tmp_path, monkeypatch, guest_url):
    monkeypatch.setenv("DATABASE_URL", guest_url)
    with pytest.raises(StartError, match=r"permission denied.*its user may create tables"):
        up(tmp_path / "home", Recorder())


def test_nobody_waits_for_the_market(tmp_path, monkeypatch, python):
    slow = python("import time; time.sleep(60)", "market", probe=lambda: False, ready_within=1)
    monkeypatch.setattr(
        plan,
        "market",
        lambda known: plan.Servers([slow], known.model_copy(update={"market_url": NO_SERVER})),
    )
    screen = Recorder()
    up(tmp_path / "home", screen)
    states = {part.name: part.state for part in screen.seen.parts}
    assert (states["market"], states["worker"]) == ("running", "running")
    assert list(leftovers.folder(tmp_path / "home").iterdir()) == []


@pytest.mark.parametrize("fails", ["servers", "waiting"])
def test_a_full_disk_while_starting_is_told_as_what_it_is(tmp_path, monkeypatch, fails):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    if fails == "servers":
        monkeypatch.setattr(plan, "servers", full)
    else:
        monkeypatch.setattr(Process, "wait_ready", full)
    with pytest.raises(OSError, match="No space left"):
        up(tmp_path / "home", Recorder())


def test_the_api_is_not_given_the_key_that_writes(tmp_path):
    settings = load(
        home=tmp_path, meili_url=NO_SERVER, meili_master_key="writes", meili_search_key="reads"
    )
    known = plan.environment(settings)
    api = plan._api(settings, known)
    assert api.environment["MEILI_SEARCH_KEY"] == "reads"
    assert "MEILI_MASTER_KEY" not in api.environment
    assert known["MEILI_MASTER_KEY"] == "writes"
    assert plan.with_search_key(settings) == settings


def test_a_search_key_is_asked_from_the_server(meili, tmp_path):
    settings = load(home=tmp_path, meili_url=meili.url, meili_master_key=meili.key)
    assert plan.with_search_key(settings).meili_search_key not in {None, meili.key}


def test_the_address_to_open_can_be_opened():
    assert plan.api_url(load(host="0.0.0.0", port=8001)) == "http://127.0.0.1:8001"
    assert plan.api_url(load(host="::1", port=8001)) == "http://[::1]:8001"


def test_detached_it_returns_when_ready_and_down_ends_it(tmp_path, monkeypatch):
    home = tmp_path / "home"
    monkeypatch.setattr(detached, "COMMAND", (sys.executable, str(SMALL), "up"))
    monkeypatch.setenv("PYTHONPATH", str(SMALL.parent.parent.parent))
    run = CliRunner()
    try:
        done = run.invoke(cli.application(), ["up", "--detach"])
        assert done.exit_code == 0, done.output
        assert "Open http://127.0.0.1:" in done.output
        with pytest.raises(StartError, match="running already"):
            detached.start(home)
    finally:
        running.stop(home, 20)
    assert run.invoke(cli.application(), ["down"]).output == "Showroom does not run here.\n"
    assert run.invoke(cli.application(), ["status", "--json"]).exit_code == 1


def test_detached_it_says_why_it_does_not_start(tmp_path, monkeypatch):
    monkeypatch.setattr(detached, "COMMAND", (sys.executable, str(SMALL), "up"))
    monkeypatch.setenv("PYTHONPATH", str(SMALL.parent.parent.parent))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("SHOWROOM_PORT", str(port))
        with pytest.raises(StartError, match=f"^Port {port} is taken by another program"):
            detached.start(tmp_path / "home")
