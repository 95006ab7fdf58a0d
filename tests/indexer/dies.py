"""An indexer that kills itself at its Nth step: `python dies.py N`.

A step is a call of the search server or a transaction of the writer; it dies before it, or after
it with its answer unread: N counts both.
"""

import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from engine.client import Engine
from indexer.__main__ import main
from indexer.lease import Lease

_left = int(sys.argv[1])


def _step() -> None:
    global _left
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)


_call, _transaction = Engine.call, Lease.transaction


async def _dying_call(self: Engine, *args: Any, **options: Any) -> Any:
    _step()
    answer = await _call(self, *args, **options)
    _step()
    return answer


@asynccontextmanager
async def _dying_transaction(self: Lease) -> AsyncIterator[Any]:
    async with _transaction(self) as db:
        yield db
        _step()
    _step()


Engine.call = _dying_call
Lease.transaction = _dying_transaction
sys.exit(main())
