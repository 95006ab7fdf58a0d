"""Says what is wrong with a JSON text, in the words of serde_json, which clients know.

A reader of JSON that only looks for the first fault; it is run after a fast parser refused a text.
Columns count bytes. Source of the wording and of the positions: serde_json's `de.rs` and `read.rs`.
"""

from __future__ import annotations

_DEPTH_LIMIT = 128  # serde_json's
_SPACE = b" \n\t\r"
_DIGITS = b"0123456789"
_ESCAPES = b'"\\/bfnrt'
_HEX_DIGITS = 4


class JsonFaultError(Exception):
    """The first fault of a text: `expected value at line 1 column 7`."""


def check(data: bytes, *, stream: bool = False) -> None:
    """Raise JsonFaultError unless `data` is one JSON value, or with `stream` any number of them."""
    scan = _Scan(data)
    scan.space()
    while scan.peek() or not stream:
        scan.value(_DEPTH_LIMIT)
        scan.space()
        if not stream:
            if scan.peek():
                raise scan.fault("trailing characters", peeked=True)
            return


class _Scan:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def peek(self) -> bytes:
        return self.data[self.at : self.at + 1]

    def space(self) -> None:
        while self.peek() and self.peek() in _SPACE:
            self.at += 1

    def fault(self, what: str, *, peeked: bool = False) -> JsonFaultError:
        """A fault here, or with `peeked` at the byte that was looked at but not taken."""
        end = min(len(self.data), self.at + 1) if peeked else self.at
        start = self.data.rfind(b"\n", 0, end) + 1
        line = 1 + self.data.count(b"\n", 0, start)
        return JsonFaultError(f"{what} at line {line} column {end - start}")

    def value(self, depth: int) -> None:
        self.space()
        head = self.peek()
        if not head:
            raise self.fault("EOF while parsing a value", peeked=True)
        if head in b"tfn":
            self._word({b"t": b"true", b"f": b"false", b"n": b"null"}[head])
        elif head == b'"':
            self._string()
        elif head == b"-" or head in _DIGITS:
            self._number()
        elif head in b"[{":
            if depth == 1:
                raise self.fault("recursion limit exceeded", peeked=True)
            self.at += 1
            (self._array if head == b"[" else self._object)(depth - 1)
        else:
            raise self.fault("expected value", peeked=True)

    def _word(self, word: bytes) -> None:
        for expected in word:
            found = self.peek()
            if not found:
                raise self.fault("EOF while parsing a value")
            self.at += 1
            if found[0] != expected:
                raise self.fault("expected ident")

    def _array(self, depth: int) -> None:
        first = True
        while True:
            self.space()
            head = self.peek()
            if head == b"]":
                self.at += 1
                return
            if not head:
                raise self.fault("EOF while parsing a list", peeked=True)
            if not first:
                self._comma(head, b"]", "expected `,` or `]`")
            first = False
            self.value(depth)

    def _comma(self, head: bytes, end: bytes, otherwise: str) -> None:
        if head != b",":
            raise self.fault(otherwise, peeked=True)
        self.at += 1
        self.space()
        if self.peek() == end:
            raise self.fault("trailing comma", peeked=True)
        if not self.peek():
            raise self.fault("EOF while parsing a value", peeked=True)

    def _object(self, depth: int) -> None:
        first = True
        while True:
            self.space()
            head = self.peek()
            if head == b"}":
                self.at += 1
                return
            if not head:
                raise self.fault("EOF while parsing an object", peeked=True)
            if not first:
                self._comma(head, b"}", "expected `,` or `}`")
            first = False
            self._member(depth)

    def _member(self, depth: int) -> None:
        if self.peek() != b'"':
            raise self.fault("key must be a string", peeked=True)
        self._string()
        self.space()
        if not self.peek():
            raise self.fault("EOF while parsing an object", peeked=True)
        if self.peek() != b":":
            raise self.fault("expected `:`", peeked=True)
        self.at += 1
        self.value(depth)

    def _string(self) -> None:
        self.at += 1
        start = self.at
        while (head := self.peek()) != b'"':
            if not head:
                raise self.fault("EOF while parsing a string")
            self.at += 1
            if head == b"\\":
                self._escape()
            elif head < b" ":
                raise self.fault("control character (\\u0000-\\u001F) found while parsing a string")
        self.at += 1
        try:
            self.data[start : self.at].decode()
        except UnicodeDecodeError:
            raise self.fault("invalid unicode code point") from None

    def _escape(self) -> None:
        head = self.peek()
        if not head:
            raise self.fault("EOF while parsing a string")
        self.at += 1
        if head == b"u":
            self._unicode()
        elif head not in _ESCAPES:
            raise self.fault("invalid escape")

    def _unicode(self) -> None:
        first = self._hex()
        if 0xDC00 <= first < 0xE000:
            raise self.fault("lone leading surrogate in hex escape")
        if 0xD800 <= first < 0xDC00:
            if self.data[self.at : self.at + 2] != b"\\u":
                self.at += 1
                raise self.fault("unexpected end of hex escape")
            self.at += 2
            if not 0xDC00 <= self._hex() < 0xE000:
                raise self.fault("lone leading surrogate in hex escape")

    def _hex(self) -> int:
        digits = self.data[self.at : self.at + _HEX_DIGITS]
        self.at += len(digits)
        if len(digits) < _HEX_DIGITS:
            raise self.fault("EOF while parsing a string")
        if any(digit not in b"0123456789abcdefABCDEF" for digit in digits):
            raise self.fault("invalid escape")
        return int(digits, 16)

    def _number(self) -> None:
        start = self.at
        if self.peek() == b"-":
            self.at += 1
        head = self.peek()
        if not head:
            raise self.fault("EOF while parsing a value")
        self.at += 1
        if head not in _DIGITS:
            raise self.fault("invalid number")
        if head == b"0" and self._digit():
            raise self.fault("invalid number", peeked=True)
        self._digits()
        self._fraction()
        if float(self.data[start : self.at]) in (float("inf"), float("-inf")):
            raise self.fault("number out of range")

    def _digit(self) -> bool:
        return bool(self.peek()) and self.peek() in _DIGITS

    def _digits(self) -> None:
        while self._digit():
            self.at += 1

    def _fraction(self) -> None:
        if self.peek() == b".":
            self.at += 1
            if not self._digit():
                what = "invalid number" if self.peek() else "EOF while parsing a value"
                raise self.fault(what, peeked=True)
            self._digits()
        if self.peek() and self.peek() in b"eE":
            self.at += 1
            if self.peek() and self.peek() in b"+-":
                self.at += 1
            if not self._digit():
                what = "invalid number" if self.peek() else "EOF while parsing a value"
                self.at += bool(self.peek())
                raise self.fault(what)
            self._digits()
