"""Decoding in this process: `ultravin` has NHTSA's tables with it."""

from collections.abc import Sequence

import ultravin

from scrapers.vins.facts import NAMES

Answer = dict[str, str]
"""An answer by vPIC's flat keys, of those that are read; `ErrorCode` is a list with commas."""


def decode(vins: Sequence[str]) -> list[Answer]:
    """The answers to VINs that have the form, in their order; 30 µs each, the GIL is not held."""
    return [_flat(told) for told in ultravin.decode_batch(list(vins))]


def _flat(told: dict[str, object]) -> Answer:
    attributes = told["attributes"]
    codes = told["error_codes"]
    assert isinstance(attributes, dict)
    assert isinstance(codes, list)
    answer = {key: str(attributes[name]) for key, name in NAMES.items() if attributes.get(name)}
    return answer | {"ErrorCode": ",".join(map(str, codes))}
