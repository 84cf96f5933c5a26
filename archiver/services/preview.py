"""Look at what was dropped before anything is stored: records, proposals, findings. Lives in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archiver.errors import InputRefused
from archiver.findings import Finding
from archiver.intake.pool import Begun, Finished, Parsed, Started, read_sources
from archiver.intake.protocol import ParseContext
from archiver.model import (
    ChatMessage,
    Conversation,
    EmailMessage,
    Identification,
    Ledger,
    Unreadable,
)
from archiver.progress import Progress
from archiver.services import date_evidence, questions
from archiver.services.appraise import date_of, hint_for, propose_for, sender_of, title_of
from archiver.services.archive import Archive, now
from archiver.services.questions import Question
from archiver.services.reading import Reading, first_messages, read_file
from archiver.store import sources


@dataclass(frozen=True, slots=True)
class Look:
    """The command: parse these files and folders and store nothing."""

    paths: tuple[Path, ...]
    owner: str | None = None
    owner_stated: bool = True  # False: it is who works here, and of a phone export it is asked
    answers: Mapping[str, str] = field(default_factory=dict)
    messages: bool = False


@dataclass(frozen=True, slots=True)
class SourceFound:
    """A file was recognised; its messages follow."""

    path: Path
    display_name: str
    identification: Identification


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One message or conversation that is not stored yet."""

    key: tuple[str, int]
    path: Path
    kind: str
    title: str
    sender: str | None
    date: str | None
    attachment_count: int
    record: EmailMessage | Conversation
    proposal: Mapping[str, Any]
    dossier_naam: str | None
    findings: tuple[Finding, ...]
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class Previewed:
    """A row for the list."""

    row: PreviewRow


@dataclass(frozen=True, slots=True)
class PreviewBegun:
    """A row of which only the first messages are read yet; the `Previewed` with its key replaces it."""

    row: PreviewRow


@dataclass(frozen=True, slots=True)
class PreviewedMessage:
    """One message of the conversation that came before it (only with `Look.messages`)."""

    path: Path
    message: ChatMessage


@dataclass(frozen=True, slots=True)
class PreviewRefused:
    """A place in a source, or a whole source, that could not be read."""

    path: Path
    record: Unreadable


@dataclass(frozen=True, slots=True)
class SourceDone:
    """All of a source was read; `already_in_vault` when the same bytes were secured before."""

    path: Path
    sha256: str | None
    size: int
    ledger: Ledger
    findings: tuple[Finding, ...]
    already_in_vault: bool


PreviewEvent = (
    SourceFound | PreviewBegun | Previewed | PreviewedMessage | PreviewRefused | SourceDone
)


def preview(archive: Archive, command: Look, progress: Progress) -> Iterator[PreviewEvent]:
    """Read and propose, in source order; nothing reaches the disk."""
    given = questions.given_with(command)
    context = ParseContext(answers=given, messages=command.messages)
    earlier = questions.remembered(archive)

    def row(path: Path, record: EmailMessage | Conversation) -> PreviewRow:
        found = questions.answered(archive, record, given, earlier, now())
        return _row(archive, command, path, found, earlier)

    drop: list[date_evidence.Export] = []
    for event in read_sources(command.paths, context, progress):
        if isinstance(event, Started):
            yield SourceFound(event.path, event.path.name, event.identification)
        elif isinstance(event, Begun):
            yield PreviewBegun(row(event.path, event.record))
        elif isinstance(event, Parsed):
            record = event.record
            if isinstance(record, Unreadable):
                yield PreviewRefused(event.path, record)
            elif isinstance(record, ChatMessage):
                yield PreviewedMessage(event.path, record)
            elif isinstance(record, Conversation):
                found = date_evidence.settled(archive, record, event.path, drop)
                drop.append((found, event.path))
                yield Previewed(row(event.path, found))
                if found.date_order is not None:  # it may decide an earlier file of this drop
                    yield from (Previewed(row(path, one)) for one, path in _decided(archive, drop))
            else:
                yield Previewed(row(event.path, record))
        elif isinstance(event, Finished):
            known = False
            if event.sha256 is not None:
                with archive.register.read() as tx:
                    known = sources.by_sha256(tx, event.sha256) is not None
                    known = known and not sources.incomplete(tx, [event.sha256])
            yield SourceDone(
                event.path, event.sha256, event.size, event.ledger, event.findings, known
            )


def _decided(archive: Archive, drop: list[date_evidence.Export]) -> Iterator[date_evidence.Export]:
    """Give the files of this drop whose order of day and month the last one decides."""
    for place, (record, path) in enumerate(drop):
        if date_evidence.is_open(record):
            found = date_evidence.settled(archive, record, path, drop[-1:])
            if found.date_order is not None:
                drop[place] = found, path
                yield found, path


def read_preview(row: PreviewRow) -> Reading:
    """Open one row in the reader, from the file where it still lies. Raises `KnownError`."""
    return read_file(row.path, row.record)


def first_of(row: PreviewRow) -> tuple[ChatMessage, ...]:
    """Give the first messages of a conversation, to show while all of it is read.

    None when its reader must see the whole file first. Raises `KnownError`.
    """
    if not isinstance(row.record, Conversation):
        return ()
    try:
        return first_messages(row.record, row.path)
    except OSError as error:
        raise InputRefused("bestand.niet_te_openen", {"bestand": row.path.name}) from error


def _row(
    archive: Archive,
    command: Look,
    path: Path,
    record: EmailMessage | Conversation,
    earlier: Mapping[str, str],
) -> PreviewRow:
    hint = hint_for(archive, record)
    owner = questions.owner_of(record, command.owner)
    proposal = propose_for(archive, record, owner=owner, dossier=hint)
    parts = record.attachments if isinstance(record, EmailMessage) else record.media
    return PreviewRow(
        key=(str(path), record.index),
        path=path,
        kind="email" if isinstance(record, EmailMessage) else "conversation",
        title=title_of(record),
        sender=sender_of(record),
        date=date_of(record),
        attachment_count=len(parts),
        record=record,
        proposal=proposal.to_json(),
        dossier_naam=hint.naam if hint else None,
        findings=record.findings,
        questions=questions.open_questions(archive, record, earlier),
    )
