"""The loop ends when it is told to, whatever goes wrong at that moment."""

import asyncio

from indexer import loop


async def test_a_failure_at_the_end_does_not_undo_the_end(stage, monkeypatch):
    writing = asyncio.Event()

    async def fail_when_canceled(*_):
        writing.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError as canceled:
            raise OSError("Postgres went away") from canceled

    monkeypatch.setattr(loop, "write", fail_when_canceled)
    task = asyncio.create_task(loop.run(stage.settings))
    async with asyncio.timeout(10):
        await writing.wait()
    task.cancel()
    await asyncio.wait({task}, timeout=5)
    assert task.cancelled()
