"""Readings and parameters together: what is given explicitly wins over what was read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.vertical import Vertical
from catalog.words import Meaning
from service.geography.places import METRES
from service.reading.found import OUT
from service.reading.pieces import Piece

PLACE = ("zip", "lat", "lng")
DISTANCE = ("radius", "unit")


@dataclass(frozen=True, slots=True)
class Reading:
    """A piece with what it does to the search: `applied` are the parameters that it gives.

    `overruled` are those that something else says already, explicitly or in words before it;
    `needs` are parameters without which it does nothing.
    """

    piece: Piece
    applied: dict[str, Any] = field(default_factory=dict)
    overruled: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Merged:
    """A search's parameters after reading: `q` is the text that is left.

    `groups` has, for a facet of which one thing has several values, the values of each reading
    and of the parameter: one of each group must hold. `excluded` has the values of facets that
    parameters and readings leave out.
    """

    given: dict[str, Any]
    excluded: dict[str, tuple[str, ...]] = field(default_factory=dict)
    groups: dict[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    readings: tuple[Reading, ...] = ()


def merge(
    vertical: Vertical,
    given: Mapping[str, Any],
    excluded: Mapping[str, tuple[str, ...]],
    pieces: Iterable[Piece],
) -> Merged:
    """The parameters of a search whose `q` was read as these pieces. Never refuses anything."""
    merging = _Merging(vertical, given, excluded)
    pieces = tuple(pieces)
    taken = [merging.take(piece) for piece in pieces]
    merging.assume(pieces, taken)
    readings = tuple(
        merging.settle(piece, applied, overruled)
        for piece, (applied, overruled) in zip(pieces, taken, strict=True)
    )
    groups = {name: tuple(values) for name, values in merging.groups.items()}
    return Merged(_with_text(merging.given, pieces), merging.excluded, groups, readings)


def _with_text(given: dict[str, Any], pieces: tuple[Piece, ...]) -> dict[str, Any]:
    """The parameters with the text that is left as `q`; a query of text alone stays as it is."""
    if all(piece.meaning is None for piece in pieces):
        return given
    text = " ".join(piece.words for piece in pieces if piece.meaning is None)
    rest = {name: value for name, value in given.items() if name != "q"}
    return {**rest, "q": text} if text else rest


Taken = tuple[dict[str, Any], tuple[str, ...]]
"""What a reading gives, and the names of what it cannot."""


class _Merging:
    def __init__(
        self,
        vertical: Vertical,
        given: Mapping[str, Any],
        excluded: Mapping[str, tuple[str, ...]],
    ) -> None:
        self.vertical = vertical
        self.explicit = frozenset(given)
        self.given = dict(given)
        self.excluded = dict(excluded)
        self.facets = frozenset(vertical.facets)
        self.together = vertical.words().together
        self.groups: dict[str, list[tuple[str, ...]]] = {
            name: [given[name]] for name in self.together if given.get(name)
        }
        self.needing = {sort.name for sort in vertical.sorts if sort.needs_place}

    def take(self, piece: Piece) -> Taken:
        """Put into `given` what a piece means and nothing before it says."""
        applied: dict[str, Any] = {}
        overruled = []
        if piece.meaning and OUT in piece.meaning:
            return self._leave_out(piece.meaning[OUT])
        meaning = self._in_given_unit(piece.meaning or {})
        elsewhere = self._placed() and "zip" in meaning
        for name, value in meaning.items():
            if self._is_free(name, value) and not (elsewhere and name in (*PLACE, *DISTANCE)):
                applied[name] = value
            else:
                overruled.append(name)
        for name, value in applied.items():
            self._put(name, value)
        return applied, tuple(overruled)

    def _leave_out(self, denied: Meaning) -> Taken:
        free = {name: values for name, values in denied.items() if self._is_free(name, values)}
        for name, values in free.items():
            self.excluded[name] = tuple(dict.fromkeys((*self.excluded.get(name, ()), *values)))
        return ({OUT: free} if free else {}), tuple(name for name in denied if name not in free)

    def _in_given_unit(self, meaning: Mapping[str, Any]) -> Mapping[str, Any]:
        """A distance in the unit that is given, where one is: words say theirs."""
        if "unit" not in self.explicit or "radius" not in meaning:
            return meaning
        metres = meaning["radius"] * METRES[meaning["unit"]]
        rest = {name: value for name, value in meaning.items() if name not in DISTANCE}
        return {**rest, "radius": round(metres / METRES[self.given["unit"]], 1)}

    def _placed(self) -> bool:
        return any(name in self.given for name in PLACE)

    def _is_free(self, name: str, value: Any) -> bool:
        if name in self.together:
            return True
        if name in self.facets:
            return name not in self.explicit
        if name in DISTANCE:
            return "radius" not in self.given
        return name not in self.given and self._agrees(name, value)

    def _agrees(self, name: str, value: Any) -> bool:
        """Whether a bound leaves anything between itself and the one on the other side."""
        base, _, side = name.rpartition("_")
        if side == "min":
            return bool(value <= self.given.get(f"{base}_max", value))
        if side == "max":
            return bool(value >= self.given.get(f"{base}_min", value))
        return True

    def _put(self, name: str, value: Any) -> None:
        if name in self.facets:
            self.given[name] = tuple(dict.fromkeys((*self.given.get(name, ()), *value)))
        else:
            self.given[name] = value
        if name in self.together:
            self.groups.setdefault(name, []).append(value)

    def assume(self, pieces: Iterable[Piece], taken: list[Taken]) -> None:
        """Let a place that was read reach as far as it assumes, where nothing says how far."""
        for piece, (applied, _) in zip(pieces, taken, strict=True):
            free = "radius" not in self.given
            if free and any(name in applied for name in PLACE):
                assumed = self._in_given_unit(piece.assumed)
                applied.update(assumed)
                self.given.update(assumed)

    def settle(self, piece: Piece, applied: dict[str, Any], overruled: tuple[str, ...]) -> Reading:
        """The reading, without what makes no sense for lack of a place."""
        if self._placed():
            return Reading(piece, applied, overruled)
        lost = [name for name in applied if name in DISTANCE]
        if applied.get("sort") in self.needing:
            lost.append("sort")
        for name in lost:
            del applied[name]
            self.given.pop(name, None)
        return Reading(piece, applied, overruled, ("zip",) if lost else ())
