"""A part that is a message itself: recognised by what it holds, and read further by the right reader.

For parts whose container names no media type or a wrong one (Outlook, TNEF). The nesting of all readers
together is bounded by `Limits.depth`: each level is read with one level less.
"""

from __future__ import annotations

from dataclasses import replace

from archiver.intake import compound, eml, mime
from archiver.intake.protocol import Head, Limits
from archiver.model import EmailMessage, Span

TNEF = b"\x78\x9f\x3e\x22"
_MESSAGE_TYPES = frozenset({"message/rfc822", "message/global"})
_SIGNED_WRAPPER = "multipart/signed"


def kind_of(name: str | None, media_type: str, data: bytes) -> str:
    """Say what a part is to a reader: file, message, calendar, report, signature or tnef."""
    suffix = (name or "").lower().rpartition(".")[2]
    if data.startswith(TNEF):
        return "tnef"
    if data.startswith(compound.MAGIC):
        return "message" if suffix in ("msg", "oft") else "file"
    if media_type in _MESSAGE_TYPES:
        return "message"
    if media_type == _SIGNED_WRAPPER:
        return "file"
    if suffix == "eml" and eml.score(Head(data[:65_536], len(data), name or "")) >= 45:
        return "message"
    if media_type == "text/calendar" or (suffix == "ics" and b"BEGIN:VCALENDAR" in data[:4096]):
        return "calendar"
    return mime.KINDS.get(media_type, "file")


def read_further(kind: str, media_type: str, data: bytes, limits: Limits) -> EmailMessage | None:
    """Read what is inside a message, a TNEF file or a signed wrapper; None for anything else.

    Never raises for what the bytes hold. None as well when the nesting is at its limit.
    """
    if limits.depth <= 1:
        return None
    inside = replace(limits, depth=limits.depth - 1)
    if kind == "tnef":
        from archiver.intake import tnef

        return tnef.read_message(data, limits=inside)
    if kind == "message" and data.startswith(compound.MAGIC):
        from archiver.intake import outlook_msg

        return outlook_msg.read_message(data, limits=inside)
    if kind == "message" or media_type == _SIGNED_WRAPPER:
        return mime.read_message(
            data, format="eml", index=0, span=Span(0, len(data)), limits=inside
        )
    return None
