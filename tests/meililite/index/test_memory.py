"""Results are kept while there is room."""

import numpy as np

from meililite.index.memory import Memory


def test_a_result_is_made_once() -> None:
    memory = Memory(10_000)
    made = [memory.get(("a",), lambda number=number: number) for number in range(3)]
    assert made == [0, 0, 0]


def test_what_is_not_there_is_not_found() -> None:
    memory = Memory(10_000)
    assert memory.find(("a",)) is None
    memory.get(("a",), lambda: 1)
    assert memory.find(("a",)) == 1


def test_what_was_found_is_in_use() -> None:
    memory = Memory(10_000)
    for name in ("a", "b"):
        memory.get((name,), lambda: np.zeros(3000, np.uint8))
    memory.find(("a",))
    memory.get(("c",), lambda: np.zeros(3000, np.uint8))
    assert [memory.find((name,)) is None for name in "abc"] == [False, True, False]


def test_what_was_not_used_for_longest_goes_first() -> None:
    memory = Memory(10_000)
    for name in ("a", "b"):
        memory.get((name,), lambda: np.zeros(3000, np.uint8))
    memory.get(("a",), lambda: np.ones(3000, np.uint8))
    memory.get(("c",), lambda: np.zeros(3000, np.uint8))
    kept = [int(memory.get((name,), lambda: np.ones(1, np.uint8))[0]) for name in ("a", "c", "b")]
    assert kept == [0, 0, 1]


def test_what_is_too_large_is_kept_alone() -> None:
    memory = Memory(10_000)
    memory.get(("a",), lambda: 1)
    memory.get(("b",), lambda: np.zeros(20_000, np.uint8))
    assert memory.get(("b",), lambda: 2).nbytes == 20_000
    assert memory.get(("a",), lambda: 3) == 3


def test_a_part_of_a_mapped_file_takes_no_room() -> None:
    memory = Memory(10_000)
    whole = np.zeros(50_000, np.uint8)
    for number in range(5):
        memory.get((number,), lambda: whole[:40_000])
    assert memory.get((0,), lambda: None) is not None
