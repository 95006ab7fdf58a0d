"""Cutting text into words, with their places.

The rules are those of charabia 0.9, Meilisearch's tokenizer, for scripts that put something
between words. Text in scripts that do not (Chinese, Japanese, Thai, Khmer) stays in one piece.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from meililite.index.normalization import decompose, fold, script_of
from meililite.index.settings import Settings

MAX_WORD_BYTES = 250
HARD_DISTANCE = 8

_SEPARATOR_CATEGORIES = {"Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "Zl", "Zp", "Zs"}
_OTHER_SEPARATORS = set("\0\n\r\t`\u200c+±×÷") | {  # noqa: RUF001
    chr(c) for c in range(0x2212, 0x2300)
}
_LONG_SEPARATORS = (". ", ", ")
_HARD = set(
    "\0᠆᚛᚜!;?¡§¶¿՜՝՞։׃،؛؟۔܀܁܂߷߸߹࡞।॥෴๚๛၊။჻።፣፤፥፦፧፨᛫᛬᛭᜵᜶។៕៖៘៚᥄᥅᨟‥…․※‼‽⁇⁈⁉⁏⁖⁚⸘⸮⹁、。︐︑︒︓︔︕︖︙︰﹅﹐﹑﹒﹔﹕﹖﹗！，．：；？｡､"  # noqa: RUF001
) | set(_LONG_SEPARATORS)


def _default_separators() -> frozenset[str]:
    single = (
        chr(code)
        for code in range(0x20000)
        if unicodedata.category(chr(code)) in _SEPARATOR_CATEGORIES
    )
    return frozenset(single) | _OTHER_SEPARATORS | set(_LONG_SEPARATORS)


DEFAULT_SEPARATORS = _default_separators()


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text: `text[start:end]`, in characters; `lemma` is its normal form.

    `kind` is "word", "stop" (a stop word), "soft" or "hard" (separators).
    """

    lemma: str
    kind: str
    start: int
    end: int
    script: str

    @property
    def is_separator(self) -> bool:
        return self.kind in ("soft", "hard")


class Tokenizer:
    """Cuts text by the separators, dictionary and stop words of an index."""

    def __init__(self, settings: Settings) -> None:
        self.stop_words = settings.stop_words
        self._custom = bool(settings.separators or settings.non_separators)
        self.separators = (DEFAULT_SEPARATORS | settings.separators) - settings.non_separators
        self._dictionary = settings.dictionary
        self._fast = not (self.stop_words or self._dictionary or self._custom)

    @cached_property
    def _split(self) -> re.Pattern[str]:
        """One group: a separator or a word of the dictionary, the longest at each place."""
        pieces = {piece for piece in self.separators | self._dictionary if piece}
        longer = sorted((piece for piece in pieces if len(piece) > 1), key=len, reverse=True)
        single = "".join(re.escape(piece) for piece in sorted(pieces) if len(piece) == 1)
        alternatives = [re.escape(piece) for piece in longer] + ([f"[{single}]"] if single else [])
        return re.compile(f"({'|'.join(alternatives)})" if alternatives else r"(\Z(?!\Z))")

    def tokens(self, text: str) -> list[Token]:
        """All tokens of the text, separators too."""
        found: list[Token] = []
        start = 0
        for script, group in by_script(text):
            for piece in self._split.split(group):
                if piece:
                    found.append(self._token(piece, script, start))
                    start += len(piece)
        return found

    def _token(self, piece: str, script: str, start: int) -> Token:
        decomposed = decompose(piece)
        end = start + len(piece)
        if decomposed in self.separators:
            kind = "hard" if decomposed in _HARD else "soft"
            return Token(decomposed, kind, start, end, script)
        kind = "stop" if decomposed in self.stop_words else "word"
        return Token(fold(decomposed, script), kind, start, end, script)

    def words(self, text: str) -> list[tuple[str, int]]:
        """The words to index, each with its position: 1 on, or 8 after a hard separator."""
        if self._fast and text.isascii():
            return self._ascii_words(text)
        return list(_positions(self.tokens(text)))

    def _ascii_words(self, text: str) -> list[tuple[str, int]]:
        """`words` for the common case, where case is all that has to be folded."""
        found: list[tuple[str, int]] = []
        position = gap = 0
        started = False
        pieces = self._split.split(text.lower())
        for index, piece in enumerate(pieces):
            if index & 1:
                if started and piece in _HARD:
                    gap = HARD_DISTANCE
            elif piece:
                position += gap
                gap = 1
                started = True
                lemma = piece if piece.isprintable() else decompose(piece)
                if lemma and len(lemma) <= MAX_WORD_BYTES:
                    found.append((lemma, position))
        return found


def _positions(tokens: list[Token]) -> Iterator[tuple[str, int]]:
    position = gap = 0
    started = False
    for token in tokens:
        if token.is_separator:
            if started and token.kind == "hard":
                gap = HARD_DISTANCE
        elif token.lemma:
            position += gap
            gap = 1
            started = True
            lemma = token.lemma.strip()
            if token.kind == "word" and lemma and len(lemma.encode()) <= MAX_WORD_BYTES:
                yield lemma, position


def by_script(text: str) -> Iterator[tuple[str, str]]:
    """Runs of one script; characters of no script belong to the run they stand in."""
    if text.isascii():
        yield "LATIN", text
        return
    current = ""
    start = 0
    for index, char in enumerate(text):
        script = "LATIN" if char.isascii() and char.isalpha() else script_of(char)
        if script and script != current:
            if current:
                yield current, text[start:index]
                start = index
            current = script
    yield current, text[start:]
