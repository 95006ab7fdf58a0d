"""Cutting text into words, with their places.

The rules are those of charabia 0.9, Meilisearch's tokenizer, for scripts that put something
between words. Text in scripts that do not (Chinese, Japanese, Thai, Khmer) stays in one piece.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from meililite.index.normalization import decompose, fold, script_of
from meililite.index.settings import Settings

MAX_WORD_BYTES = 250
HARD_DISTANCE = 8
_REMEMBERED_RUNS = 10_000

_SEPARATOR_CATEGORIES = {"Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "Zl", "Zp", "Zs"}
_OTHER_SEPARATORS = set("\0\n\r\t`\u200c+±×÷") | {  # noqa: RUF001
    chr(c) for c in range(0x2212, 0x2300)
}
_LONG_SEPARATORS = (". ", ", ")
# Latin letters, and punctuation that is the same when decomposed.
_LATIN = re.compile(
    "[\t\n\r\x20-\x7e\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u2013\u2014\u2018-\u201f]*"
)
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


Words = tuple[list[str], list[int]]


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


@lru_cache(maxsize=64)
def _pattern(pieces: frozenset[str]) -> re.Pattern[str]:
    """One group that matches any of the pieces, the longest at each place."""
    longer = sorted((piece for piece in pieces if len(piece) > 1), key=len, reverse=True)
    single = "".join(re.escape(piece) for piece in sorted(pieces) if len(piece) == 1)
    alternatives = [re.escape(piece) for piece in longer] + ([f"[{single}]"] if single else [])
    return re.compile(f"({'|'.join(alternatives)})" if alternatives else r"(\Z(?!\Z))")


class _Steps(dict[str, int]):
    """How far apart words are with these separators between them: 1, or 8 if one is hard."""

    def __missing__(self, run: str) -> int:
        pieces = _pattern(DEFAULT_SEPARATORS).split(run)
        steps = HARD_DISTANCE if any(piece in _HARD for piece in pieces) else 1
        if len(self) < _REMEMBERED_RUNS:
            self[run] = steps
        return steps


def _runs(separators: Iterable[str]) -> re.Pattern[str]:
    """One group that matches separators in a row."""
    single = sorted(separator for separator in separators if len(separator) == 1)
    return re.compile(f"([{''.join(map(re.escape, single))}]+)")


_RUNS = _runs(DEFAULT_SEPARATORS)
_ASCII_RUNS = _runs(filter(str.isascii, DEFAULT_SEPARATORS))
_STEPS = _Steps()


class Tokenizer:
    """Cuts text by the separators, dictionary and stop words of an index."""

    def __init__(self, settings: Settings) -> None:
        self.stop_words = settings.stop_words
        self._custom = bool(settings.separators or settings.non_separators)
        self.separators = (DEFAULT_SEPARATORS | settings.separators) - settings.non_separators
        self._dictionary = settings.dictionary
        self._fast = not (self.stop_words or self._dictionary or self._custom)
        self._split = _pattern(self.separators | self._dictionary)

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

    def words(self, text: str) -> Words:
        """The words to index and their positions: each is 1 on, or 8 after a hard separator."""
        printable = text.isascii() and text.isprintable()
        if self._fast and (printable or _LATIN.fullmatch(text)):
            return _simple_words(text)
        return _positions(self.tokens(text))


def _simple_words(text: str) -> Words:
    """`words` for Latin text cut by the default separators."""
    plain = text.isascii()
    pieces = _ASCII_RUNS.split(text.lower()) if plain else _RUNS.split(text)
    words, runs = pieces[0::2], pieces[1::2]
    if not words[0]:
        words, runs = words[1:], runs[1:]
    if words and not words[-1]:
        words, runs = words[:-1], runs[: len(words) - 2]
    if not words:
        return [], []
    positions = list(accumulate(map(_STEPS.__getitem__, runs), initial=0))
    if not plain:
        words = [fold(decompose(word), "LATIN") for word in words]
    if not plain or len(max(words, key=len)) > MAX_WORD_BYTES:
        kept = [place for place, word in enumerate(words) if _fits(word)]
        return [words[place] for place in kept], [positions[place] for place in kept]
    return words, positions


def _fits(lemma: str) -> bool:
    return 0 < len(lemma.encode()) <= MAX_WORD_BYTES


def _positions(tokens: list[Token]) -> Words:
    words: list[str] = []
    positions: list[int] = []
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
            if token.kind == "word" and _fits(lemma):
                words.append(lemma)
                positions.append(position)
    return words, positions


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
