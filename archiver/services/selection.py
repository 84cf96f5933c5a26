"""Look into a mailbox before anything is stored: its folders at once, then its messages, and a choice.

A choice says which messages become items. `archiver.services.mailbox_intake` secures them; the container is
preserved whole and what was not chosen is counted by folder.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from archiver.findings import Finding
from archiver.intake.outline import FolderCount, Kind, could_be_mailbox, outline
from archiver.intake.pool import Finished, Parsed, read_sources
from archiver.intake.protocol import Limits, ParseContext
from archiver.model import EmailMessage, Unreadable
from archiver.progress import Progress, StopOnly
from archiver.services.appraise import sender_of, title_of
from archiver.services.archive import Archive
from archiver.store import items

__all__ = ["FolderCount", "Kind", "could_be_mailbox", "folders", "top_of"]


@dataclass(frozen=True, slots=True)
class Choice:
    """Which messages of a mailbox are chosen: all that is given must hold.

    `folders` are names of folders ("" for none) or labels of Gmail, None for all; a name that ends in "/"
    stands for all below it. One is enough, and a message in two of them is taken once. What is in one of
    `without` stays behind, whatever other labels it has. `since` and `until` are ISO days, both included,
    by the date as the message says it; a message without a date is in no period. `senders` are parts of a
    name or address, in any case; one of them is enough.
    """

    folders: frozenset[str] | None = None
    without: frozenset[str] = frozenset()
    since: str | None = None
    until: str | None = None
    senders: tuple[str, ...] = ()

    def holds(self, places: Sequence[str], date: str | None, sender: str) -> bool:
        """Tell whether a message in these folders is chosen; `sender` is name and address together."""
        day = (date or "")[:10]
        return (
            self.in_chosen(places)
            and (self.since is None or day >= self.since)
            and (self.until is None or "" < day <= self.until)
            and (not self.senders or any(s.casefold() in sender.casefold() for s in self.senders))
        )

    def takes(self, record: EmailMessage) -> bool:
        """Tell whether a message as read is chosen."""
        return self.holds(places_of(record), record.date, sender_words(record))

    def in_chosen(self, places: Sequence[str]) -> bool:
        """Tell whether a message in these folders is chosen by them."""
        wanted, without = self.folders, self.without
        if without and any(in_folders(place, without) for place in places):
            return False
        return wanted is None or any(in_folders(place, wanted) for place in places)

    @property
    def everything(self) -> bool:
        """Tell whether nothing is left out."""
        return self == Choice()


def in_folders(folder: str, wanted: Collection[str]) -> bool:
    """Tell whether a folder is one of these, or lies below one that ends in "/"."""
    if folder in wanted:
        return True
    return any(folder[: place + 1] in wanted for place, c in enumerate(folder) if c == "/")


def places_of(record: EmailMessage) -> tuple[str, ...]:
    """Give where a message is in its mailbox: under each label of Gmail, else in its folder ("": none)."""
    return record.labels or (record.folder or "",)


def place_words(record: EmailMessage) -> str:
    """Give where a message is in its mailbox as one line, to count what was not chosen by."""
    return ", ".join(places_of(record))


def sender_words(record: EmailMessage) -> str:
    """Give name and address of the sender together, to search in."""
    found = record.sender
    return f"{found.name or ''} {found.address or ''}".strip() if found else ""


@dataclass(frozen=True, slots=True)
class Listed:
    """One message of a mailbox, as light as a list needs it. `box` is the path that was dropped."""

    box: Path
    path: Path
    index: int
    folders: tuple[str, ...]  # one; more for a message with labels
    title: str
    author: str  # name or address, for people
    sender: str  # both, to search in
    date: str | None
    attachments: int
    size: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """A message or file of the mailbox that cannot be read, and why."""

    box: Path
    path: Path
    index: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class FileDone:
    """All of a file was read; `had` are its messages that are items already."""

    box: Path
    path: Path
    messages: int
    size: int
    findings: tuple[Finding, ...]
    had: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class LookInside:
    """The command: read the messages of these mailboxes and store nothing."""

    boxes: tuple[Path, ...]
    answers: Mapping[str, str] = field(default_factory=dict)
    expected: int | None = None  # how many messages, for the progress


def folders(box: Path, progress: Progress) -> Iterator[Kind | FolderCount]:
    """Give the folders of a mailbox with their counts, within a second or as they grow.

    The first answer is the kind, None when this is no mailbox. Raises `InputRefused` when it cannot be
    read and `Cancelled`.
    """
    return outline(box, Limits(), progress)


def messages(
    archive: Archive, command: LookInside, progress: Progress
) -> Iterator[Listed | Trouble | FileDone]:
    """Read the messages, in source order; nothing reaches the disk. Raises `Cancelled`."""
    context = ParseContext(answers=dict(command.answers), messages=False)
    done = 0
    for event in read_sources(command.boxes, context, StopOnly(progress)):
        box = top_of(event.path, command.boxes)
        if isinstance(event, Parsed):
            record = event.record
            done += 1
            progress.step(done, command.expected, box.name)
            if isinstance(record, EmailMessage):
                yield _listed(box, event.path, record)
            elif isinstance(record, Unreadable):
                yield Trouble(box, event.path, record.index, record.findings)
        elif isinstance(event, Finished):
            had: frozenset[int] = frozenset()
            if event.sha256 is not None:
                with archive.register.read() as tx:
                    had = frozenset(items.positions(tx, event.sha256))
            if event.sha256 is None:
                yield Trouble(box, event.path, 0, event.findings)
            yield FileDone(box, event.path, event.ledger.messages, event.size, event.findings, had)


def top_of(path: Path, boxes: Sequence[Path]) -> Path:
    """Give the dropped path that a file belongs to."""
    return next((box for box in boxes if path == box or path.is_relative_to(box)), path)


def _listed(box: Path, path: Path, record: EmailMessage) -> Listed:
    return Listed(
        box,
        path,
        record.index,
        places_of(record),
        title_of(record),
        sender_of(record) or "",
        sender_words(record),
        record.date,
        sum(not a.inline for a in record.attachments),
        record.size,
    )
