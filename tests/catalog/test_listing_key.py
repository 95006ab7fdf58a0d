import string
from hashlib import md5

from hypothesis import example, given
from hypothesis import strategies as st

from catalog.cars import listing_key

DOCUMENT_ID = set(string.ascii_letters + string.digits + "-_")


def test_the_vin_is_the_key() -> None:
    assert listing_key("demo", "x1", "1HGCM82633A004352") == "1HGCM82633A004352"


def test_an_offer_without_a_vin_has_a_key_of_its_own() -> None:
    assert listing_key("lot", "A-17", None) == "lot_A-17"


SOURCES = st.from_regex(r"[a-z0-9][a-z0-9-]{0,62}", fullmatch=True)
# Short ids of the characters that keys are made of meet more often than any text would.
IDS = st.text("a0-_ é", min_size=1, max_size=5) | st.text(min_size=1)
OFFERS = st.tuples(SOURCES, IDS) | st.tuples(st.text("a0-", min_size=1, max_size=3), IDS)


@given(OFFERS, OFFERS)
@example(("lot", "2024-001"), ("lot-2024", "001"))
@example(("lot", "ü"), ("lot", "_" + md5("ü".encode()).hexdigest()))
@example(("lot", "ü"), ("lot", md5("ü".encode()).hexdigest()))
def test_a_key_is_a_document_id_and_tells_offers_apart(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    keys = [listing_key(*each, None) for each in (one, other)]
    assert all(set(key) <= DOCUMENT_ID and len(key) <= 200 for key in keys)
    assert (keys[0] == keys[1]) == (one == other)
