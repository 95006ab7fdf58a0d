import asyncio
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import asyncpg
import psutil
import pytest

from stack import postgres as module
from stack.postgres import postgres
from stack.process import StartError

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="concerns root only")


def ask(url, sql):
    async def run():
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(run())


def run_sql(url, sql):
    async def run():
        connection = await asyncpg.connect(url)
        await connection.execute(sql)
        await connection.close()

    asyncio.run(run())


def server_of(process):
    """The postmaster itself."""
    return psutil.Process(psutil.Process(process._guard.pid).children()[0].pid)


@pytest.fixture(scope="module")
def initialized(tmp_path_factory):
    """A cluster that was never started; tests copy it."""
    folder = tmp_path_factory.mktemp("cluster")
    postgres(folder, durable=False)
    return folder


@pytest.fixture
def cluster(initialized, tmp_path):
    shutil.copytree(initialized, tmp_path / "pg")
    (tmp_path / "pg").chmod(0o700)
    return tmp_path / "pg"


def test_text_is_utf8_and_sorts_by_code_point_and_nothing_listens_on_tcp(start, cluster):
    process = start(postgres(cluster, durable=False))
    url = process.program.address
    assert ask(url, "SELECT current_setting('server_encoding')") == "UTF8"
    assert (
        ask(url, "SELECT string_agg(x, '' ORDER BY x) FROM unnest('{b,a,B,ä}'::text[]) x") == "Babä"
    )
    assert ask(url, "SELECT upper('ä')") == "Ä"
    assert ask(url, "SELECT current_setting('TimeZone')") == "UTC"
    assert server_of(process).net_connections("inet") == []
    assert stat.S_IMODE(cluster.stat().st_mode) == 0o700


def test_a_product_database_waits_for_the_disk(cluster):
    assert "fsync=on" in postgres(cluster).command
    assert not any("synchronous_commit" in part for part in postgres(cluster).command)


def test_what_was_committed_survives_kill_9(start, cluster):
    first = start(postgres(cluster))
    run_sql(first.program.address, "CREATE TABLE kept AS SELECT 42 AS answer")
    server_of(first).kill()
    first._guard.wait(10)
    again = start(postgres(cluster))
    assert ask(again.program.address, "SELECT answer FROM kept") == 42


def test_a_stale_pid_file_with_the_number_of_a_living_process_is_no_obstacle(start, cluster):
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        text = f"{other.pid}\n{cluster / 'data'}\n1\n5432\n{cluster}\n\n  1 1\nready\n"
        (cluster / "data" / "postmaster.pid").write_text(text)
        assert ask(start(postgres(cluster, durable=False)).program.address, "SELECT 1") == 1
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_second_server_on_the_same_data_is_refused(start, cluster):
    first = start(postgres(cluster, durable=False))
    pid = server_of(first).pid
    with pytest.raises(StartError, match=rf"A PostgreSQL \(pid {pid}\) already runs on"):
        postgres(cluster).before()
    assert ask(first.program.address, "SELECT 1") == 1


def test_a_path_too_long_for_a_socket_gets_a_short_one_until_the_end(start, initialized, tmp_path):
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    shutil.copytree(initialized, deep)
    process = start(postgres(deep, durable=False))
    short = process.program.folder
    assert short.parent == Path(tempfile.gettempdir())
    assert stat.S_IMODE(short.stat().st_mode) == 0o700
    assert ask(process.program.address, "SELECT 1") == 1
    process.stop()
    assert not short.exists()


def test_a_cluster_made_half_way_is_made_again(tmp_path):
    (tmp_path / "pg" / "data.new").mkdir(parents=True)
    (tmp_path / "pg" / "data.new" / "PG_VERSION").write_text("18\n")
    postgres(tmp_path / "pg", durable=False)
    assert (tmp_path / "pg" / "data" / "PG_VERSION").exists()
    assert not (tmp_path / "pg" / "data.new").exists()


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StartError, match=r"folder .* cannot be used"):
        postgres(tmp_path / "file" / "pg")


def test_why_a_cluster_could_not_be_made_is_a_sentence():
    full = module._why_not(Path("/x"), "initdb: error: could not write: No space left on device\n")
    assert full.startswith("The disk of /x is full; make room")
    assert module._why_not(Path("/x"), "a\nlast\n") == "The database cannot be made in /x: last"
    tidied = "FATAL:  could not write: File too large\ninitdb: removing data directory\n"
    assert module._why_not(Path("/x"), tidied).endswith(
        "/x: FATAL:  could not write: File too large"
    )


@as_root
def test_files_stay_roots_in_the_user_namespace(start, cluster):
    if not module._works([*module.NAMESPACE, "true"], None):
        pytest.skip("user namespaces are refused here")
    process = start(postgres(cluster, durable=False))
    assert ask(process.program.address, "SELECT 1") == 1
    owners = {path.stat().st_uid for path in cluster.rglob("*")}
    assert owners == {0}


@as_root
def test_without_namespaces_another_user_runs_it(start, monkeypatch):
    monkeypatch.setattr(module, "NAMESPACE", ("false",))
    reachable = Path(tempfile.mkdtemp(prefix="showroom-test-"))
    try:
        try:
            program = postgres(reachable / "pg", durable=False)
        except StartError:
            pytest.skip("no other user can reach the server's binary here")
        process = start(program)
        assert ask(process.program.address, "SELECT 1") == 1
        assert server_of(process).uids().real == program.user[0] != 0
        assert stat.S_IMODE(reachable.stat().st_mode) == 0o701  # to pass, not to look
        process.stop()
        # Whose the data is decides from now on, also where a namespace could be had.
        monkeypatch.undo()
        again = start(postgres(reachable / "pg", durable=False))
        assert server_of(again).uids().real == program.user[0]
        again.stop()
    finally:
        shutil.rmtree(reachable)


@as_root
def test_without_namespace_and_reachable_user_it_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "NAMESPACE", ("false",))
    (tmp_path / "closed").mkdir(mode=0o700)
    with pytest.raises(StartError, match="start showroom as an ordinary user, or set DATABASE_URL"):
        postgres(tmp_path / "closed" / "pg")
