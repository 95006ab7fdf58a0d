"""What a history of tasks tells: whether the search server is the one that it was."""

from dataclasses import replace
from typing import Any

import pytest

from catalog.cars import CARS
from indexer import generations, rewound

EARLIER, THEN, LATER = (f"2026-01-0{day}T00:00:00.123456789Z" for day in (1, 2, 3))


class History:
    """A search server that has only these tasks: number → when it took them, and their metadata."""

    def __init__(self, tasks: dict[int, str | tuple[str, str | None]]) -> None:
        told = {uid: (at, None) if isinstance(at, str) else at for uid, at in tasks.items()}
        self._tasks = [
            {"uid": uid, "enqueuedAt": at, "customMetadata": metadata}
            for uid, (at, metadata) in sorted(told.items(), reverse=True)
        ]

    async def call(self, _method: str, _path: str, params: dict[str, Any]) -> dict[str, Any]:
        uids = {int(uid) for uid in params["uids"].split(",")} if "uids" in params else None
        found = [
            task
            for task in self._tasks
            if task["uid"] <= params.get("from", task["uid"])
            and (uids is None or task["uid"] in uids)
        ]
        return {"results": found[: params["limit"]], "next": None}


@pytest.fixture
async def lease(stage):
    async with stage.leased() as lease:
        yield lease


@pytest.fixture
async def generation(stage, lease):
    """A generation whose last task was the tenth."""
    async with lease.transaction() as db:
        first = await generations.begin(db, CARS, "view", "settings", None)
    return replace(first, last_task=10, last_task_at=THEN, engine_created_at="born")


@pytest.mark.parametrize(
    "history",
    [
        {10: THEN, 11: LATER},
        {9: EARLIER, 11: LATER},  # somebody deleted it
        {9: THEN, 11: LATER},  # whose neighbor is of the same moment
        {11: LATER},  # and all before it
    ],
)
async def test_a_server_that_goes_on_is_trusted(lease, generation, history):
    await rewound.look(lease, History(history), [generation])


@pytest.mark.parametrize(
    "history",
    [
        {},
        {9: EARLIER},  # a copy of before it
        {9: THEN},  # which is of the same moment
        {10: LATER, 11: LATER},  # another one under its number
        {10: EARLIER, 11: LATER},
        {9: LATER, 11: LATER},  # that one was deleted
    ],
)
async def test_a_server_that_was_put_back_is_not(stage, lease, generation, history):
    with pytest.raises(rewound.Rewound, match="search server was put back"):
        await rewound.look(lease, History(history), [generation])
    assert await generations.followed(stage.db, "cars") == []


@pytest.mark.parametrize("history", [{10: LATER}, {9: LATER, 11: LATER}])
async def test_a_task_whose_time_was_not_kept_is_known_by_its_number(lease, generation, history):
    await rewound.look(lease, History(history), [replace(generation, last_task_at=None)])


async def test_nothing_that_was_done_is_nothing_that_is_missed(lease, generation):
    await rewound.look(lease, History({}), [replace(generation, last_task=-1)])


async def test_tasks_of_others_are_no_batches_of_ours(lease, generation):
    others = {11: (LATER, None), 12: (LATER, "theirs"), 13: (LATER, "another/17")}
    await rewound.look_behind(lease, History(others), [generation])


async def test_a_batch_of_ours_that_nobody_wrote_down_tells_of_an_older_database(lease, generation):
    with pytest.raises(rewound.Rewound, match="database was put back"):
        await rewound.look_behind(lease, History({11: (LATER, "born/17")}), [generation])
    await rewound.look_behind(lease, History({10: (THEN, "born/17")}), [generation])
