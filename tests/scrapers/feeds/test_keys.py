"""Keys: the same row is the same offer at the next import, and two cars are two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.feeds.drafts import IDENTIFYING
from scrapers.feeds.keys import Keys
from scrapers.normalise import Refused

CHANGING = ("price", "msrp", "description", "condition")
said = st.dictionaries(
    st.sampled_from(sorted({*IDENTIFYING, *CHANGING} - {"vin", "stock_number"})),
    st.text(alphabet="abc 123", min_size=1, max_size=6),
    min_size=1,
)


def keys_of(rows: list[dict[str, str]]) -> list[str]:
    with Keys() as keys:
        return [keys.key(row) for row in rows]


@given(st.lists(said, max_size=12))
def test_keys_of_a_file_are_distinct_and_stable(rows: list[dict[str, str]]) -> None:
    keys = keys_of(rows)
    assert len(set(keys)) == len(rows)
    assert keys_of(rows) == keys


@given(said, st.text(), st.text())
def test_what_changes_while_a_car_is_on_sale_is_not_in_its_key(
    row: dict[str, str], price: str, description: str
) -> None:
    changed = row | {"price": price, "description": description}
    assert keys_of([row]) == keys_of([changed])


@given(said, st.sampled_from(["mileage", "exterior_color", "url"]))
def test_another_car_has_another_key(row: dict[str, str], name: str) -> None:
    assert keys_of([row | {name: "777"}]) != keys_of([row | {name: "778"}])


def test_the_order_of_columns_does_not_matter() -> None:
    row = {"make": "Kia", "year": "2020", "mileage": "9"}
    assert keys_of([row]) == keys_of([dict(reversed(row.items()))])


def test_own_id_then_vin_then_stock_number_then_digest() -> None:
    row = {"id": "7", "vin": "1hgcm82633a004352", "stock_number": "A1", "make": "Kia"}
    found = []
    for name in ("", "id", "vin", "stock_number"):
        row = {key: value for key, value in row.items() if key != name}
        found += keys_of([row])
    assert found[:3] == ["7", "1HGCM82633A004352", "A1"]
    assert len(found[3]) == 24


def test_stock_numbers_are_the_dealers() -> None:
    rows = [{"stock_number": "A1", "dealer_name": name} for name in ("Smith", "Jones")]
    assert keys_of(rows) == ["Smith-A1", "Jones-A1"]


def test_an_id_stands_once_but_a_vin_may_come_again() -> None:
    vin = "1HGCM82633A004352"
    assert keys_of([{"vin": vin}] * 3) == [vin, f"{vin}-2", f"{vin}-3"]
    with pytest.raises(Refused) as refused:
        keys_of([{"id": "7", "make": "Kia"}, {"id": " 7 ", "make": "VW"}])
    assert refused.value.code == "key/repeated"
