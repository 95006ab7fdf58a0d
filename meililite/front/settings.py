"""Routes of settings: all of them, and each by itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from meililite.features import require
from meililite.front.http import Answer, Call, answer
from meililite.front.router import Router
from meililite.front.state import State
from meililite.registry.tasks import NewTask
from meililite.shapes import settings
from meililite.shapes.settings import GUARDED, SETTINGS, Settings

_Handler = Callable[[Call], Awaitable[Answer]]


class SettingsRoutes:
    def __init__(self, state: State) -> None:
        self._state = state

    def register(self, router: Router) -> None:
        base = "/indexes/{index_uid}/settings"
        router.add("GET", base, "settings.get", self.get)
        router.add("PATCH", base, "settings.update", self.update)
        router.add("DELETE", base, "settings.update", self.reset)
        for name, setting in SETTINGS.items():
            path = f"{base}/{setting.route}"
            router.add("GET", path, "settings.get", self._getter(name))
            router.add(setting.verb, path, "settings.update", self._setter(name))
            router.add("DELETE", path, "settings.update", self._resetter(name))

    async def get(self, call: Call) -> Answer:
        raw = self._state.indexes.find(call.index_uid).settings
        return answer(settings.view(raw, self._state.features))

    async def update(self, call: Call) -> Answer:
        return await self._enqueue(call, settings.update(await call.json()))

    async def reset(self, call: Call) -> Answer:
        return await self._enqueue(call, settings.reset(), deletion=True)

    def _getter(self, name: str) -> _Handler:
        async def get(call: Call) -> Answer:
            raw = self._state.indexes.find(call.index_uid).settings
            if name in GUARDED:
                return answer(raw.get(name, SETTINGS[name].default))
            return answer(settings.view(raw)[name])

        return get

    def _setter(self, name: str) -> _Handler:
        async def update(call: Call) -> Answer:
            return await self._enqueue(call, settings.update_one(name, await call.json()))

        return update

    def _resetter(self, name: str) -> _Handler:
        async def reset(call: Call) -> Answer:
            return await self._enqueue(call, {name: None}, deletion=True)

        return reset

    async def _enqueue(self, call: Call, given: Settings, *, deletion: bool = False) -> Answer:
        uid = call.index_uid
        for name, feature in GUARDED.items():
            if given.get(name) is not None:
                doing = f"setting `{name}` in the index settings"
                require(self._state.features, feature, doing)
        arguments = {
            "settings": given,
            "createIndex": not deletion and call.permission.creates(uid),
        }
        task = NewTask("settingsUpdate", uid, settings.details(given), arguments)
        return answer(await self._state.enqueue(task), status=202)
