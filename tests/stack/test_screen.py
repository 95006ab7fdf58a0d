import asyncio
import io

import pytest
from rich.console import Console

from config.settings import load
from stack import screen as module
from stack.overview import Overview, Part
from stack.screen import Lines, Terminal

SEEN = Overview(True, 7, "http://127.0.0.1:8000", [Part("api", "running", "here", 8)])


@pytest.fixture
def looks(monkeypatch):
    """How often the stack was looked at; each look finds the same."""
    counted = []

    async def look(settings):
        counted.append(settings)
        return SEEN

    monkeypatch.setattr(module, "overview", look)
    monkeypatch.setattr(module, "REFRESH_SECONDS", 0.01)
    return counted


async def test_a_pipe_gets_each_line_once_with_its_time(looks):
    said = io.StringIO()
    lines = Lines(Console(file=said, width=60))
    lines.doing("starting the servers")
    lines.tell("a [bracket] and " + "a long line " * 20)
    await lines.show(load())
    written = said.getvalue().splitlines()
    assert written[0][2] == written[0][5] == ":"
    assert written[0].endswith(" starting the servers …")
    assert "a [bracket] and" in written[1]
    assert written[1].endswith("a long line ")
    assert "\x1b" not in said.getvalue()
    assert said.getvalue().count("Open http://127.0.0.1:8000") == 1
    assert len(looks) == 1


async def test_a_terminal_is_kept_fresh_until_canceled_and_left_clean(looks):
    said = io.StringIO()
    terminal = Terminal(Console(file=said, width=60, force_terminal=True))
    terminal.doing("starting the servers")
    terminal.tell("postgres was left over")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(terminal.show(load()), 0.5)
    terminal.doing("stopping")
    terminal.close()
    terminal.close()
    assert len(looks) > 2
    assert "postgres was left over" in said.getvalue()
    hidden, shown = said.getvalue().rfind("\x1b[?25l"), said.getvalue().rfind("\x1b[?25h")
    assert 0 <= hidden < shown  # the cursor is there again
