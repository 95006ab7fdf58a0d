"""Random documents with the dirt that real ones have."""

from typing import Any

from hypothesis import strategies as st

WORDS = ["Toyota", "toyota", "TOYOTA", "Café", "cafe", "kia", "Kia Rio", "BMW X5", "x5", "Zoë", ""]
NUMBERS = [-3, 0, 1, 1.5, 2, 7, 10, 2020, 2021.25, 1e7]
PATHS = ["make", "price", "tags", "dealer.name", "dealer.rating", "flag"]

word = st.sampled_from(WORDS)
number = st.sampled_from(NUMBERS)
scalar = st.one_of(word, number, st.booleans(), st.none())
place = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {
            "lat": st.floats(-89, 89).map(lambda value: round(value, 3)),
            "lng": st.floats(-180, 180).map(lambda value: round(value, 3)),
        }
    ),
)
fields = st.fixed_dictionaries(
    {},
    optional={
        "make": scalar,
        "price": st.one_of(number, number, word, st.none()),
        "tags": st.one_of(st.lists(st.one_of(word, number, st.none()), max_size=4), st.none()),
        "flag": st.booleans(),
        "title": st.lists(st.sampled_from(["red", "blue", "fast", "car", "truck"]), max_size=4).map(
            " ".join
        ),
        "dealer": st.one_of(
            st.just({}),
            st.fixed_dictionaries({}, optional={"name": scalar, "rating": number}),
            st.lists(st.fixed_dictionaries({"name": scalar}), max_size=2),
        ),
        "_geo": place,
    },
)

SETTINGS: dict[str, Any] = {
    "filterableAttributes": ["make", "price", "tags", "dealer", "flag", "_geo", "id"],
    "sortableAttributes": ["make", "price", "tags", "dealer.rating", "id", "_geo"],
    "searchableAttributes": ["title", "make", "tags"],
    "pagination": {"maxTotalHits": 1000},
}


# A condition on a field that no document ever had selects nothing, not even with `!=`.
EVERY_FIELD = {
    "make": "Seat",
    "price": 5,
    "tags": ["x"],
    "flag": True,
    "title": "red",
    "dealer": {"name": "Ann", "rating": 3},
}


def numbered(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"id": number, **item} for number, item in enumerate([EVERY_FIELD, *items])]


documents = st.lists(fields, max_size=12).map(numbered)
