"""What is wrong with a UUID, in the words of Rust's uuid crate, which clients see."""

from __future__ import annotations

import re


def uuid_fault(text: str) -> str | None:
    """The fault of a text that is no UUID, or None."""
    bad = re.search(r"[^0-9a-fA-F-]", text)
    if bad is not None:
        return f"invalid character: found `{bad[0]}` at {len(text[: bad.start()].encode())}"
    if "-" not in text:
        if len(text) == 32:
            return None
        return f"invalid length: expected length 32 for simple format, found {len(text)}"
    groups = text.split("-")
    if len(groups) != 5:
        return f"invalid group count: expected 5, found {len(groups)}"
    for number, (group, size) in enumerate(zip(groups, (8, 4, 4, 4, 12), strict=True)):
        if len(group) != size:
            return f"invalid group length in group {number}: expected {size}, found {len(group)}"
    return None
