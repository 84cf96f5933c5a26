"""Read a stored message again: its text, its header, its parts, by the reader of what the bytes are.

Chosen by the first bytes, not by the format of the record, so that it holds for a part inside a part too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from archiver.intake import body_text, headers, ics, mime, msg, parts, tnef
from archiver.intake.attached import TNEF
from archiver.intake.body_text import Readable
from archiver.intake.compound import MAGIC
from archiver.intake.mapi import CHOSEN
from archiver.intake.protocol import Head
from archiver.model import EmailMessage


@dataclass(frozen=True, slots=True)
class Reader:
    """How messages of one form are read again. `part` raises KeyError when there is no such part.

    `text` and `fields` are given the code page that the user chose at intake for old text, or None.
    """

    part: Callable[[bytes, str], bytes]
    text: Callable[[bytes, str | None], Readable]
    fields: Callable[[bytes, str | None], tuple[tuple[str, str], ...]]


def _mail_text(raw: bytes, codepage: str | None) -> Readable:
    """Give the text of a mail; when Outlook put all of it in winmail.dat, the text in there."""
    found = body_text.readable(raw)
    if not found.plain.strip() and found.html is None:
        for leaf in parts.structure(raw).leaves:
            data = leaf.decoded(raw)[0] if leaf.kind != "message" else b""
            if data.startswith(TNEF):
                return tnef.readable(data, codepage)
    return found


_MAIL = Reader(mime.part_bytes, _mail_text, lambda raw, _: headers.all_headers(raw))
_OUTLOOK = Reader(msg.part_bytes, msg.readable, msg.all_fields)
_TNEF = Reader(tnef.part_bytes, tnef.readable, tnef.all_fields)
_CALENDAR = Reader(
    ics.part_bytes, lambda raw, _: ics.readable(raw), lambda raw, _: ics.all_fields(raw)
)


def reader_of(raw: bytes) -> Reader:
    """Give the reader for these bytes; what is nothing else is a mail."""
    if raw.startswith(MAGIC):
        return _OUTLOOK
    if raw.startswith(TNEF):
        return _TNEF
    if ics.score(Head(raw[:256], len(raw), "")):
        return _CALENDAR
    return _MAIL


def is_no_mail(raw: bytes) -> bool:
    """Tell whether these bytes are a message in another form than that of mail (RFC 5322)."""
    return reader_of(raw) is not _MAIL


def part_bytes(raw: bytes, part: str) -> bytes:
    """Give the decoded bytes of a part. KeyError when there is no such part."""
    return reader_of(raw).part(raw, part)


def readable(raw: bytes, codepage: str | None = None) -> Readable:
    """Give the text of a message, and its HTML as the message has it: not safe to show."""
    return reader_of(raw).text(raw, codepage)


def all_fields(raw: bytes, codepage: str | None = None) -> tuple[tuple[str, str], ...]:
    """Give the header fields of a message, decoded, in order."""
    return reader_of(raw).fields(raw, codepage)


def chosen_codepage(message: EmailMessage) -> str | None:
    """Give the code page that the user chose when this message was read; None when nobody chose."""
    for finding in message.findings:
        if finding.code == CHOSEN:
            return str(finding.params["codepagina"])
    return None
