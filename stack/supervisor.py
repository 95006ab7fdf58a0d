"""Starts programs stage by stage, starts again what dies, stops all in the opposite order."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from stack.process import Process, Program, StartError, trim

STEADY_SECONDS = 60.0
"""Who lived this long has recovered: its deaths are counted from one again."""

MOST_DEATHS = 8
FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
LOOK_SECONDS = 0.25


class Supervisor:
    """The processes of a running stack. `tell` is given one line for what people should know."""

    def __init__(self, home: Path, tell: Callable[[str], None]) -> None:
        self._home = home
        self._tell = tell
        self._stages: list[list[Process]] = []

    @property
    def names(self) -> list[str]:
        """The names of the programs that were started."""
        return [process.program.name for stage in self._stages for process in stage]

    async def start(self, programs: Sequence[Program]) -> None:
        """Start these programs together, after those before; StartError if one does not answer."""
        stage = self._stage(programs)
        await asyncio.gather(*(self._start(process) for process in stage))

    def begin(self, programs: Sequence[Program]) -> None:
        """Start these programs and do not wait: `watch` starts again what ends."""
        for process in self._stage(programs):
            process.start()

    async def watch(self) -> None:
        """Start again what ends, until canceled."""
        processes = [process for stage in self._stages for process in stage]
        await asyncio.gather(*(self._keep(process) for process in processes))

    async def stop(self) -> None:
        """Stop everything, last stage first; bounded by the programs' graces."""
        for stage in reversed(self._stages):
            for process in stage:
                process.ask_to_stop()
            await asyncio.gather(*(asyncio.to_thread(process.stop) for process in stage))

    def _stage(self, programs: Sequence[Program]) -> list[Process]:
        stage = [Process(program, self._home) for program in programs]
        self._stages.append(stage)
        return stage

    @staticmethod
    async def _start(process: Process) -> None:
        process.start()  # in this thread: once everything is stopped no start comes late
        await asyncio.to_thread(process.wait_ready)

    async def _keep(self, process: Process) -> None:
        deaths = 0
        name, log = process.program.name, process.log
        while True:
            since = time.monotonic()
            await _end_of(process)
            deaths = 1 if time.monotonic() - since > STEADY_SECONDS else deaths + 1
            if deaths > MOST_DEATHS:
                break
            delay = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** (deaths - 1))
            self._tell(f"{name} ended and is started again in {delay:g} s (read {log}).")
            await asyncio.sleep(delay)
            try:
                await self._start(process)
            except StartError as error:
                self._tell(str(error))
                await asyncio.to_thread(process.stop)
        self._tell(
            f"{name} ended {deaths} times and is not started again: "
            f"read {log}, then run `showroom down` and `showroom up`."
        )


async def _end_of(process: Process) -> None:
    """Wait until the process has ended; meanwhile keep its log bounded."""
    while process.alive:
        await asyncio.sleep(LOOK_SECONDS)
        trim(process.log)
