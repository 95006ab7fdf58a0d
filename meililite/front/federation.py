"""Federated searches: many queries, one list of hits."""

from __future__ import annotations

from typing import Any

from meililite.errors import ApiError
from meililite.front.http import Answer, Call
from meililite.front.state import State


async def federated_search(
    state: State, call: Call, queries: list[dict[str, Any]], federation: dict[str, Any]
) -> Answer:
    raise ApiError("feature_not_enabled", "todo")
