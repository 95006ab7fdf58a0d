"""A document that the engine refuses stands alone in the end, and the others arrive."""

import pytest

from indexer.failures import blames_documents

POISON = "no id for an engine!"


@pytest.mark.parametrize(
    ("type_", "code", "blamed"),
    [
        ("invalid_request", "invalid_document_id", True),
        ("invalid_request", "missing_document_id", True),
        ("invalid_request", "index_not_found", False),
        ("invalid_request", "index_primary_key_no_candidate_found", False),
        ("internal", "internal", False),
        ("system", "no_space_left_on_device", False),
        ("auth", "invalid_api_key", False),
        (None, None, False),
    ],
)
def test_the_engines_own_trouble_is_no_documents_fault(type_, code, blamed):
    assert blames_documents({"type": type_, "code": code}) is blamed


async def test_the_bad_one_is_a_dead_letter_and_the_others_arrive(stage):
    keys = [f"K{n}" for n in range(40)]
    async with stage.indexing():
        await stage.settled()
        await stage.add(*keys, POISON)
        await stage.settled()
        assert set(await stage.indexed()) == set(keys)
        dead = await stage.db.fetch("SELECT document, error FROM dead_letters")
        assert [row["document"] for row in dead] == [POISON]
        assert "invalid" in dead[0]["error"]


async def test_a_reindex_passes_with_a_dead_letter(stage):
    await stage.add("A", "B", POISON)
    async with stage.indexing():
        await stage.settled()
        assert set(await stage.indexed()) == {"A", "B"}


async def test_a_dead_letter_is_forgotten_when_its_document_goes(stage):
    await stage.add("A", POISON)
    async with stage.indexing():
        await stage.settled()
        assert await stage.db.fetchval("SELECT count(*) FROM dead_letters") == 1
        await stage.db.execute("DELETE FROM listings WHERE key = $1", POISON)
        await stage.settled()
        assert await stage.db.fetchval("SELECT count(*) FROM dead_letters") == 0
