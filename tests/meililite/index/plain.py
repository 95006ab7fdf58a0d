"""What filters, facets and sorts mean, said once more: plainly, and as slowly as it takes."""

import math
import unicodedata
from typing import Any

Document = dict[str, Any]


def key(text: str) -> bytes:
    return unicodedata.normalize("NFKD", text.strip()).lower().encode()


def at(document: Document, path: str) -> list[Any]:
    """Everything that stands at the path, also inside lists of objects."""
    first, _, rest = path.partition(".")
    if first not in document:
        return []
    value = document[first]
    if not rest:
        return [value]
    items = value if isinstance(value, list) else [value]
    return [found for item in items if isinstance(item, dict) for found in at(item, rest)]


def scalars(document: Document, path: str) -> list[float | str]:
    found: list[float | str] = []

    def collect(value: Any) -> None:
        if isinstance(value, list):
            for item in value:
                collect(item)
        elif isinstance(value, bool):
            found.append("true" if value else "false")
        elif isinstance(value, int | float) or (isinstance(value, str) and value):
            found.append(value)

    for value in at(document, path):
        collect(value)
    return found


def number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def equals(value: float | str, text: str) -> bool:
    return key(value) == key(text) if isinstance(value, str) else value == number(text)


def compares(value: float | str, operator: str, text: str) -> bool:
    if isinstance(value, str):
        left: Any = key(value)
        right: Any = key(text)
    else:
        left, right = value, number(text)
        if right is None:
            return False
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[
        operator
    ]


def selects(node: tuple[Any, ...], document: Document) -> bool:
    """Whether a filter, as a tree of tuples, selects the document."""
    kind, *rest = node
    if kind == "AND":
        return all(selects(part, document) for part in rest)
    if kind == "OR":
        return any(selects(part, document) for part in rest)
    if kind == "NOT":
        return not selects(rest[0], document)
    if kind == "_geoRadius":
        place = document.get("_geo")
        return place is not None and distance(place, rest[0], rest[1]) <= rest[2]
    return condition(kind, rest[0], rest[1:], document)


def condition(operator: str, path: str, values: list[Any], document: Document) -> bool:
    here = at(document, path)
    held = scalars(document, path)
    if operator == "EXISTS":
        return bool(here)
    if operator == "IS NULL":
        return any(value is None for value in here)
    if operator == "IS EMPTY":
        return any(value in ("", [], {}) and value is not False for value in here)
    if operator == "=":
        return any(equals(value, values[0]) for value in held)
    if operator == "!=":
        return not any(equals(value, values[0]) for value in held)
    if operator == "IN":
        return any(equals(value, text) for value in held for text in values)
    if operator == "STARTS WITH":
        return any(isinstance(v, str) and key(v).startswith(key(values[0])) for v in held)
    if operator == "CONTAINS":
        return any(isinstance(v, str) and key(values[0]) in key(v) for v in held)
    if operator == "TO":
        return any(within(value, values[0], values[1]) for value in held)
    return any(compares(value, operator, values[0]) for value in held)


def within(value: float | str, low: str, high: str) -> bool:
    if not isinstance(value, str) and (number(low) is None or number(high) is None):
        return False
    return compares(value, ">=", low) and compares(value, "<=", high)


def written(node: tuple[Any, ...]) -> str:
    """The filter as a user writes it."""
    kind, *rest = node
    if kind in ("AND", "OR"):
        return "(" + f" {kind} ".join(written(part) for part in rest) + ")"
    if kind == "NOT":
        return f"NOT ({written(rest[0])})"
    if kind == "_geoRadius":
        return f"_geoRadius({rest[0]}, {rest[1]}, {rest[2]})"
    path, *values = rest
    quoted = ['"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values]
    if kind == "TO":
        return f"{path} {quoted[0]} TO {quoted[1]}"
    if kind == "IN":
        return f"{path} IN [{', '.join(quoted)}]"
    return " ".join([path, kind, *quoted])


def distance(place: dict[str, float], lat: float, lng: float) -> float:
    """Metres by the haversine formula."""
    phi1, phi2 = math.radians(place["lat"]), math.radians(lat)
    step = math.radians(lng - place["lng"])
    a = math.sin((phi2 - phi1) / 2) ** 2
    a += math.cos(phi1) * math.cos(phi2) * math.sin(step / 2) ** 2
    return 2 * 6_371_000 * math.asin(min(1.0, math.sqrt(a)))


def counted(documents: list[Document], path: str) -> dict[str, int]:
    """The distribution of a facet: values of one key together, as the first document writes it."""
    counts: dict[Any, int] = {}
    spelling: dict[Any, str] = {}
    for document in documents:
        mine: dict[Any, str] = {}
        for value in sorted(scalars(document, path), key=str):
            name = key(value) if isinstance(value, str) else float(value)
            mine.setdefault(name, value if isinstance(value, str) else shown(value))
        for name, text in mine.items():
            counts[name] = counts.get(name, 0) + 1
            spelling.setdefault(name, text)
    return {spelling[name]: count for name, count in counts.items()}


def shown(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def sort_key(document: Document, path: str, *, descending: bool) -> tuple[Any, ...]:
    """Numbers before strings before nothing, whichever way."""
    held = scalars(document, path)
    numbers = [value for value in held if not isinstance(value, str)]
    texts = [key(value) for value in held if isinstance(value, str)]
    if numbers:
        return (0, -max(numbers) if descending else min(numbers))
    if texts:
        text = max(texts) if descending else min(texts)
        return (1, (*(-byte for byte in text), 1) if descending else text)
    return (2,)
