import stat

import pytest

from stack import engine
from stack.process import StartError


def test_a_master_key_is_made_once_and_is_its_owners(tmp_path):
    path = tmp_path / "search" / "key"
    key = engine.master_key(path)
    assert len(key) >= 16
    assert engine.master_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert engine.master_key(tmp_path / "other") != key


def test_meilisearch_on_the_path_goes_before_the_embedded_server(tmp_path, monkeypatch):
    program = tmp_path / "bin" / "meilisearch"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    found = engine.search_server(tmp_path / "data", "secret-key")
    assert found.command[0] == str(program)
    assert "secret-key" not in " ".join(found.command)
    assert found.environment == {"MEILI_MASTER_KEY": "secret-key"}
    program.unlink()
    embedded = engine.search_server(tmp_path / "data", "secret-key")
    assert embedded.command[1:3] == ("-m", "meililite")
    assert "secret-key" not in " ".join(embedded.command)


def test_the_search_key_is_not_the_master_key(meili):
    key = engine.search_key(meili.url, meili.key)
    assert key != meili.key
    assert engine.search_key(meili.url, meili.key) == key


def test_a_refused_master_key_is_told(meili):
    with pytest.raises(StartError, match="check MEILI_MASTER_KEY"):
        engine.search_key(meili.url, "not-the-master-key")
