"""What is personal in a text, taken out before anybody keeps it."""

import re
from collections.abc import Iterable

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NAME = r"[A-Z][\w'\u2019-]*(?:\s+[A-Z][\w'\u2019-]*){0,2}"
_ASK_FOR = re.compile(
    rf"\s*(?:\b(?:and|or)\s+)?\b(?i:ask for|speak to|speak with|talk to|contact)\s+{_NAME}"
)


def scrub(text: str, names: Iterable[str] = ()) -> str:
    """The text without e-mail addresses, these people's names, and whom a reader should ask for."""
    text = _ASK_FOR.sub("", _EMAIL.sub("", text))
    for name in names:
        text = text.replace(name, "")
    return text
