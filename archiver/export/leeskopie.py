"""Reading copies as plain UTF-8 text, made again from the original at any time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archiver.model import Address, Attachment, ChatMessage, Conversation, EmailMessage


def email(record: EmailMessage, text: str) -> bytes:
    """Make the copy of an e-mail: the headers a reader needs, the attachments, the text."""
    rows = [
        ("Van", _one(record.sender) if record.sender else ""),
        ("Aan", _many(record.to)),
        ("Cc", _many(record.cc)),
        ("Bcc", _many(record.bcc)),
        ("Datum", record.date or record.date_raw or ""),
        ("Onderwerp", record.subject or ""),
        ("Bijlagen", "; ".join(_file(a) for a in record.attachments)),
    ]
    head = "".join(f"{name}: {_line(value)}\n" for name, value in rows if value)
    return _encode(f"{head}\n{text.rstrip()}\n")


def chat(record: Conversation, messages: Iterable[ChatMessage]) -> Iterator[bytes]:
    """Make the copy of a conversation: day marks, then time, sender and text as the source has them."""
    yield _encode(f"{_line(record.title or record.platform)}\n")
    names = ", ".join(_line(p.name) for p in record.participants)
    if names:
        yield _encode(f"Deelnemers: {names}\n")
    day = ""
    for message in messages:
        sent = message.sent or ""
        if sent[:10] != day:
            day = sent[:10]
            yield _encode(f"\n== {day or 'datum onbekend'} ==\n")
        time = sent[11:] or (message.sent_raw or "")
        who = f" {_line(message.sender)}:" if message.sender else ""
        files = "".join(f" [{_media(a.name, a.present)}]" for a in message.attachments)
        yield _encode(f"{_line(time)}{who} {message.text or ''}{files}\n")


def _media(name: str, present: bool) -> str:
    return _line(name) if present else f"{_line(name)}, ontbreekt in de export"


def _file(attachment: Attachment) -> str:
    return f"{attachment.name or attachment.media_type} ({attachment.size} bytes)"


def _many(addresses: tuple[Address, ...]) -> str:
    return "; ".join(_one(a) for a in addresses)


def _one(address: Address) -> str:
    if address.name and address.address:
        return f"{address.name} <{address.address}>"
    return address.name or address.address or ""


def _line(text: str) -> str:
    return " ".join(text.split())


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "replace")
