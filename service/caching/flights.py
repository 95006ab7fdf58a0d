"""Single flight: equal questions that are asked at once are answered by one call."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Flight(Generic[Answer]):
    """One call under way and those who wait for it; it is dropped when the last of them left."""

    def __init__(self, call: Awaitable[Answer]) -> None:
        self.began = asyncio.get_running_loop().time()
        self.task = asyncio.ensure_future(call)
        self._waiting = 0
        self._wanted = False

    async def result(self) -> Answer:
        """What the call gives or raises; several may wait, each may be canceled alone."""
        self._waiting += 1
        try:
            return await asyncio.shield(self.task)
        finally:
            self._waiting -= 1
            if not self._waiting and not self._wanted:
                self.task.cancel()

    def may_be_joined(self, within: float) -> bool:
        """Whether it began at most so many seconds ago and is not about to be dropped."""
        young = self.task.get_loop().time() - self.began <= within
        return young and not self.task.cancelling()

    def go_on(self) -> None:
        """Let the call end though nobody waits for it: its answer will be kept."""
        self._wanted = True


class Flights(Generic[Answer]):
    """The calls under way by what they ask."""

    def __init__(self) -> None:
        self._open: dict[Hashable, Flight[Answer]] = {}

    def __len__(self) -> int:
        return len(self._open)

    def join(
        self,
        question: Hashable,
        call: Callable[[], Awaitable[Answer]],
        within: float = float("inf"),
    ) -> tuple[Flight[Answer], bool]:
        """The call for this question and whether it is a new one.

        One that began more than `within` seconds ago is left to those who wait for it.
        """
        flight = self._open.get(question)
        if flight is not None and flight.may_be_joined(within):
            return flight, False
        flight = Flight(call())
        self._open[question] = flight
        flight.task.add_done_callback(lambda _: self._land(question, flight))
        return flight, True

    def _land(self, question: Hashable, flight: Flight[Answer]) -> None:
        if self._open.get(question) is flight:
            del self._open[question]
        if not flight.task.cancelled():
            flight.task.exception()  # seen: whoever waited was told, and there may be nobody left
