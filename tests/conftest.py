"""Real servers for the tests: one Postgres, one Valkey and one search server for each worker.

A server starts when the first test asks for it and is stopped at the end of the session; its
guard stops it even when the session is killed.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple

import asyncpg
import meilisearch
import pytest
import redis
from hypothesis import settings

from catalog.database import migrate
from stack.engine import master_key, meililite
from stack.postgres import postgres
from stack.process import Process, Program
from stack.valkey import valkey

TEMPLATE = "showroom"

_began = time.monotonic()

# A random example may take long on a busy machine, which is no fault of what it tests.
settings.register_profile("showroom", deadline=None)
settings.load_profile("showroom")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The main job is proved first, and last that each broken rule would be noticed."""
    order = {"test_main_job.py": 0, "test_mutations.py": 2}
    items.sort(key=lambda item: order.get(item.path.name, 1))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin no proof after PROVE_SECONDS, and none that may take longer than they are.

    The report counts what was left out.
    """
    seconds = float(os.environ.get("PROVE_SECONDS") or "inf")
    limit = item.get_closest_marker("timeout")
    if item.get_closest_marker("prove") and (
        time.monotonic() - _began >= seconds or (limit is not None and limit.args[0] > seconds)
    ):
        pytest.skip(f"PROVE_SECONDS ({seconds:.0f} s) are too short or over")


class Meili(NamedTuple):
    """A running search server."""

    url: str
    key: str


@pytest.fixture(autouse=True, scope="session")
def _no_settings_of_this_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests see no server that is configured or runs in this folder."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DATABASE_URL", "REDIS_URL", "MEILI_URL", "MEILI_MASTER_KEY"):
            patch.delenv(name, raising=False)
        patch.setenv("SHOWROOM_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="session")
def run_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Program], Process]]:
    """Start a program, wait until it answers, stop it at the end of the session."""
    home = tmp_path_factory.mktemp("servers")
    processes: list[Process] = []

    def run(program: Program) -> Process:
        process = Process(program, home)
        processes.append(process)
        process.start()
        process.wait_ready()
        return process

    yield run
    for process in reversed(processes):
        process.ask_to_stop()
    for process in processes:
        process.stop()


@pytest.fixture(scope="session")
def postgres_server(
    run_server: Callable[[Program], Process], tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The URL of a Postgres whose database `showroom` is empty but migrated."""
    url = run_server(postgres(tmp_path_factory.mktemp("pg"), durable=False)).program.address
    asyncio.run(migrate(url))
    return url


def _named(url: str, database: str) -> str:
    return url.replace(f"/{TEMPLATE}?", f"/{database}?")


def _execute(url: str, statement: str) -> None:
    async def execute() -> None:
        connection = await asyncpg.connect(_named(url, "postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(execute())


_numbers = count(1)


@pytest.fixture(scope="module")
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A migrated database of this test module's own."""
    name = f"test_{next(_numbers)}"
    _execute(postgres_server, f"create database {name} template {TEMPLATE} strategy file_copy")
    yield _named(postgres_server, name)
    _execute(postgres_server, f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def valkey_server(
    run_server: Callable[[Program], Process], tmp_path_factory: pytest.TempPathFactory
) -> str:
    return run_server(valkey(tmp_path_factory.mktemp("vk"))).program.address


@pytest.fixture
def valkey_url(valkey_server: str) -> str:
    """A Valkey with nothing in it."""
    with redis.Redis.from_url(valkey_server) as client:
        client.flushall()
    return valkey_server


@pytest.fixture(scope="session")
def meili_server(
    run_server: Callable[[Program], Process], tmp_path_factory: pytest.TempPathFactory
) -> Meili:
    folder: Path = tmp_path_factory.mktemp("meili")
    key = master_key(folder / "key")
    return Meili(run_server(meililite(folder / "data", key)).program.address, key)


@pytest.fixture(scope="module")
def meili(meili_server: Meili) -> Meili:
    """A running search server (meililite) with nothing in it, not even the memory of tasks."""
    client = meilisearch.Client(meili_server.url, meili_server.key)
    indexes = client.get_indexes({"limit": 1000})["results"]
    for deletion in [client.delete_index(index.uid) for index in indexes]:
        client.wait_for_task(deletion.task_uid, timeout_in_ms=20_000)
    forgetting = client.delete_tasks({"statuses": "succeeded,failed,canceled"})
    client.wait_for_task(forgetting.task_uid, timeout_in_ms=20_000)
    return meili_server
