"""VINs of cars of one kind: the same descriptor, another serial number.

ISO 3779 and 49 CFR 565: a check digit at position 9, the serial number at 12-17.
"""

import numpy as np
from numpy.typing import NDArray

from stack.market.vocabulary import Ints, Strings

Letters = NDArray[np.uint8]

WEIGHTS = np.array([8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2])
VALUES = np.zeros(128, dtype=np.int64)
for word in ("ABCDEFGH", "JKLMN"):
    for value, letter in enumerate(word, 1):
        VALUES[ord(letter)] = value
for letter, value in {**dict(zip("STUVWXYZ", range(2, 10), strict=True)), "P": 7, "R": 9}.items():
    VALUES[ord(letter)] = value
for digit in range(10):
    VALUES[ord("0") + digit] = digit
CHECK = np.frombuffer(b"0123456789X", dtype=np.uint8)

SERIALS = 1_000_000
STEP = 611_953  # has no factor in common with SERIALS, so a million cars have as many serials


def letters(vins: list[str]) -> Letters:
    """VINs as rows of 17 ASCII codes."""
    return np.frombuffer("".join(vins).encode(), dtype=np.uint8).reshape(-1, 17)


def mint(kinds: Letters, numbers: Ints) -> Strings:
    """For each row of `kinds` the VIN of the car with that number; of one kind
    no two in a million numbers are equal.
    """
    minted = kinds.copy()
    serial = numbers * STEP % SERIALS
    for position in range(16, 10, -1):
        minted[:, position] = serial % 10 + ord("0")
        serial //= 10
    minted[:, 8] = CHECK[(VALUES[minted] * WEIGHTS).sum(axis=1) % 11]
    text = minted.tobytes().decode()
    return np.array([text[at : at + 17] for at in range(0, len(text), 17)], dtype=object)
