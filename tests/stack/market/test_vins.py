import numpy as np
import ultravin
from hypothesis import given
from hypothesis import strategies as st

from stack.market import vins

KINDS = vins.letters(["1HGCM82633A004352", "5YJSA1E26HF000337"])
VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True))


def check_digit(vin: str) -> str:
    """49 CFR 565.15 by hand."""
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    total = sum(int(VALUES.get(c, c)) * w for c, w in zip(vin, weights, strict=True))
    return "X" if total % 11 == 10 else str(total % 11)


@given(st.integers(0, 10**9))
def test_a_minted_vin_has_its_check_digit(number):
    for vin in vins.mint(KINDS, np.array([number, number])):
        assert vin[8] == check_digit(vin)
        assert ultravin.decode(vin)["check_digit_valid"]


def test_the_descriptor_stays():
    minted = vins.mint(KINDS, np.array([7, 8]))
    assert [vin[:8] + vin[9:11] for vin in minted] == ["1HGCM8263A", "5YJSA1E2HF"]


def test_a_million_numbers_have_a_million_vins():
    kinds = np.repeat(KINDS[:1], 1_000_000, axis=0)
    assert len(set(vins.mint(kinds, np.arange(1_000_000)))) == 1_000_000
