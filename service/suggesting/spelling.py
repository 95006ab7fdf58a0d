"""What somebody may have meant who mistyped one letter."""

from collections.abc import Callable, Iterator

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
SHORTEST = 4
"""Characters of what is typed; one letter less is as good as another word."""


def one_edit(typed: str, begins: Callable[[str], bool]) -> Iterator[str]:
    """Every text that something begins with and that is one edit away from what was typed.

    An edit is a letter too many, one missing, one wrong or two exchanged (Damerau, 1964). `begins`
    says whether anything begins so: no edit is tried behind a beginning that nothing has.
    """
    if len(typed) < SHORTEST or typed.isdigit():
        return
    tried = {typed}
    for at in range(len(typed)):
        head, tail = typed[:at], typed[at:]
        if not begins(head):
            return
        for text in _edits(head, tail):
            if text not in tried and begins(text):
                yield text
            tried.add(text)


def _edits(head: str, tail: str) -> Iterator[str]:
    yield head + tail[1:]
    if len(tail) > 1:
        yield head + tail[1] + tail[0] + tail[2:]
    for letter in LETTERS:
        yield head + letter + tail[1:]
        yield head + letter + tail
