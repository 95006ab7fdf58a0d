"""The process `python -m indexer`: ends cleanly on SIGTERM and SIGINT."""

import asyncio
import contextlib
import signal
import sys

from config import log
from config.settings import Settings, SettingsError, load
from indexer.loop import run
from indexer.settings import SettingsFileError

NEEDED = {
    "database_url": "DATABASE_URL",
    "redis_url": "REDIS_URL",
    "meili_url": "MEILI_URL",
}

ASK_AGAIN_SECONDS = 2.0


def _configured() -> Settings:
    """The settings; SettingsError when one that the indexer needs is missing."""
    settings = load()
    missing = [variable for name, variable in NEEDED.items() if not getattr(settings, name)]
    if missing:
        raise SettingsError(
            f"The indexer needs {', '.join(missing)}: set what is missing, or start `showroom up`."
        )
    return settings


async def _until_stopped(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT. Asked again every two seconds: a cancellation can get lost."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    work = asyncio.create_task(run(settings))
    asked = asyncio.create_task(stopped.wait())
    await asyncio.wait({work, asked}, return_when=asyncio.FIRST_COMPLETED)
    while not work.done():
        work.cancel()
        await asyncio.wait({work}, timeout=ASK_AGAIN_SECONDS)
    asked.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await work


def main() -> int:
    """Run until a signal; 1 when the settings cannot be used."""
    try:
        settings = _configured()
        log.configure(settings.log_level)
        asyncio.run(_until_stopped(settings))
    except (SettingsError, SettingsFileError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
