"""What commands ask of the database and of workers; every failure is a sentence and status 1."""

# ruff: noqa: PLC0415 -- what is asked with is imported when it is asked: help is quick

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import typer
from rich.console import Console

T = TypeVar("T")

POLL_SECONDS = 0.5
LONGEST_WAIT = 24 * 3600.0
ENDED = ("done", "failed")
NO_LONGER = "Not waiting any longer; the work goes on."


def failure(sentence: str) -> typer.Exit:
    """Say what went wrong; raise what this returns."""
    Console(stderr=True).print(sentence, style="red", highlight=False, soft_wrap=True)
    return typer.Exit(1)


def ask(question: Callable[[Any], Awaitable[T]]) -> T:
    """What the database answers."""
    import asyncpg

    from catalog.database import connect
    from config.settings import SettingsError, load
    from jobs.requests import RequestError
    from scrapers.sources.breaker import SourcePaused

    async def answer() -> T:
        url = load().database_url
        if not url:
            raise SettingsError("Showroom does not run here: start it with `showroom up`.")
        async with connect(url, max_size=1) as pool:
            return await question(pool)

    try:
        return asyncio.run(answer())
    except (SettingsError, RequestError, SourcePaused) as error:
        raise failure(str(error)) from error
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise failure(
            f"The database does not answer ({error}); is `showroom up` running?"
        ) from error


async def request(pool: Any, kind: str, key: str, once: str | None = None) -> dict[str, Any]:
    """The row of the job that does this; a worker is woken for it."""
    from jobs import reports
    from jobs.requests import ask as ask_for

    asked = await ask_for(pool, kind, key, once=once)
    await ring()
    row = await reports.job(pool, asked.id)
    assert row is not None
    return row


async def ring() -> None:
    """Wake a worker."""
    from config.settings import load
    from jobs.app import Bell

    if redis_url := load().redis_url:
        await asyncio.to_thread(Bell(redis_url).ring)


def wait(
    job_id: int, told: Callable[[dict[str, Any]], str], states: tuple[str, ...] = ENDED
) -> dict[str, Any]:
    """The job's row when it is in one of these states; Ctrl-C leaves it to its worker.

    On a terminal `told` says how far it is by what it publishes of its progress.
    """
    try:
        return ask(lambda pool: _until(pool, job_id, told, states))
    except KeyboardInterrupt:
        typer.echo(NO_LONGER, err=True)
        raise


def result(job_id: int, told: Callable[[dict[str, Any]], str], failed: str) -> dict[str, Any]:
    """What a job came to; where it failed `failed` says of what, and its error why."""
    job = wait(job_id, told)
    if job["state"] == "failed":
        raise failure(f"{failed}: {job['error']}")
    came_to: dict[str, Any] = job["result"]
    return came_to


def dropped(job_id: int) -> str:
    """What is said to whom waits for a job that `showroom jobs drop` has deleted."""
    return f"Job {job_id} was dropped before it began."


async def _until(
    pool: Any, job_id: int, told: Callable[[dict[str, Any]], str], states: tuple[str, ...]
) -> dict[str, Any]:
    with Console(stderr=True).status("waiting for a worker") as status:
        async with asyncio.timeout(LONGEST_WAIT):
            while job := await pool.fetchrow("SELECT * FROM jobs WHERE id = $1", job_id):
                if job["state"] in states:
                    return dict(job)
                if progress := job["progress"]:
                    status.update(told(progress))
                await asyncio.sleep(POLL_SECONDS)
    raise failure(dropped(job_id))
