"""Open a message or conversation for reading, from the vault or from a file not stored yet."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from archiver.errors import InputRefused, StoreDamaged
from archiver.findings import Finding
from archiver.intake import body_text, containers, content, emlx, registry, reports
from archiver.intake.chat import media, whatsapp
from archiver.intake.protocol import Limits, ParseContext
from archiver.model import Attachment, ChatMessage, Conversation, EmailMessage, Item
from archiver.services.archive import Archive

PAGE = 2_000  # chat messages that the reader shows at once


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader shows. `html` is sanitised and has no remote content; `text` always exists."""

    title: str
    sender: str | None
    to: tuple[str, ...]
    cc: tuple[str, ...]
    date: str | None
    html: str | None
    text: str
    attachments: tuple[Attachment, ...]
    chat: tuple[ChatMessage, ...] = ()
    chat_total: int = 0
    begun: bool = False  # only the first messages are read yet
    said: tuple[Finding, ...] = ()  # what a report says: who did not get a message, and why
    chat_at: int | None = None  # which message of `chat` is the one that was opened


def read_item(archive: Archive, item: Item) -> Reading:
    """Open a secured item. Raises `StoreDamaged` when the bytes are not what was secured."""
    if isinstance(item.record, Conversation):
        return _conversation(item.record, archive.vault.path(item.source_sha256))
    return read_mail(item.record, message_bytes(archive, item))


def read_file(path: Path, record: EmailMessage | Conversation) -> Reading:
    """Open something that is only previewed. Raises `InputRefused` when the file has changed."""
    if isinstance(record, Conversation):
        return _conversation(record, path)
    return read_mail(record, file_bytes(path, record))


def file_bytes(path: Path, record: EmailMessage) -> bytes:
    """Give the exact bytes of a previewed e-mail. Raises `InputRefused` when the file has changed."""
    try:
        if record.place is not None:
            raw = containers.message_bytes(path, record.place)
        else:
            with path.open("rb") as stream:
                stream.seek(record.span.start)
                raw = stream.read(record.span.end - record.span.start)
    except OSError as error:
        raise InputRefused("bestand.niet_te_openen", {"bestand": path.name}) from error
    if hashlib.sha256(raw).hexdigest() != record.sha256:
        raise InputRefused("bestand.veranderde_tijdens_lezen", {"bestand": path.name})
    return raw


def message_bytes(archive: Archive, item: Item) -> bytes:
    """Give the exact bytes of a secured e-mail, checked against its hash."""
    place = item.record.place if isinstance(item.record, EmailMessage) else None
    if place is not None:
        raw = containers.message_bytes(archive.vault.path(item.source_sha256), place)
    else:
        raw = archive.vault.slice(item.source_sha256, item.span.start, item.span.end)
    if hashlib.sha256(raw).hexdigest() != item.sha256:
        raise StoreDamaged("kluis", {"n": 1}, place=item.id)
    return raw


def attachment_bytes(raw: bytes, attachment: Attachment) -> bytes:
    """Give the decoded bytes of an attachment, checked against its hash."""
    data = content.part_bytes(raw, attachment.part)
    if hashlib.sha256(data).hexdigest() != attachment.sha256:
        raise StoreDamaged("bijlage_klopt_niet", {"naam": attachment.name or attachment.part})
    return data


def chat_messages(record: Conversation, path: Path) -> Iterator[ChatMessage]:
    """Read the messages of a conversation again; the answers given at intake are used again.

    Which media are there is what was found at intake: in the vault no file lies beside the text.
    """
    named = {medium.name: medium for medium in record.media}
    known = {(medium.name, medium.sha256): medium for medium in record.media}
    parser = registry.by_format(record.format)
    context = _as_answered(record)
    again = getattr(parser, "messages", None)  # a reader that need not look at the whole first
    records = again(path, record, context) if again else parser.parse(path, context)
    for found in records:
        if isinstance(found, ChatMessage) and found.conversation == record.id:
            there = tuple(
                known.get((a.name, a.sha256)) or named.get(a.name, a) for a in found.attachments
            )
            yield replace(found, attachments=there) if there != found.attachments else found


def first_messages(record: Conversation, path: Path) -> tuple[ChatMessage, ...]:
    """Give the first messages of a conversation without reading the rest of its file.

    None when its reader must see all of the file first. Raises `KnownError` or `OSError`.
    """
    first = getattr(registry.by_format(record.format), "first_messages", None)
    return first(path, record, _as_answered(record)) if first is not None else ()


def _as_answered(record: Conversation) -> ParseContext:
    answers = {"date_order": record.date_order} if record.date_order else {}
    for person in record.participants:
        if person.id == "self":  # whose phone it was, as answered at intake
            answers["owner"] = person.name
    return ParseContext(answers=answers)


def part_bytes(archive: Archive, item: Item, place: tuple[str, ...]) -> bytes:
    """Give the decoded bytes of a part of a secured item.

    `place` is ("2", "1") for part 1 of the message attached as part 2; of a chat it is the one
    ``ChatAttachment.path``. Raises `StoreDamaged` when the vault cannot give them.
    """
    record = item.record
    if isinstance(record, Conversation):
        medium = next(m for m in record.media if m.path == place[0])
        if record.text_member is None:
            return archive.vault.read_verified(medium.sha256 or "")
        source = archive.vault.path(item.source_sha256)
        return b"".join(medium_of_file(source, record.format, place[0]))
    if place[0].startswith(emlx.BESIDE):
        beside = next(a for a in record.attachments if a.part == place[0])
        return archive.vault.read_verified(beside.sha256)
    data = message_bytes(archive, item)
    for part in place:
        data = content.part_bytes(data, part)
    return data


def medium_of_file(path: Path, format: str, name: str) -> Iterator[bytes]:
    """Give the bytes of a medium of a chat export, by its ``ChatAttachment.path``.

    Raises `InputRefused` when the export does not have it.
    """
    own = getattr(registry.by_format(format), "member_bytes", None)
    found: Iterator[bytes] = own(path, name) if own else media.member_bytes(path, name, Limits())
    return found


def mail_text(raw: bytes, record: EmailMessage | None = None) -> str:
    """Give the plain text of a mail, made from its HTML when it has no text part."""
    return content.readable(raw, content.chosen_codepage(record) if record else None).plain


def mail_headers(raw: bytes, record: EmailMessage | None = None) -> tuple[tuple[str, str], ...]:
    """Give all headers, decoded, in the order of the message."""
    return content.all_fields(raw, content.chosen_codepage(record) if record else None)


def read_mail(record: EmailMessage, raw: bytes) -> Reading:
    """Make a mail readable from its bytes."""
    body = content.readable(raw, content.chosen_codepage(record))
    return Reading(
        title=record.subject or "",
        sender=_label(record),
        to=tuple(a.name or a.address or "" for a in record.to),
        cc=tuple(a.name or a.address or "" for a in record.cc),
        date=record.date,
        html=body_text.safe_html(body.html) if body.html else None,
        text=reports.without_files(body.plain, record.attachments),
        attachments=record.attachments,
        said=reports.said(record, raw, Limits()),
    )


def _conversation(record: Conversation, path: Path) -> Reading:
    page = tuple(islice(chat_messages(record, path), PAGE))
    return Reading(
        title=record.title or "",
        sender=None,
        to=tuple(p.name for p in record.participants),
        cc=(),
        date=record.last,
        html=None,
        text="",
        attachments=(),
        chat=page,
        chat_total=record.message_count,
        begun=whatsapp.is_beginning(record),
    )


def _label(record: EmailMessage) -> str | None:
    return (record.sender.name or record.sender.address) if record.sender else None
