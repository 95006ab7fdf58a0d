"""The loop ends when it is told to, and pauses only while there is nothing to do."""

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


async def test_it_does_not_pause_when_what_was_beside_its_steps_is_done(stage, monkeypatch):
    async def read_for_ever(*_):
        await asyncio.Event().wait()

    monkeypatch.setattr(loop, "PAUSE_SECONDS", (60.0, 60.0))
    monkeypatch.setattr("indexer.documents.read_range", read_for_ever)
    async with stage.leased() as lease:
        writer = stage.writer(lease)
        while not await stage.db.fetchval("SELECT EXISTS (SELECT FROM generations)"):
            await writer.step()
        stepped = asyncio.Semaphore(0)
        step = writer.step

        async def count_steps():
            stepped.release()
            return await step()

        monkeypatch.setattr(writer, "step", count_steps)
        running = asyncio.create_task(writer.run())
        async with asyncio.timeout(30):
            await stepped.acquire()
            await stepped.acquire()  # when the index is made
        running.cancel()
        await asyncio.wait({running}, timeout=5)
