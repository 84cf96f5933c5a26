"""The header of a WhatsApp message in the bytes of an export, and the cut into messages.

Two layouts exist: iOS ``[date, time] `` and Android ``date, time - ``, each with many separators,
clocks and invisible marks (reference: exports of Android and iOS phones, 2016-2026). A file is cut
with the layout of its first header only, so that a header of the other layout that somebody pasted
into a message stays text. All offsets are bytes; nothing is copied except the parts asked for.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from typing import NamedTuple

Buffer = bytes | mmap.mmap

BOM = b"\xef\xbb\xbf"
MARK = b"\xe2\x80\x8e"  # U+200E, which WhatsApp puts before text of its own
RESIDENT = 64 * 1024 * 1024  # bytes of a map that stay in memory while it is cut
_WINDOW = 65_536
MAX_LABEL = 400  # bytes; longer than any name, so such a line has no sender

_MARKS = rb"(?:\xe2\x80[\x8e\x8f\xaa-\xae]|\xe2\x81[\xa6-\xa9]|\xef\xbb\xbf)*+"
_SPACE = rb"(?: |\xc2\xa0|\xe2\x80[\x89\xaf])"
_SEPARATOR = rb"(?:\xe2\x80\x8f)?[./-]" + _SPACE + rb"?"
_DATE = rb"(\d{1,4}" + _SEPARATOR + rb"\d{1,2}" + _SEPARATOR + rb"\d{1,4})\.?"
_HALF_FIRST = "|".join(("午前", "午後", "上午", "下午", "오전", "오후")).encode()
_HALF_LAST = "|".join(("[AaPp]\\.?(?: |\u00a0|\u202f)?[Mm]\\.?", "م", "ص", "午前", "午後"))
_TIME = (
    rb"((?:(?:" + _HALF_FIRST + rb")" + _SPACE + rb"?)?"
    rb"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?"
    rb"(?:" + _SPACE + rb"?(?:" + _HALF_LAST.encode() + rb"))?)"
)
_STAMP = _DATE + rb",?" + _SPACE + rb"?" + _MARKS + _TIME
# A label ends at the first colon that a space, a mark or the end of the line follows. A dot alone
# after the colon is what old versions write for a message that destroyed itself.
_COLON = rb":(?:[ \r\n]|\xe2\x80\x8e|\.\r?\n|\.?\Z)"
_LABEL = rb"(?:((?:[^:\n]++|(?!" + _COLON + rb"):)++):(?=[ \r\n.]|\xe2\x80\x8e|\Z) ?+)?"
_BRACKET = (
    rb"^"
    + _MARKS
    + rb"\["
    + _MARKS
    + _STAMP
    + _MARKS
    + rb"\](?:"
    + _SPACE
    + rb"|(?=\r?\n))"
    + _LABEL
)
_DASH = rb"^" + _MARKS + _STAMP + _SPACE + rb"(?:-|\xe2\x80\x93) " + _LABEL

LAYOUTS = {
    "ios": re.compile(_BRACKET, re.MULTILINE),
    "android": re.compile(_DASH, re.MULTILINE),
}


class Line(NamedTuple):
    """One header and where its body lies: the message is [start, stop), the body [body, end).

    `label` is None when the line has no sender; `rest` is where the text after the stamp begins,
    label included.
    """

    start: int
    stop: int
    rest: int
    body: int
    end: int
    date: bytes
    time: bytes
    label: bytes | None


def layout_of(buffer: Buffer, limit: int = 65_536) -> str | None:
    """Give the layout of the first header in the first `limit` bytes: ios, android or None."""
    for window in sorted({min(limit, _WINDOW), limit}):  # nearly always the first lines tell
        best: tuple[int, str] | None = None
        for name, pattern in LAYOUTS.items():
            found = pattern.search(buffer, 0, window)
            if found and (best is None or found.start() < best[0]):
                best = (found.start(), name)
        if best is not None:
            return best[1]
    return None


def headers(buffer: Buffer, layout: str, limit: int) -> int:
    """Count the headers in the first `limit` bytes."""
    return sum(1 for _ in LAYOUTS[layout].finditer(buffer, 0, limit))


def lines(buffer: Buffer, layout: str) -> Iterator[Line]:
    """Cut the whole buffer into messages, in order; a message ends where the next header starts."""
    held: re.Match[bytes] | None = None
    size = len(buffer)
    let_go = RESIDENT
    for found in LAYOUTS[layout].finditer(buffer):
        if held is not None:
            yield _line(buffer, held, found.start())
            if held.start() > let_go:
                let_go = _forget(buffer, held.start())
        held = found
    if held is not None:
        yield _line(buffer, held, size)


def _forget(buffer: Buffer, upto: int) -> int:
    """Give the pages of a map that were read back to the system; they can be read again."""
    if isinstance(buffer, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        buffer.madvise(mmap.MADV_DONTNEED, 0, upto // mmap.PAGESIZE * mmap.PAGESIZE)
    return upto + RESIDENT


def _line(buffer: Buffer, found: re.Match[bytes], stop: int) -> Line:
    start, body = found.span()
    date, time, label = found.groups()
    rest = body
    if label is not None:
        rest = found.start(3)
        if len(label) > MAX_LABEL:
            body, label = rest, None
    if start == 0 and buffer[:3] == BOM:
        start = 3
    end = stop
    if end > body and buffer[end - 1] == 10:
        end -= 1
        if end > body and buffer[end - 1] == 13:
            end -= 1
    return Line(start, stop, rest, body, end, date, time, label)
