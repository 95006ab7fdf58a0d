"""The API's process: `python -m service`."""

import sys
from contextlib import nullcontext

from config import log
from config.settings import Settings, SettingsError, load
from service.metrics import ledger
from service.supervisor import WorkersError, listen, supervise
from service.worker import start


def main() -> int:
    """Serve until SIGTERM; the exit status, 1 after a sentence on standard error."""
    try:
        run(load(meili_master_key=None))  # searches need no key that writes
    except (SettingsError, WorkersError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def run(settings: Settings) -> None:
    if settings.meili_url is None:
        raise SettingsError("MEILI_URL is not set: start everything with `showroom up`.")
    log.configure(settings.log_level)
    # Without a key nobody can ask for the numbers of all workers: none tells its own.
    told = ledger.opened(settings.home, settings.port) if settings.admin_key else nullcontext()
    with listen(settings.host, settings.port) as listener, told as folder:
        supervise(lambda place: start(settings, listener, folder, place), settings.workers)


if __name__ == "__main__":
    sys.exit(main())
