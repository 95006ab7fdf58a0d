"""A search as it was understood: what the parameters mean together."""

from dataclasses import dataclass, field
from typing import Any

from catalog.grid import Box
from catalog.vertical import Sort, Vertical
from service.geography.places import METRES, UNIT, Place
from service.geography.polygons import Shape
from service.http.problems import bad_value
from service.reading.merging import Merged, merge
from service.reading.reader import QueryReader
from service.understanding.applied import applied, words
from service.understanding.paging import FIRST_PAGE, Window, window
from service.understanding.parameters import LONGEST_QUERY, apart, counted, parameters, read


@dataclass(frozen=True)
class Bounds:
    """The limits of a range, both inclusive; None is open."""

    least: int | None
    most: int | None


@dataclass(frozen=True)
class Search:
    """What is looked for in a vertical.

    `chosen` has groups of values of each refined facet: a result has one of each group. It has all
    of the values `required` of a facet and none of those `excluded`. `bounds` are those of each
    refined range; `radius` is in metres, `unit` that of the rings; `zoom` is the level of the map
    that shows `box`, where its clusters are asked for. `wanted` are the facets, ranges and other
    counts to return, `fields` the members of a listing (None for those of a list), `highlight` the
    texts to mark matches in; `applied` and `words` (None where none were read) are what the answer
    shows. `values` are those of the parameters, of which all the rest was made.
    """

    vertical: Vertical
    q: str
    sort: Sort
    chosen: dict[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    required: dict[str, tuple[str, ...]] = field(default_factory=dict)
    excluded: dict[str, tuple[str, ...]] = field(default_factory=dict)
    bounds: dict[str, Bounds] = field(default_factory=dict)
    place: Place | None = None
    radius: float | None = None
    unit: str = UNIT
    box: Box | None = None
    zoom: int | None = None
    polygon: Shape | None = None
    window: Window = FIRST_PAGE
    wanted: tuple[str, ...] = ()
    fields: tuple[str, ...] | None = None
    highlight: tuple[str, ...] = ()
    applied: dict[str, Any] = field(default_factory=dict)
    words: list[dict[str, Any]] | None = None
    values: dict[str, Any] = field(default_factory=dict, compare=False)


class Reader:
    """Reads the URLs of one vertical's searches."""

    def __init__(self, vertical: Vertical) -> None:
        self.vertical = vertical
        self.parameters = parameters(vertical)
        self.queries = QueryReader(vertical)
        self._sorts = {sort.name: sort for sort in vertical.sorts}
        self._ranges = tuple(bound.name for bound in vertical.ranges)
        self._all = counted(vertical)

    def read(self, query: str) -> Search:
        """The search that a URL's query asks for; raises Problem (400) naming the parameter."""
        return self.understand(read(self.parameters, query))

    def understand(self, values: dict[str, Any]) -> Search:
        """The search that the values of parameters ask for; raises Problem where they clash."""
        explicit, excluded = apart(values)
        merged, told = self._understood(explicit, excluded)
        given = merged.given
        place = _place(given)
        sort = self._sort(given, place)
        return Search(
            vertical=self.vertical,
            q=given.get("q", ""),
            sort=sort,
            chosen=self._chosen(merged),
            required=self._required(given),
            excluded=merged.excluded,
            bounds=self._bounds(given),
            place=place,
            radius=_radius(given, place),
            unit=given.get("unit", UNIT),
            box=given.get("bbox"),
            zoom=_zoom(given),
            polygon=given.get("polygon"),
            window=window(given),
            wanted=self._wanted(given),
            fields=_fields(given, place),
            highlight=given.get("highlight", ()),
            applied=applied({**given, "sort": sort.name}, merged.excluded),
            words=told,
            values=values,
        )

    def _understood(
        self, given: dict[str, Any], excluded: dict[str, tuple[str, ...]]
    ) -> tuple[Merged, list[dict[str, Any]] | None]:
        """The parameters with what the words of `q` say, and how that is told."""
        if "q" not in given or given.get("parse") == "off":
            return Merged(given, excluded), None
        asked = self.queries.read(given["q"])
        merged = merge(self.vertical, given, excluded, asked.pieces)
        return merged, words(merged.readings, asked.undo, LONGEST_QUERY)

    def _chosen(self, merged: Merged) -> dict[str, tuple[tuple[str, ...], ...]]:
        """The groups of each facet that has any."""
        names = (name for name in self.vertical.facets if merged.given.get(name))
        return {name: merged.groups.get(name, (merged.given[name],)) for name in names}

    def _required(self, given: dict[str, Any]) -> dict[str, tuple[str, ...]]:
        names = (name for name in self.vertical.facets if f"{name}_all" in given)
        return {name: given[f"{name}_all"] for name in names}

    def _sort(self, given: dict[str, Any], place: Place | None) -> Sort:
        sort = self._sorts[given["sort"]] if "sort" in given else self.vertical.sorts[0]
        if sort.needs_place and place is None:
            raise bad_value("sort", f"sort={sort.name} needs a place: give zip, or lat and lng.")
        return sort

    def _bounds(self, given: dict[str, Any]) -> dict[str, Bounds]:
        bounds = {}
        for name in self._ranges:
            least, most = given.get(f"{name}_min"), given.get(f"{name}_max")
            if least is not None and most is not None and least > most:
                detail = f"{name}_min ({least}) is more than {name}_max ({most}); exchange them."
                raise bad_value(f"{name}_min", detail, parameters=[f"{name}_min", f"{name}_max"])
            if least is not None or most is not None:
                bounds[name] = Bounds(least, most)
        return bounds

    def _wanted(self, given: dict[str, Any]) -> tuple[str, ...]:
        wanted: tuple[str, ...] = given.get("facets", self._all)
        if "none" not in wanted:
            return tuple(name for name in self._all if name in wanted)
        if len(wanted) > 1:
            raise bad_value("facets", "facets=none stands alone; leave out the other names.")
        return ()


def _fields(given: dict[str, Any], place: Place | None) -> tuple[str, ...] | None:
    fields: tuple[str, ...] | None = given.get("fields")
    if fields and "distance" in fields and place is None:
        raise bad_value("fields", "fields=distance needs a place: give zip, or lat and lng.")
    return fields


def _place(given: dict[str, Any]) -> Place | None:
    lat, lng = given.get("lat"), given.get("lng")
    if (lat is None) != (lng is None):
        missing, there = ("lat", "lng") if lat is None else ("lng", "lat")
        raise bad_value(missing, f"{there} needs {missing}: a place has both.")
    if lat is None or lng is None:
        return given.get("zip")
    if "zip" in given:
        raise bad_value("zip", "A place is given by zip or by lat and lng, not by both.")
    return Place(lat, lng)


def _radius(given: dict[str, Any], place: Place | None) -> float | None:
    """The radius in metres, as the engine will be asked for it."""
    for name in ("radius", "unit"):
        if name in given and place is None:
            raise bad_value(name, f"{name} needs a place: give zip, or lat and lng.")
    if "radius" not in given:
        return None
    return float(given["radius"] * METRES[given.get("unit", UNIT)])


def _zoom(given: dict[str, Any]) -> int | None:
    if "zoom" in given and "bbox" not in given:
        raise bad_value("zoom", "zoom needs a bbox: the part of the map that is seen.")
    return given.get("zoom")
