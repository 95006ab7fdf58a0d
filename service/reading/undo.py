"""Queries that take one reading back, and leave every other one as it is."""

from collections.abc import Callable, Sequence

from service.reading.pieces import Piece

Read = Callable[[str], tuple[Piece, ...]]

WINDOW = 3  # pieces at each side of a cut that are read again
JOINTS = (" ", ", ", "; ")  # a comma may list what words deny, a semicolon nothing


def without(q: str, pieces: Sequence[Piece], index: int, read: Read) -> str:
    """The query without the words of one piece.

    Where the words at both sides would together mean something else, a sign keeps them apart.
    """
    piece = pieces[index]
    left, right = q[: piece.start].rstrip(), q[piece.end :].lstrip()
    if not (left and right):
        return left or right
    before = pieces[max(0, index - WINDOW) : index]
    after = pieces[index + 1 : index + 1 + WINDOW]
    start, end = before[0].start if before else 0, after[-1].end if after else len(q)  # or signs
    near = q[start : piece.start].rstrip(), q[piece.end : end].lstrip()
    alike = (joint for joint in JOINTS if _same(read(joint.join(near)), (*before, *after)))
    return next(alike, JOINTS[-1]).join((left, right))


def as_text(q: str, piece: Piece) -> str:
    """The query with the words of one piece in quotes, so that they are looked for as they are."""
    return f'{q[: piece.start]}"{piece.words}"{q[piece.end :]}'.strip()


def _same(one: Sequence[Piece], other: Sequence[Piece]) -> bool:
    """Whether two queries were read alike; text that now stands together counts as one."""
    return _readings(one) == _readings(other) and _text(one) == _text(other)


def _readings(pieces: Sequence[Piece]) -> list[tuple[str, object]]:
    return [(piece.words, piece.meaning) for piece in pieces if piece.meaning is not None]


def _text(pieces: Sequence[Piece]) -> list[str]:
    """The words of all text, wherever it stands."""
    return [word for piece in pieces if piece.meaning is None for word in piece.words.split()]
