"""Work beside the steps of the loop: what takes long, so that changes do not wait for it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


class Beside(Generic[Result]):
    """One piece of work at a time; `wake` is called when it has ended, however it did."""

    def __init__(self, wake: Callable[[], None] = lambda: None) -> None:
        self._wake = wake
        self._task: asyncio.Task[Result] | None = None

    @property
    def busy(self) -> bool:
        """Whether there is work whose result was not taken."""
        return self._task is not None

    @property
    def done(self) -> bool:
        """Whether there is a result to be taken."""
        return self._task is not None and self._task.done()

    def start(self, work: Coroutine[Any, Any, Result]) -> None:
        """Begin; the result of the work before was taken."""
        assert self._task is None
        self._task = asyncio.create_task(work)
        self._task.add_done_callback(lambda _: self._wake())

    def take(self) -> Result:
        """The result of what is done, or what it raised; the next may begin."""
        assert self._task is not None
        task, self._task = self._task, None
        return task.result()

    async def stop(self) -> None:
        """End it where it is; its result is forgotten."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
