"""Parse only, store nothing: the lines of ``archiefklaar inspect --json`` (DESIGN section 5)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from archiver.findings import Finding
from archiver.intake.pool import Finished, Parsed, read_sources
from archiver.intake.protocol import ParseContext
from archiver.model import (
    Address,
    Attachment,
    ChatAttachment,
    ChatMessage,
    Conversation,
    EmailMessage,
    Ledger,
    Unreadable,
)
from archiver.progress import Progress

_OFFSET = re.compile(r"[+-]\d\d:\d\d(?::\d\d)?$|Z$")


def inspect(
    paths: tuple[Path, ...],
    progress: Progress,
    *,
    messages: bool = False,
    answers: Mapping[str, str] | None = None,
) -> Iterator[dict[str, Any]]:
    """Give one line per message or conversation; a file that cannot be read gives one too."""
    context = ParseContext(answers=answers or {}, messages=messages)
    given = 0
    for event in read_sources(paths, context, progress):
        if isinstance(event, Parsed):
            given += 1
            yield _line(event.path, event.record)
        elif isinstance(event, Finished):
            if given == 0:
                yield unreadable_line(event.path, 0, event.findings)
            given = 0


def ledger_json(ledger: Ledger) -> dict[str, int]:
    """Give the loss ledger as plain numbers."""
    return asdict(ledger)


def human_line(line: Mapping[str, Any]) -> str:
    """Make the line for people out of the JSON line."""
    if line["kind"] == "email":
        sender = line["from"] or {}
        who = sender.get("name") or sender.get("address") or "-"
        return (
            f"{(line['date'] or '-')[:16]:16}  {who[:28]:28}  {line['subject'] or '-'}"
            f"  ({len(line['attachments'])})"
        )
    if line["kind"] == "conversation":
        return f"{line['platform']}  {line['title'] or '-'}  {line['message_count']}"
    if line["kind"] == "chat_message":
        return f"  {line['sent'] or '-'}  {line['sender'] or '*'}: {line['text'] or ''}"
    return f"-  {line['path']}"


def _line(path: Path, record: object) -> dict[str, Any]:
    if isinstance(record, EmailMessage):
        return _email(path, record)
    if isinstance(record, Conversation):
        return _conversation(path, record)
    if isinstance(record, ChatMessage):
        return _chat_message(record)
    assert isinstance(record, Unreadable)
    return unreadable_line(path, record.index, record.findings)


def unreadable_line(path: Path, index: int, findings: tuple[Finding, ...]) -> dict[str, Any]:
    """Give the line of a file, or a place in it, that could not be read."""
    return {
        "kind": "unreadable",
        "path": str(path),
        "index": index,
        "findings": [f.as_json() for f in findings],
    }


def _email(path: Path, mail: EmailMessage) -> dict[str, Any]:
    return {
        "kind": "email",
        "path": str(path),
        "index": mail.index,
        "format": mail.format,
        "message_id": mail.message_id,
        "subject": mail.subject,
        "from": _address(mail.sender) if mail.sender else None,
        "to": [_address(a) for a in mail.to],
        "cc": [_address(a) for a in mail.cc],
        "bcc": [_address(a) for a in mail.bcc],
        "date": _with_offset(mail.date),
        "date_local": mail.date if _with_offset(mail.date) is None else None,
        "date_raw": mail.date_raw,
        "in_reply_to": mail.in_reply_to,
        "references": list(mail.references),
        "attachments": [_attachment(a) for a in mail.attachments],
        "body": asdict(mail.body),
        "signed": mail.signed,
        "encrypted": mail.encrypted,
        "authentication": mail.authentication,
        "thread_index": mail.thread_index,
        "post": asdict(mail.post) if mail.post is not None else None,
        "folder": mail.folder,
        "labels": list(mail.labels),
        "size": mail.size,
        "sha256": mail.sha256,
        "findings": [f.as_json() for f in mail.findings],
    }


def _with_offset(date: str | None) -> str | None:
    """Give the date only with its offset, as the contract wants; any other is `date_local`."""
    return date if date is not None and _OFFSET.search(date) else None


def _address(address: Address) -> dict[str, str | None]:
    return {"name": address.name, "address": address.address}


def _attachment(part: Attachment) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": part.name,
        "media_type": part.media_type,
        "size": part.size,
        "sha256": part.sha256,
        "inline": part.inline,
        "kind": part.kind,
        "part": part.part,
    }
    if part.message is not None:
        found["message"] = _email(Path(), part.message) | {"path": None}
    return found


def _conversation(path: Path, chat: Conversation) -> dict[str, Any]:
    return {
        "kind": "conversation",
        "path": str(path),
        "index": chat.index,
        "id": chat.id,
        "format": chat.format,
        "platform": chat.platform,
        "title": chat.title,
        "participants": [{"id": p.id, "name": p.name} for p in chat.participants],
        "message_count": chat.message_count,
        "first": chat.first,
        "last": chat.last,
        "media": [_medium(m) for m in chat.media],
        "date_order": chat.date_order,
        "date_order_basis": chat.date_order_basis,
        "counts": dict(chat.counts),
        "findings": [f.as_json() for f in chat.findings],
    }


def _medium(medium: ChatAttachment) -> dict[str, Any]:
    return {k: v for k, v in asdict(medium).items() if k != "path"}


def _chat_message(message: ChatMessage) -> dict[str, Any]:
    return {
        "kind": "chat_message",
        "conversation": message.conversation,
        "index": message.index,
        "id": message.id,
        "sender": message.sender,
        "sender_id": message.sender_id,
        "sent": message.sent,
        "sent_raw": message.sent_raw,
        "text": message.text,
        "type": message.type,
        "system": message.system,
        "attachments": [_medium(m) for m in message.attachments],
        "reply_to": message.reply_to,
        "edited": message.edited,
        "deleted": message.deleted,
        "reactions": [dict(r) for r in message.reactions],
        "place": message.place,
        "findings": [f.as_json() for f in message.findings],
    }
