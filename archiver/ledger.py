"""Counting what a record holds: the loss ledger is the same count at intake, register and package."""

from __future__ import annotations

from collections.abc import Iterator

from archiver.model import Attachment, Conversation, EmailMessage, Ledger, Record, Unreadable


def count(record: Record) -> Ledger:
    """Count one record. A chat message counts with its conversation, so by itself it is nothing."""
    if isinstance(record, EmailMessage):
        nested = list(all_attachments(record))
        inner = [a.message for a in nested if a.message is not None]
        return Ledger(
            messages=1,
            parts=record.parts + sum(m.parts for m in inner),
            attachments=len(nested),
            attached_messages=sum(a.kind == "message" for a in nested),
            undecodable_characters=record.undecodable + sum(m.undecodable for m in inner),
        )
    if isinstance(record, Conversation):
        return Ledger(
            messages=record.message_count,
            attachments=sum(medium.present for medium in record.media),
            undecodable_characters=record.counts.get("undecodable", 0),
        )
    if isinstance(record, Unreadable):
        return Ledger(refused=1)
    return Ledger()


def all_attachments(record: EmailMessage) -> Iterator[Attachment]:
    """Give every attachment, those of attached messages included, outer before inner."""
    waiting = list(reversed(record.attachments))
    while waiting:
        attachment = waiting.pop()
        yield attachment
        if attachment.message is not None:
            waiting.extend(reversed(attachment.message.attachments))
