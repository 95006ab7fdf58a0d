"""`showroom spellings` against a real database."""

import asyncio
import json

import asyncpg
import pytest
import typer
from typer.testing import CliRunner, Result

from stack.commands import spellings


@pytest.fixture
def told(postgres_url: str, monkeypatch: pytest.MonkeyPatch):
    """`showroom spellings` where a color was seen seven times, and a make three times."""
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    monkeypatch.setenv("MEILI_URL", "http://127.0.0.1:1")
    asyncio.run(_fill(postgres_url))
    app = typer.Typer()
    spellings.register(app)
    app.callback()(lambda: None)

    def tell(*words: str) -> Result:
        return CliRunner().invoke(app, ["spellings", *words])

    return tell


async def _fill(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(
        "DELETE FROM unknown_spellings;"
        "INSERT INTO unknown_spellings (source, field, spelling, seen) VALUES"
        " ('lot', 'color', '[b]Qwx', 7), ('lot', 'make', 'Zorb', 1), ('b', 'make', 'Zorb', 2)"
    )
    await connection.close()


def test_the_commonest_come_first_with_who_writes_them(told) -> None:
    lines = told().stdout.splitlines()
    assert [line.split() for line in lines[1:]] == [
        ["color", "[b]Qwx", "7", "lot"],
        ["make", "Zorb", "3", "b,", "lot"],
    ]


def test_one_field_for_a_script(told) -> None:
    answer = json.loads(told("make", "--json").stdout)
    assert answer == [{"field": "make", "spelling": "Zorb", "seen": 3, "sources": ["b", "lot"]}]


def test_a_field_without_a_vocabulary_is_refused_by_its_name(told) -> None:
    result = told("price")
    assert result.exit_code == 1
    assert "There is no vocabulary of price" in str(result.exception)


def test_where_all_is_understood_it_says_so(told) -> None:
    assert "understood" in told("drivetrain").stdout
