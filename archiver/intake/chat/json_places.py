"""Where the messages stand in a JSON document, in bytes, without building the whole document.

A document is cut into the elements of the arrays that hold messages and the frame around them. Only
one message is decoded at a time, so that memory does not grow with the file, and every byte belongs
to a message or to the frame. A document that was cut off gives what is whole. JSON: RFC 8259, with
the defects of real exports repaired where the meaning is certain and said so.
"""

from __future__ import annotations

import json
import mmap
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from archiver.findings import Finding
from archiver.model import Span

Buffer = bytes | mmap.mmap
Path = tuple[str | int, ...]
Pattern = tuple[str | None, ...]  # None: every index of an array

_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[\]{}:,]', re.DOTALL)
_ESCAPE = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|(.))", re.DOTALL)
_BARE = re.compile(rb"(:\s*)([^\s\"\[\]{},:][^\"\[\]{},:\r\n]*)(?=[,}\]])")
_LITERAL = re.compile(rb"\s*(?:true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*\Z")
_BOM = b"\xef\xbb\xbf"
_OPENERS = {0x7B: 0x7D, 0x5B: 0x5D}  # { } and [ ]


@dataclass(slots=True)
class Document:
    """A document cut into elements and frame.

    `groups` holds per array (its path) the starts and ends of its elements, in source order;
    `frame` is the document with every element left out (None in its place); `whole` is False when
    the document was cut off or damaged; `end` is the byte after what was understood.
    """

    buffer: Buffer
    frame: Any = None
    groups: dict[Path, array[int]] = field(default_factory=dict)
    whole: bool = True
    begin: int = 0
    end: int = 0

    def spans(self, path: Path) -> Iterator[Span]:
        """Give the byte ranges of the elements of one array."""
        found = self.groups.get(path, array("Q"))
        for at in range(0, len(found), 2):
            yield Span(found[at], found[at + 1])

    def around(self) -> tuple[tuple[str, Span], ...]:
        """Give the bytes of the frame: everything between and around the elements."""
        edges = sorted(span for path in self.groups for span in _pairs(self.groups[path]))
        left: list[tuple[str, Span]] = []
        at = 0
        for start, end in edges:
            if start > at:
                left.append(("frame", Span(at, start)))
            at = end
        if at < len(self.buffer):
            left.append(("frame", Span(at, len(self.buffer))))
        return tuple(left)


def _pairs(found: array[int]) -> Iterator[tuple[int, int]]:
    return zip(found[::2], found[1::2], strict=True)


def cut(buffer: Buffer, patterns: tuple[Pattern, ...], begin: int = 0) -> Document:
    """Cut a document whose messages stand at `patterns`, such as ("messages", None).

    An element takes the comma and white space after it along, so that the frame stays small.
    """
    if begin == 0 and buffer[:3] == _BOM:
        begin = 3
    document = Document(buffer, begin=begin)
    walk = _Walk(buffer, document, patterns)
    walk.run(begin)
    document.whole = walk.whole
    document.frame = _frame(document, walk)
    return document


def cut_lines(buffer: Buffer) -> Document:
    """Cut JSON Lines: every line is an element of the one array ()."""
    document = Document(buffer, end=len(buffer))
    found = document.groups.setdefault((), array("Q"))
    at, size = 0, len(buffer)
    while at < size:
        end = buffer.find(b"\n", at) + 1 or size
        found.extend((at, end))
        at = end
    return document


@dataclass(slots=True)
class _Walk:
    """One pass over the tokens; `stack` holds the closing byte and the current key per level."""

    buffer: Buffer
    document: Document
    patterns: tuple[Pattern, ...]
    stack: list[list[Any]] = field(default_factory=list)
    closers: bytes = b""
    cut_at: int = 0
    whole: bool = False

    def run(self, begin: int) -> None:
        lengths = {len(p) for p in self.patterns}
        stack, inside, start, open_array = self.stack, 0, 0, None
        wants_key = False
        for token in _TOKEN.finditer(self.buffer, begin):
            byte = self.buffer[token.start()]
            if byte == 0x22:
                if not token[0].endswith(b'"') or len(token[0]) == 1:
                    return  # the text ends inside a string
                if wants_key and not inside:
                    stack[-1][1] = _name(token[0])
                    wants_key = False
                continue
            if inside:
                inside += (byte in _OPENERS) - (byte in (0x7D, 0x5D))
                if inside == 0:
                    assert open_array is not None
                    open_array.extend((start, token.end()))
                    self.document.end = self.cut_at = token.end()
                continue
            if byte in _OPENERS:
                path = tuple(level[1] for level in stack)
                if len(path) in lengths and any(_same(p, path) for p in self.patterns):
                    open_array = self.document.groups.setdefault(path[:-1], array("Q"))
                    inside, start = 1, token.start()
                    self.cut_at = start
                    self.closers = bytes(level[0] for level in reversed(stack))
                    continue
                stack.append([_OPENERS[byte], 0 if byte == 0x5B else ""])
                wants_key = byte == 0x7B
            elif byte in (0x7D, 0x5D):
                if not stack or stack.pop()[0] != byte:
                    return
                wants_key = False
                if not stack:
                    self.document.end = token.end()
                    self.whole = True
                    return
            elif byte == 0x2C and stack:
                wants_key = stack[-1][0] == 0x7D
                if not wants_key:
                    stack[-1][1] += 1


def _same(pattern: Pattern, path: Path) -> bool:
    return len(pattern) == len(path) and all(
        isinstance(have, int) if want is None else want == have
        for want, have in zip(pattern, path, strict=True)
    )


def _name(raw: bytes) -> str:
    try:
        return str(json.loads(raw))
    except ValueError:
        return raw.decode("utf-8", "replace").strip('"')


def _frame(document: Document, walk: _Walk) -> Any:
    edges = sorted(span for path in document.groups for span in _pairs(document.groups[path]))
    pieces: list[bytes] = []
    at = document.begin
    for start, end in edges:
        pieces += [document.buffer[at:start], b"null"]
        at = end
    if document.whole:
        pieces.append(document.buffer[at : document.end])
    else:
        pieces += [document.buffer[at : walk.cut_at].rstrip(b" \t\r\n,"), walk.closers]
    return load(b"".join(pieces))[0]


def load(raw: bytes) -> tuple[Any, str | None]:
    """Decode one JSON value: the value, and how it had to be repaired (None: not at all).

    "hersteld": escapes ``\\xNN`` or words without quotes, as Telegram writes them; "tekens": bytes
    that are no UTF-8; "onleesbaar": no value at all.
    """
    try:
        return json.loads(raw), None
    except (ValueError, RecursionError):
        pass
    mended = _BARE.sub(_quoted, _ESCAPE.sub(_escape, raw))
    for text, how in ((mended, "hersteld"), (mended.decode("utf-8", "replace"), "tekens")):
        try:
            return json.loads(text, strict=False), how
        except (ValueError, RecursionError):
            continue
    return None, "onleesbaar"


def _escape(found: re.Match[bytes]) -> bytes:
    return b"\\u00" + found[1] if found[1] else found[0]


def _quoted(found: re.Match[bytes]) -> bytes:
    if _LITERAL.match(found[2]):
        return found[0]
    return found[1] + b'"' + found[2].strip().replace(b"\\", b"\\\\") + b'"'


def trouble(how: str | None) -> tuple[Finding, ...]:
    """Make the finding for what `load` had to do."""
    if how is None:
        return ()
    return (Finding(f"chat.bericht_{how}"),)
