"""What SQL says of a search, from the tables alone: none of it is shared with what it checks."""

from typing import Any

import asyncpg

from tests.service.truth.searches import METRES, RANGES, Asked

CARS = """
SELECT l.*, d.name AS dealer, coalesce(l.lat, d.lat) AS north, coalesce(l.lng, d.lng) AS east
FROM listings l LEFT JOIN dealers d ON d.id = l.dealer_id WHERE l.active
"""

# https://en.wikipedia.org/wiki/Haversine_formula, on a sphere of 6,371 km
DISTANCE = """2 * 6371000 * asin(least(1, sqrt(
    sin(radians(north - {0}) / 2) ^ 2
    + cos(radians(north)) * cos(radians({0})) * sin(radians(east - {1}) / 2) ^ 2)))"""

# https://wiki.openstreetmap.org/wiki/Slippy_map_tilenames#Mathematics
CELL = """floor((east + 180) / 360 * 2 ^ {0})::int AS x,
    floor((1 - ln(tan(radians(north)) + 1 / cos(radians(north))) / pi()) / 2 * 2 ^ {0})::int AS y"""

RINGS = {"mi": (10, 25, 50, 100, 250), "km": (20, 50, 100, 200, 400)}
STARTS = {
    "year": (*range(1900, 2101),),
    "price": (
        *range(0, 100_000, 1000),
        *range(100_000, 200_000, 5000),
        *range(200_000, 500_001, 25_000),
    ),
    "mileage": (*range(0, 200_000, 5000), *range(200_000, 300_001, 10_000)),
}

Rows = list[Any]


class Truth:
    """The counts of one search."""

    def __init__(self, db: asyncpg.Pool, asked: Asked) -> None:
        self.db = db
        self.asked = asked
        self.conditions = {**_of_facets(asked), **_of_ranges(asked), **_of_places(asked)}
        if asked.q:
            self.conditions["q"] = rf"title ~ '\m{asked.q}\M'"

    async def _rows(self, query: str, without: str = "") -> Rows:
        """The rows of a query over `found`: the cars that pass all filters but one."""
        kept = [clause for name, clause in self.conditions.items() if name != without]
        where = " AND ".join(kept) or "true"
        found: Rows = await self.db.fetch(
            f"WITH cars AS ({CARS}), found AS (SELECT * FROM cars WHERE {where}) {query}"
        )
        return found

    async def total(self) -> int:
        return int((await self._rows("SELECT count(*) FROM found"))[0][0])

    async def facet(self, name: str) -> list[dict[str, Any]]:
        """Values and counts as the answer lists them."""
        values = "found, unnest(features) AS value" if name == "feature" else "found"
        value = "value" if name == "feature" else name
        counted = await self._rows(
            f"SELECT {value}, count(DISTINCT key) FROM {values} WHERE {value} IS NOT NULL"
            f' GROUP BY 1 ORDER BY 2 DESC, {value} COLLATE "C"',
            without=name,
        )
        return [{"value": value, "count": count} for value, count in counted]

    async def range(self, name: str) -> dict[str, Any]:
        """Ends and histogram as the answer has them."""
        starts = STARTS[name]
        rows = await self._rows(
            f"SELECT width_bucket({name}, ARRAY{[*starts]}) - 1, count(*), min({name}), max({name})"
            f" FROM found WHERE {name} IS NOT NULL GROUP BY 1 ORDER BY 1",
            without=name,
        )
        if not rows:
            return {"min": None, "max": None, "histogram": []}
        counts = {place: count for place, count, _, _ in rows}
        ends = (*(start - 1 for start in starts[1:]), None)
        spans = [
            {"min": starts[place], "max": ends[place], "count": counts.get(place, 0)}
            for place in range(rows[0][0], rows[-1][0] + 1)
        ]
        return {"min": rows[0][2], "max": rows[-1][3], "histogram": spans}

    async def rings(self) -> list[dict[str, Any]] | None:
        """Counts around the place, None where there is none."""
        if self.asked.place is None:
            return None
        unit = self.asked.unit
        far = DISTANCE.format(*self.asked.place)
        counts = ", ".join(
            f"count(*) FILTER (WHERE {far} <= {_metres(radius, unit)})" for radius in RINGS[unit]
        )
        (row,) = await self._rows(f"SELECT {counts} FROM found", without="radius")
        return [
            {"radius": radius, "unit": unit, "count": count}
            for radius, count in zip(RINGS[unit], row, strict=True)
        ]

    async def cells(self, level: int) -> Rows:
        """(x, y, count, mean and extreme places) of each cell of a level of the map's tiles."""
        return await self._rows(
            f"SELECT {CELL.format(level)}, count(*), avg(north) AS lat, avg(east) AS lng,"
            " min(north) AS south, max(north) AS north, min(east) AS west, max(east) AS east"
            " FROM found WHERE found.north IS NOT NULL GROUP BY 1, 2"
        )


def _metres(radius: float, unit: str) -> float:
    return round(radius * METRES[unit], 1)


def _of_facets(asked: Asked) -> dict[str, str]:
    clauses: dict[str, list[str]] = {}
    for name, values in asked.some.items():
        clauses.setdefault(name, []).append(f"{_column(name)} && {_texts(values)}")
    for name, values in asked.none.items():
        clauses.setdefault(name, []).append(f"NOT {_column(name)} && {_texts(values)}")
    conditions = {name: " AND ".join(parts) for name, parts in clauses.items()}
    if asked.all_features:
        conditions["all"] = f"features @> {_texts(asked.all_features)}"
    return conditions


def _column(name: str) -> str:
    """The values of a facet as an array, without null."""
    return "features" if name == "feature" else f"array_remove(ARRAY[{name}], NULL)"


def _texts(values: list[str]) -> str:
    quoted = ("'" + value.replace("'", "''") + "'" for value in values)
    return f"ARRAY[{', '.join(quoted)}]::text[]"


def _of_ranges(asked: Asked) -> dict[str, str]:
    assert set(asked.bounds) <= set(RANGES)
    conditions = {}
    for name, (least, most) in asked.bounds.items():
        sides = [] if least is None else [f"{name} >= {least}"]
        sides += [] if most is None else [f"{name} <= {most}"]
        conditions[name] = " AND ".join(sides)
    return conditions


def _of_places(asked: Asked) -> dict[str, str]:
    conditions = {}
    if asked.place and asked.radius:
        far = DISTANCE.format(*asked.place)
        conditions["radius"] = f"{far} <= {_metres(asked.radius, asked.unit)}"
    if asked.box:
        west, south, east, north = asked.box
        across = f"east BETWEEN {west} AND {east}"
        if west > east:
            across = f"(east >= {west} OR east <= {east})"
        conditions["box"] = f"north BETWEEN {south} AND {north} AND {across}"
    return conditions
