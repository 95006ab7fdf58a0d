import string

from hypothesis import given
from hypothesis import strategies as st

from catalog.cars import listing_key

DOCUMENT_ID = set(string.ascii_letters + string.digits + "-_")


def test_the_vin_is_the_key() -> None:
    assert listing_key("demo", "x1", "1HGCM82633A004352") == "1HGCM82633A004352"


def test_an_offer_without_a_vin_has_a_key_of_its_own() -> None:
    assert listing_key("lot", "A-17", None) == "lot-A-17"


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_key_is_a_document_id_and_tells_offers_apart(one: str, other: str) -> None:
    keys = [listing_key("lot", each, None) for each in (one, other)]
    assert all(set(key) <= DOCUMENT_ID and len(key) <= 511 for key in keys)
    assert (keys[0] == keys[1]) == (one == other)
