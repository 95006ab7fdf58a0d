"""The one way to the search server: every call goes through here and is measured."""

from engine.client import Engine, EngineAway, EngineError

__all__ = ["Engine", "EngineAway", "EngineError"]
