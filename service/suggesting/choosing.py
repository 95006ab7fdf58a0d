"""Which suggestions of several kinds make up one list."""

from collections.abc import Mapping, Sequence

from service.suggesting.suggestion import Found


def choose(found: Mapping[str, Sequence[Found]], most: int) -> list[Found]:
    """At most so many, in the order of their kinds, those with a corrected letter last.

    Each kind that has some gets an equal share of the list; what a kind leaves goes to the others
    in their order.
    """
    rows = [row for row in found.values() if row]
    taken = [0] * len(rows)
    while sum(taken) < most and any(len(row) > took for row, took in zip(rows, taken, strict=True)):
        for number, row in enumerate(rows):
            taken[number] += len(row) > taken[number] and sum(taken) < most
    chosen = [one for row, took in zip(rows, taken, strict=True) for one in row[:took]]
    return sorted(chosen, key=lambda one: one.misspelled)
