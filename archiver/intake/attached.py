"""A part that is a message itself: recognised by what it holds, and read further by the right reader.

For parts whose container names no media type or a wrong one (Outlook, TNEF). The nesting of all readers
together is bounded by `Limits.depth`: each level is read with one level less.
"""

from __future__ import annotations

from dataclasses import replace

from archiver.findings import Finding
from archiver.intake import compound, eml, mime, parts
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
        named = suffix in ("msg", "oft") or media_type == "application/vnd.ms-outlook"
        return "message" if named and _is_item(data) else "file"
    if media_type in _MESSAGE_TYPES:
        return "message"
    if media_type == _SIGNED_WRAPPER:
        return "file"
    if suffix == "eml" and eml.score(Head(data[:65_536], len(data), name or "")) >= 45:
        return "message"
    if media_type == "text/calendar" or (suffix == "ics" and b"BEGIN:VCALENDAR" in data[:4096]):
        return "calendar"
    return parts.KINDS.get(media_type, "file")


def calendar_findings(kind: str, data: bytes, place: str) -> list[Finding]:
    """Give the facts of an invitation; nothing for other parts or a huge one."""
    from archiver.intake import ics

    if kind != "calendar" or len(data) > ics.MOST:
        return []
    return list(ics.findings_of(ics.read_calendar(data), place))


def _is_item(data: bytes) -> bool:
    try:
        return compound.open_compound(data).root.child("__properties_version1.0") is not None
    except compound.NotCompound:
        return False


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
        from archiver.intake import msg

        return msg.read_message(data, limits=inside)
    if kind == "message" or media_type == _SIGNED_WRAPPER:
        return mime.read_message(
            data, format="eml", index=0, span=Span(0, len(data)), limits=inside
        )
    return None
