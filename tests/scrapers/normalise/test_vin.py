"""Vehicle identification numbers."""

from datetime import UTC, datetime

import pytest
import ultravin
from hypothesis import given
from hypothesis import strategies as st

from scrapers.normalise.vin import check_digit, differ, has_form, is_checked, is_filler

ALPHABET = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
vins = st.text(alphabet=ALPHABET, min_size=17, max_size=17)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
GENERATED = ultravin.generate(200, seed=7, vehicle_type=2, invalid_rate=0, now=NOW)


def test_valid_vins_of_real_patterns_hold() -> None:
    assert GENERATED
    assert all(has_form(vin) and is_checked(vin) for vin in GENERATED)


def test_the_check_digit_is_nhtsas() -> None:
    changed = [vin[:8] + "5" + vin[9:] for vin in GENERATED]
    decoded = ultravin.decode_batch(changed)
    assert [is_checked(vin) for vin in changed] == [each["check_digit_valid"] for each in decoded]


@given(st.sampled_from(GENERATED), st.integers(0, 16), st.sampled_from("0123456789"))
def test_another_digit_anywhere_is_noticed(vin: str, at: int, digit: str) -> None:
    # Values of digits differ by less than 11 and every weight but the check digit's is no
    # multiple of 11, so the sum changes; only a letter of equal value can hide.
    changed = vin[:at] + digit + vin[at + 1 :]
    if changed == vin or (at != 8 and check_digit(changed) == check_digit(vin)):
        return
    assert not is_checked(changed)


@given(vins)
def test_a_vin_with_its_check_digit_holds(vin: str) -> None:
    assert is_checked(vin[:8] + check_digit(vin) + vin[9:])


@given(vins, st.integers(0, 16), st.sampled_from("IOQioq -."))
def test_i_o_and_q_never_pass(vin: str, at: int, wrong: str) -> None:
    assert has_form(vin)
    assert not has_form(vin[:at] + wrong + vin[at + 1 :])


@given(vins)
def test_a_vin_is_seventeen(vin: str) -> None:
    assert not has_form(vin[:16])
    assert not has_form(vin + "1")


def test_published_examples() -> None:
    assert check_digit("1M8GDM9A_KP042788".replace("_", "0")) == "X"
    assert is_checked("1HGCM82633A004352")
    assert not is_checked("1HGCM82643A004352")


@pytest.mark.parametrize(
    ("other", "are"),
    [
        ("1HGCM82633A004353", True),
        ("1hgcm826 33a004353", True),
        ("1hgcm826 33a004352", False),
        ("0" * 17, False),
        ("SEE DEALER", False),
        ("", False),
    ],
)
def test_two_cars_have_two_vins(other: str, are: bool) -> None:
    assert differ("1HGCM82633A004352", other) is differ(other, "1HGCM82633A004352") is are


def test_one_character_over_and_over_is_filler_though_its_sum_is_right() -> None:
    assert is_checked("1" * 17)
    assert is_filler("1" * 17)
    assert not is_filler("1HGCM82633A004352")
