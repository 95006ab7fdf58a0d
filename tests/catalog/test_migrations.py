import asyncio
import importlib.util
import re
import shutil
from contextvars import Context
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest
from aerich import Command
from tortoise.context import TortoiseContext

from catalog import database
from catalog.database import (
    MIGRATIONS,
    LaterSchemaError,
    connect,
    migrate,
    tortoise_config,
    unmigrate,
)

SQL = MIGRATIONS.parent / "catalog" / "sql"

SSL_REQUEST = (80877103).to_bytes(4)  # postgresql.org/docs/current/protocol-message-formats.html

SCHEMA = """
SELECT 'column', table_name || '.' || column_name,
       concat_ws(' ', data_type, is_nullable, column_default)
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'view', viewname, definition FROM pg_views WHERE schemaname = 'public'
UNION ALL SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
          FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function', proname, pg_get_functiondef(oid) FROM pg_proc
          WHERE pronamespace = 'public'::regnamespace
ORDER BY 1, 2, 3
"""


async def _schema(url: str) -> list[tuple[str, str, str]]:
    async with connect(url) as pool:
        return [tuple(row) for row in await pool.fetch(SCHEMA)]


@pytest.fixture
async def empty_url(postgres_url: str) -> str:
    """The address of a database of this test's own, without any schema."""
    connection = await asyncpg.connect(postgres_url)
    await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await connection.close()
    return postgres_url


async def test_up_down_to_nothing_and_up_again_gives_the_same_schema(empty_url: str) -> None:
    await migrate(empty_url)
    first = await _schema(empty_url)
    await unmigrate(empty_url)
    left = {name.split(".")[0] for kind, name, _ in await _schema(empty_url) if kind == "column"}
    await migrate(empty_url)
    assert left == {"aerich"}, "only the record of migrations stays"
    assert await _schema(empty_url) == first
    assert {"offers.vin", "cars_documents", "refresh_listings"} <= {name for _, name, _ in first}


async def test_what_the_url_leaves_out_has_the_defaults_of_libpq(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = urlsplit(empty_url)
    monkeypatch.setenv("PGHOST", parse_qs(parts.query)["host"][0])
    monkeypatch.setenv("PGUSER", str(parts.username))
    assert await migrate(f"postgresql://{parts.path}")
    assert await _schema(empty_url)


@pytest.mark.parametrize("mode", ["disable", "require"])
async def test_the_urls_parameters_reach_tortoises_connections(mode: str) -> None:
    asked: list[bytes] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readexactly(8))
        writer.write(b"N")  # to SSLRequest: there is no TLS here
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        config = tortoise_config(f"postgresql://me@127.0.0.1:{port}/x?sslmode={mode}")
        async with TortoiseContext() as context:
            await context.init(config=config)
            with pytest.raises((OSError, asyncpg.PostgresError)):
                await context.connections.get("default").create_connection(with_db=True)
    assert {request[4:] == SSL_REQUEST for request in asked} == {mode == "require"}


def _number(name: str) -> int:
    return int(name.split("_", maxsplit=1)[0])


async def test_migrations_are_run_in_the_order_of_their_numbers(empty_url: str) -> None:
    numbers = [_number(name) for name in await migrate(empty_url)]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) > 10, "numbers with two digits are among them"


async def test_a_database_that_lacks_the_newest_gets_that_alone(
    empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate(empty_url)
    whole = await _schema(empty_url)
    await unmigrate(empty_url)
    before = shutil.copytree(MIGRATIONS, tmp_path / "migrations")
    newest = max((before / "models").glob("[0-9]*.py"), key=lambda path: _number(path.name))
    newest.unlink()
    with monkeypatch.context() as patch:
        patch.setattr(database, "MIGRATIONS", before)
        assert newest.name not in await migrate(empty_url)
    assert await migrate(empty_url) == [newest.name]
    assert await _schema(empty_url) == whole


async def test_what_the_newest_changed_can_be_taken_back(
    empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = shutil.copytree(MIGRATIONS, tmp_path / "migrations")
    newest = max((before / "models").glob("[0-9]*.py"), key=lambda path: _number(path.name))
    newest.unlink()
    with monkeypatch.context() as patch:
        patch.setattr(database, "MIGRATIONS", before)
        await migrate(empty_url)
    without_it = await _schema(empty_url)
    assert await migrate(empty_url) == [newest.name]
    assert await _take_the_newest_back(empty_url) == [newest.name]
    assert await _schema(empty_url) == without_it


async def _take_the_newest_back(url: str) -> list[str]:
    async def downgrade() -> list[str]:
        async with database._migrations(url) as command:
            return await command.downgrade(version=-1, delete=False)

    return await asyncio.create_task(downgrade(), context=Context())


async def test_migrating_twice_does_nothing_the_second_time(empty_url: str) -> None:
    assert await migrate(empty_url)
    assert await migrate(empty_url) == []


async def test_a_database_that_a_later_version_changed_is_refused_and_left_as_it_is(
    empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = shutil.copytree(MIGRATIONS, tmp_path / "migrations")
    max((before / "models").glob("[0-9]*.py"), key=lambda path: _number(path.name)).unlink()
    with monkeypatch.context() as patch:
        patch.setattr(database, "MIGRATIONS", before)
        await migrate(empty_url)
    async with connect(empty_url) as pool:
        await pool.execute(
            "INSERT INTO aerich (version, app, content)"
            " SELECT unnest(ARRAY['900_later.py', '901_newest.py']), 'models', '{}'"
        )
    found = await _schema(empty_url)
    with pytest.raises(LaterSchemaError, match=r"\(901_newest\): start the later version again"):
        await migrate(empty_url)
    assert await _schema(empty_url) == found


def _frozen_rules() -> str:
    """The rules of every migration, one after the other."""
    texts = []
    for path in sorted(
        (MIGRATIONS / "models").glob("[0-9]*.py"), key=lambda path: _number(path.name)
    ):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        texts.append(module.RULES)
    return "\n".join(texts)


def test_the_newest_migration_has_todays_views_and_triggers() -> None:
    frozen = _frozen_rules()
    for path in SQL.glob("*.sql"):
        for statement in re.split(r"\n\n", path.read_text().strip()):
            assert statement in frozen, f"{path.name} changed without a migration: {statement[:60]}"


async def test_the_models_are_what_was_migrated(tmp_path: Path) -> None:
    """Aerich, given a copy of the migrations, finds nothing to add."""
    location = shutil.copytree(MIGRATIONS, tmp_path / "migrations")

    async def difference() -> str | None:
        command = Command(
            tortoise_config("postgresql://u@/d?host=/nowhere"), location=str(location)
        )
        await command.init(offline=True)
        return await command.migrate(no_input=True, offline=True)

    assert await asyncio.create_task(difference(), context=Context()) == ""
