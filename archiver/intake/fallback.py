"""What is said of a message on which our own reader failed: its header, read by the standard library.

A mistake of ours may cost a message its details, never its place in the list, and never the rest of a
mailbox. The original is kept whole; the finding names the kind of the mistake, so that it is reported.
"""

from __future__ import annotations

import hashlib
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parseaddr, parsedate_to_datetime

from archiver.findings import Finding, Severity
from archiver.model import Address, EmailMessage, Span


def header_only(
    raw: bytes, *, format: str, index: int, span: Span, error: Exception
) -> EmailMessage:
    """Give the message with what its header says and the finding that nothing more was read."""
    finding = Finding("mail.lezer_mislukt", {"soort": type(error).__name__}, severity=Severity.FOUT)
    header = BytesHeaderParser().parsebytes(raw)
    return EmailMessage(
        format=format,
        index=index,
        span=span,
        size=len(raw),
        sha256=hashlib.sha256(raw).hexdigest(),
        message_id=_text(header, "message-id"),
        subject=_text(header, "subject"),
        sender=_sender(header),
        date=_date(header),
        date_raw=_text(header, "date"),
        findings=(finding,),
    )


def _text(header: Message, name: str) -> str | None:
    value = header.get(name)
    return None if value is None else " ".join(str(value).split()) or None


def _sender(header: Message) -> Address | None:
    name, address = parseaddr(_text(header, "from") or "")
    return Address(name or None, address or None) if name or address else None


def _date(header: Message) -> str | None:
    try:
        moment = parsedate_to_datetime(_text(header, "date") or "")
    except ValueError:
        return None
    return moment.isoformat() if moment.tzinfo is not None else None
