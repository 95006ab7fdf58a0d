"""Flags and variables, and what is said of bad ones."""

import re
from pathlib import Path

import pytest

import meililite
from meililite.options import FLAGS, parse, parse_address, parse_size


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch):
    for flag in FLAGS:
        monkeypatch.delenv(f"MEILI_{flag.upper().replace('-', '_')}", raising=False)


def test_without_flags_there_are_defaults():
    options = parse([])
    assert (options.host, options.port) == ("127.0.0.1", 7700)
    assert (options.db_path, options.payload_limit) == (Path.cwd() / "data.ms", 100_000_000)
    assert (options.master_key, options.env, options.log_level) == (None, "development", "WARN")


@pytest.mark.parametrize(
    ("text", "size"),
    [("104857600", 104857600), ("100 MB", 10**8), ("100MiB", 100 * 2**20), ("1.5kb", 1500)],
)
def test_sizes(text: str, size: int):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "MB", "ten", "1 parsec"])
def test_what_is_no_size(text: str):
    with pytest.raises(ValueError, match="is not a size"):
        parse_size(text)


def test_addresses():
    assert parse_address("0.0.0.0:80") == ("0.0.0.0", 80)
    assert parse_address("[::1]:7700") == ("::1", 7700)
    for bad in ("localhost", "a:b", "a:99999"):
        with pytest.raises(ValueError, match="is not an address"):
            parse_address(bad)


def test_flags_win_over_variables(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MEILI_HTTP_ADDR", "[::1]:1")
    monkeypatch.setenv("MEILI_MASTER_KEY", "from a variable")
    monkeypatch.setenv("MEILI_LOG_LEVEL", "debug")
    options = parse(["--log-level", "trace", "--http-payload-size-limit", "1.5 MiB"])
    assert (options.host, options.port, options.log_level) == ("::1", 1, "TRACE")
    assert (options.master_key, options.payload_limit) == ("from a variable", 1_572_864)


def test_scripts_made_for_meilisearch_run(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MEILI_NO_ANALYTICS", "true")
    key = "a key of sixteen"
    options = parse(["--no-analytics", "--env=production", "--master-key", key, "--db-path=x"])
    assert (options.master_key, options.db_path.name) == (key, "x")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--import-dump", "x"], "`--import-dump x` is nothing that this server knows; its flags "
         "are --http-addr, --db-path, "),
        (["--http", "x"], "`--http x` is nothing that this server knows"),
        (["--http-addr", "7700"], "`7700` is not an address: write it as host:port"),
        (["--http-addr", "a:65536"], "`a:65536` is not an address"),
        (["--env", "test"], "`test` is none of development, production."),
        (["--env", "production", "--master-key", "short"], "a master key of at least 16 bytes"),
        (["--log-level", "loud"], "`loud` is none of OFF, ERROR, WARN, INFO, DEBUG, TRACE."),
        (["--max-search-processes", "0"], "`0` is not a number of processes: write 1 or more."),
        (["--max-search-processes", "x"], "`x` is not a number of processes"),
        (["--http-payload-size-limit", "10 XB"], "`10 XB` is not a size: write a number of bytes"),
        (["--db-path"], "argument --db-path: expected one argument."),
    ],
)  # fmt: skip
def test_a_bad_one_ends_with_a_sentence(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as ended:
        parse(arguments)
    assert ended.value.code == 2
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    assert shown.startswith("meililite: ")
    assert said in shown


def test_help_and_readme_name_every_flag(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit):
        parse(["--help"])
    shown = capsys.readouterr().out
    readme = (Path(meililite.__file__).parent / "README.md").read_text()
    table = re.findall(r"^\| `--([a-z-]+)` \| `(MEILI_[A-Z_]+)` \|", readme, re.MULTILINE)
    assert table == [(flag, f"MEILI_{flag.upper().replace('-', '_')}") for flag in FLAGS]
    for flag, (_, default, text) in FLAGS.items():
        assert f"--{flag}" in shown
        assert text.split(";")[0] in shown
        assert default is None or f"({default})" in shown
