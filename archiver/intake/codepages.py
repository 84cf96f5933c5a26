"""Old Outlook text read with the code page that somebody chose, wherever in a message it stands.

Such text is in a .msg file, in TNEF, and in both when they are attached to another message. The answer
``codepage`` ("cp1251") holds for every message of a file, ``codepage:3`` for its message with index 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from archiver.findings import Finding
from archiver.intake import containers, content, msg, tnef
from archiver.intake.attached import TNEF
from archiver.intake.compound import MAGIC
from archiver.intake.mapi import CHOSEN, GUESSED
from archiver.intake.protocol import Limits, ParseContext
from archiver.model import EmailMessage, Record

ANSWER = "codepage"


def page_for(answers: Mapping[str, str], index: int) -> str | None:
    """Give the page that was chosen for the message with this index."""
    return answers.get(f"{ANSWER}:{index}") or answers.get(ANSWER)


def answered(record: Record, path: Path, context: ParseContext) -> Record:
    """Read a message of a file again as the user answered. Raises `InputRefused` and OSError."""
    page = page_for(context.answers, record.index)
    if page is None or not isinstance(record, EmailMessage) or not has_outlook(record):
        return record
    if (record.place or "").startswith("zip:"):
        return record  # its reader did it: opening the zip again for each message takes too long
    if record.place is not None:
        raw = containers.message_bytes(path, record.place)
    else:
        with path.open("rb") as stream:
            stream.seek(record.span.start)
            raw = stream.read(record.span.end - record.span.start)
    return read_with(record, raw, page, context.limits)


def read_with(message: EmailMessage, raw: bytes, page: str | None, limits: Limits) -> EmailMessage:
    """Read the old text of a message and of all that is attached to it with a page; None: guess again.

    What the container says of the message stays: its place, its folder, its labels.
    """
    if not has_outlook(message):
        return message
    read = msg.read_message if raw.startswith(MAGIC) else tnef.read_message
    if raw.startswith((MAGIC, TNEF)):
        again = read(raw, limits=limits, codepage=page)
        message = replace(
            again,
            format=message.format,
            index=message.index,
            span=message.span,
            size=message.size,
            sha256=message.sha256,
            place=message.place,
            folder=message.folder,
            labels=message.labels,
        )
    attachments = list(message.attachments)
    for number, attachment in enumerate(attachments):
        inner = attachment.message
        if inner is None or limits.depth <= 1 or not has_outlook(inner):
            continue
        try:
            data = content.part_bytes(raw, attachment.part)
        except KeyError:
            continue  # a file beside the mail
        less = replace(limits, depth=limits.depth - 1)
        attachments[number] = replace(attachment, message=read_with(inner, data, page, less))
    return replace(message, attachments=tuple(attachments))


def has_outlook(message: EmailMessage) -> bool:
    """Tell whether there is an Outlook item in it: only those can have text without a character set."""
    return any(one.format in (msg.FORMAT, tnef.FORMAT) for one in _all(message))


def finding_of(message: EmailMessage) -> Finding | None:
    """Give what was chosen or guessed for the first old text in it; None when none is in doubt."""
    found = (f for one in _all(message) for f in one.findings if f.code in (CHOSEN, GUESSED))
    return next(found, None)


def chosen(message: EmailMessage) -> str | None:
    """Give the page that somebody chose for the old text in it."""
    found = (f for one in _all(message) for f in one.findings if f.code == CHOSEN)
    return next((str(f.params["codepagina"]) for f in found), None)


def _all(message: EmailMessage) -> Iterator[EmailMessage]:
    waiting = [message]
    while waiting:
        one = waiting.pop()
        yield one
        waiting.extend(a.message for a in reversed(one.attachments) if a.message is not None)
