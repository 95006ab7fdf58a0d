"""The search server as the sender sees it: its key may write documents, and create no index.

A request that arrives after its index was deleted makes no new one then. The key has a fixed uid,
from which the engine derives it: nothing has to be kept.
"""

import logging
import uuid
from typing import Any

from catalog.vertical import Vertical
from engine.client import Engine, EngineError

log = logging.getLogger(__name__)

ACTIONS = ["documents.add", "documents.delete", "tasks.get"]
NAMESPACE = uuid.UUID("6a4ac2f5-2f7c-4c43-9c4b-0f5ad3d7c6c1")

# The server has no master key, so everything is open; or ours may not make keys.
_NO_KEYS = ("missing_master_key", "invalid_api_key")


class SendingEngine(Engine):
    """Asks for the sender's key when it is first used, and again when the server forgot it."""

    def __init__(self, engine: Engine, key: str | None, vertical: Vertical) -> None:
        super().__init__(engine.url, key)
        self.measures = engine.measures
        self._engine = engine
        self._index = vertical.index
        self._has_key = False

    async def call(self, method: str, path: str, **options: Any) -> Any:
        """As `Engine.call`, with the sender's key."""
        if not self._has_key:
            key = await sender_key(self._engine, self._index)
            if key is not None:
                self.use_key(key)
            self._has_key = True
        try:
            return await super().call(method, path, **options)
        except EngineError as error:
            if error.code == "invalid_api_key":
                self._has_key = False
            raise


async def sender_key(engine: Engine, index: str) -> str | None:
    """The key for an index and its generations, made if it is not there.

    None where the server has no keys, or the one that is configured may not make any: then that
    one sends.
    """
    uid = str(uuid.uuid5(NAMESPACE, index))
    wanted = {"actions": ACTIONS, "indexes": [index, f"{index}_g*"]}
    try:
        found = await _find(engine, uid)
        if found is not None and any(sorted(found[name]) != wanted[name] for name in wanted):
            await engine.call("DELETE", f"/keys/{uid}")  # of another version of Showroom
            found = None
        if found is None:
            name = f"Showroom: sends documents of {index}"
            body = {"uid": uid, "name": name, "expiresAt": None, **wanted}
            found = await engine.call("POST", "/keys", json=body)
    except EngineError as error:
        if error.code not in _NO_KEYS:
            raise
        log.info("Documents of %s are sent with the configured key: %s", index, error.message)
        return None
    return str(found["key"])


async def _find(engine: Engine, uid: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = await engine.call("GET", f"/keys/{uid}")
    except EngineError as error:
        if error.code == "api_key_not_found":
            return None
        raise
    return found
