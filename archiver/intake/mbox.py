"""Mailboxes in one file: mboxo, mboxrd, mboxcl and mboxcl2, split by one scan over the mapped file.

The bytes of a message are those after its ``From `` line up to the blank line before the next one,
exactly as they stand: a quoted ``>From `` stays quoted, because undoing it cannot be told apart from what
the author wrote. RFC 4155 and the qmail mbox notes.
"""

from __future__ import annotations

import mmap
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from archiver.findings import Finding, Severity
from archiver.intake.headers import KNOWN_FIELDS
from archiver.intake.mail_folders import MOST_LABELS, gmail_labels, in_folder, mbox_folder
from archiver.intake.mime import read_message
from archiver.intake.protocol import Head, ParseContext
from archiver.model import Record, Span, Unreadable

FORMAT = "mbox"
WINDOW = 8 * 1024 * 1024  # bytes of the mapped file that may stay in memory after they were read
_LABELS_BY = 20
# Three grades of certainty, because text may begin with "From " too. A full date, as ctime writes it;
# any clock; only a sender, a dash or a number (Netscape, Gmail). The weaker the line, the more its
# surroundings must say: a blank line before it, a header field after it.
_DATED = re.compile(
    rb"From [^\r\n]{0,400}?\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +(?=[^\r\n]{0,80}\b\d{4}\b)"
    rb"[^\r\n]{0,30}\d{1,2}:\d{2}[^\r\n]{0,60}\r?\n"
)
_CLOCK = re.compile(rb"From [^\r\n]{0,400}?\d{1,2}:\d{2}[^\r\n]{0,60}\r?\n")
_DASH = re.compile(rb"From -[ \t]*\r?\n")
_UNDATED = re.compile(rb"From [^\s]{0,400}[ \t]*\r?\n")
_NEXT_FIELD = re.compile(rb"([!-9;-~]{1,80})[ \t]*:|>From ")
_LENGTH = re.compile(rb"(?mi)^Content-Length:[ \t]*(\d{1,12})[ \t]*\r?$")
_QUOTED = re.compile(rb"(?m)^>+From ")
_HEADER_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Slot:
    """One message in a mailbox: where its separator line starts and where its bytes stand."""

    separator: int
    start: int
    end: int


def score(head: Head) -> int:
    """Certain when the file starts with a separator line and a header field follows."""
    start = len(head.data) - len(head.data.lstrip(b"\r\n"))
    if not head.data.startswith(b"From ", start):
        return 0
    if is_separator(head.data, start, after_blank=True):
        # One message behind a line with a sender only is more likely a mail as a server stored it.
        alone = not _certain(head.data, start) and head.size == len(head.data)
        alone = alone and _next_separator(head.data, start + 5, head.size) is None
        return 40 if alone else 95
    return 25 if _CLOCK.match(head.data, start) else 0


def slots(data: mmap.mmap | bytes, position: int = 0) -> Iterator[Slot]:
    """Find every message; separator lines, messages and blank lines together are the whole file.

    `position` is where a message ended before, to go on with the next.
    """
    size = len(data)
    while position < size and data[position : position + 1] in (b"\r", b"\n"):
        position += 1
    while position < size:
        line = data.find(b"\n", position)
        start = line + 1 if line >= 0 else size
        following = _next_separator(data, start, size)
        end = following if following is not None else size
        yield Slot(position, start, _without_blank_line(data, start, end))
        if following is None:
            return
        position = following


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read the mailbox message by message; memory holds one message at a time."""
    folder = mbox_folder(path)
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        first, begin = context.start.index, context.start.byte
        if not begin or not _can_begin(data, begin):
            first = begin = 0
        released = begin - begin % mmap.PAGESIZE
        for index, slot in enumerate(slots(data, begin), first):
            span = Span(slot.start, slot.end)
            if slot.start - released >= WINDOW:
                released = _release(data, released, slot.start)
            if slot.end - slot.start > context.limits.message_bytes:
                grens = context.limits.message_bytes // 1_000_000
                too_large = Finding(
                    "mail.te_groot", {"grens": f"{grens} MB"}, severity=Severity.FOUT
                )
                yield Unreadable((too_large,), index, span)
                continue
            raw = data[slot.start : slot.end]
            if not raw or raw.isspace():
                yield Unreadable((Finding("mbox.leeg_bericht"),), index, span)
                continue
            message = read_message(
                raw, format=FORMAT, index=index, span=span, limits=context.limits
            )
            if b"\n>" in raw and (quoted := len(_QUOTED.findall(raw))):
                finding = Finding("mbox.from_geciteerd", {"n": quoted}, severity=Severity.INFO)
                message = replace(message, findings=(*message.findings, finding))
            yield in_folder(message, folder, raw)


def folders(path: Path) -> Iterator[tuple[str, ...]]:
    """Give where every message is by one scan for separator lines, without reading messages.

    That is its folder ("" for none), or every label that Gmail gave it.
    """
    folder = mbox_folder(path) or ""
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        released, labelled = 0, False
        for number, slot in enumerate(slots(data)):
            if slot.start - released >= WINDOW:
                released = _release(data, released, slot.start)
            labels = None
            if labelled or number < _LABELS_BY:  # Gmail writes the field in every message
                labels = gmail_labels(data[slot.start : min(slot.end, slot.start + 65_536)])
                labelled = labelled or labels is not None
            yield labels[:MOST_LABELS] if labels else (folder,)


def _can_begin(data: mmap.mmap, position: int) -> bool:
    """Tell whether the next message, or the end of the mailbox, follows here."""
    rest = data[position : position + 9].lstrip(b"\r\n")
    return position <= len(data) and (not rest or rest.startswith(b"From "))


def _release(data: mmap.mmap, start: int, end: int) -> int:
    """Give back the mapped pages of what was read; they would count as memory of this process."""
    end -= end % mmap.PAGESIZE
    if sys.platform != "win32":
        data.madvise(mmap.MADV_DONTNEED, start, end - start)
    return end


def _next_separator(data: mmap.mmap | bytes, start: int, size: int) -> int | None:
    """Find where the next message begins; a Content-Length that fits is believed first."""
    position = _by_content_length(data, start, size)
    if position is not None:
        return position if position < size else None
    for position in _from_lines(data, start - 1, size):
        after_blank = data[max(position - 3, start) : position].endswith((b"\n\n", b"\n\r\n"))
        if is_separator(data[position : position + 600], 0, after_blank):
            return position
    return None


def _from_lines(data: mmap.mmap | bytes, position: int, size: int) -> Iterator[int]:
    """Give where lines begin with ``From ``; a long search gives back the pages it went through."""
    while position < size:
        found = data.find(b"\nFrom ", position, position + WINDOW)
        if found >= 0:
            yield found + 1
            position = found + 1
        else:
            if not isinstance(data, bytes):
                _release(data, position - position % mmap.PAGESIZE, position + WINDOW)
            position += WINDOW - 8


def is_separator(data: bytes, position: int, after_blank: bool) -> bool:
    """Tell whether a line that begins with ``From `` starts a message, and not a sentence."""
    certain = _certain(data, position)
    if after_blank and certain is not None and certain.re is _DATED:
        return True
    line = certain or _CLOCK.match(data, position) or _UNDATED.match(data, position)
    if line is None:
        return False
    field = _NEXT_FIELD.match(data, line.end())
    if field is None:
        return False
    if certain is not None:
        return True
    known = field[1] is None or field[1].lower() in KNOWN_FIELDS or field[1][:2] in (b"X-", b"x-")
    return after_blank and known


def _certain(data: bytes, position: int) -> re.Match[bytes] | None:
    return _DATED.match(data, position) or _DASH.match(data, position)


def _by_content_length(data: mmap.mmap | bytes, start: int, size: int) -> int | None:
    head = data[start : start + 16_384]
    end = _HEADER_END.search(head)
    if end is None:
        return None
    fields = head[: end.start() + 1]
    match = _LENGTH.search(fields) if b"content-length" in fields.lower() else None
    if match is None:
        return None
    after = start + end.end() + int(match[1])
    if after > size:
        return None
    rest = data[after : after + 600]
    skip = len(rest) - len(rest.lstrip(b"\r\n"))
    if after + skip >= size:
        return size
    if skip <= 4 and (skip > 0 or data[after - 1 : after] == b"\n"):
        return after + skip if is_separator(rest, skip, after_blank=True) else None
    return None


def _without_blank_line(data: mmap.mmap | bytes, start: int, end: int) -> int:
    """Leave out the blank line that the mailbox put after the message; at the end it may be absent."""
    if data[max(end - 4, start) : end] == b"\r\n\r\n":
        return end - 2
    if data[max(end - 2, start) : end] == b"\n\n":
        return end - 1
    return end
