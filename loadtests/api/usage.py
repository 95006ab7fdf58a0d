"""The processor time of each kind of process below this one."""

import psutil

KINDS = {
    "-m service": "API",
    "spawn_main": "API",
    "meililite": "search server",
    "meilisearch": "search server",
    "-m indexer": "indexer",
    "valkey": "Valkey",
    "postgres": "Postgres",
    "trivial": "trivial server",
}


def cpu() -> dict[str, float]:
    """Seconds (user and system) so far of this process (`client`) and of those it started."""
    own = psutil.Process()
    spent = {"client": _seconds(own)}
    for process in own.children(recursive=True):
        try:
            line = " ".join(process.cmdline())
            kind = next((kind for sign, kind in KINDS.items() if sign in line), None)
            if kind:
                spent[kind] = spent.get(kind, 0.0) + _seconds(process)
        except psutil.Error:
            continue  # it ended between two looks
    return spent


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def told(before: dict[str, float], seconds: float) -> str:
    """What was used since, in cores, the most first: `API 1.10, client 0.40`."""
    used = {kind: (now - before.get(kind, 0.0)) / seconds for kind, now in cpu().items()}
    ordered = sorted(used.items(), key=lambda pair: -pair[1])
    return ", ".join(f"{kind} {cores:.2f}" for kind, cores in ordered if cores >= 0.01)
