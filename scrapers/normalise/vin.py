"""Vehicle identification numbers: their form (ISO 3779) and check digit (49 CFR 565)."""

import re

FORM = re.compile(r"[A-HJ-NPR-Z0-9]{17}")

_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True))
_VALUES |= {digit: digit for digit in "0123456789"}
_VALUE = {ord(character): int(value) for character, value in _VALUES.items()}
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_CHECK = "0123456789X"


def has_form(vin: str) -> bool:
    """17 characters, letters in upper case, never I, O or Q: those are not repaired."""
    return FORM.fullmatch(vin) is not None


def check_digit(vin: str) -> str:
    """What stands at position 9 of a North American VIN; `vin` must have the form.

    Each character's value times its position's weight; the sum modulo 11, ten as X.
    """
    values = vin.translate(_TO_DIGIT)
    return _CHECK[
        sum(int(value) * weight for value, weight in zip(values, _WEIGHTS, strict=True)) % 11
    ]


_TO_DIGIT = {code: str(value) for code, value in _VALUE.items()}


def is_checked(vin: str) -> bool:
    """Whether position 9 holds the check digit; it binds North America only."""
    return vin[8] == check_digit(vin)


def is_filler(vin: str) -> bool:
    """Whether it is one character over and over, typed to get past a form."""
    return len(set(vin)) == 1


def differ(one: str, other: str) -> bool:
    """Whether two texts are the VINs of two cars; what is no VIN tells nothing."""
    vins = {tidy(one), tidy(other)}
    return len(vins) == 2 and all(has_form(vin) and not is_filler(vin) for vin in vins)


def tidy(text: str) -> str:
    """A VIN as it is kept: in upper case, without spaces."""
    return text.upper().replace(" ", "")
