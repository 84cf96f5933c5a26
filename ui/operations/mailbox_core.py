"""Mailboxes as the window asks them, answered by the services; every method runs in a worker thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from archiver.findings import Finding, Severity
from archiver.progress import Progress

if TYPE_CHECKING:
    from archiver.services.archive import Archive
    from archiver.services.intake import SourceResult
    from archiver.services.selection import Choice
    from ui.operations.core import Outcome, Secured

Folder = tuple[str, str]  # path of the mailbox, name of the folder or label
Group = tuple[str, tuple[str, ...]]  # path of the mailbox, every folder that a message is in
_BATCH = 400


@dataclass(frozen=True, slots=True)
class Mail:
    """One message of a mailbox that is not stored. `trouble` says why it cannot be read."""

    box: str
    path: str
    index: int
    folders: tuple[str, ...]  # more than one for a message with labels of Gmail
    title: str = ""
    sender: str = ""  # name and address, to search in
    date: str | None = None
    attachments: int = 0
    author: str = ""  # who it is from, for people
    trouble: tuple[Finding, ...] = ()

    @property
    def group(self) -> Group:
        """The folders it is in, with its mailbox: messages with the same are counted together."""
        return self.box, self.folders


@dataclass(slots=True)
class Batch:
    """What came of the messages; `had` are those (path, index) that are items already.

    `troubled` are the files that were not read, or not to the end.
    """

    mails: list[Mail] = field(default_factory=list)
    had: set[tuple[str, int]] = field(default_factory=set)
    troubled: list[Outcome] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What became of a run: per file for the tasks, and per message by path and index."""

    secured: Secured
    fates: Mapping[tuple[str, int], str]


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """How far a mailbox is before its first message: bytes, or from which message it goes on."""

    name: str
    stage: str  # vergelijken, kopieren, verder
    done: int
    total: int


Hear = Callable[[Whereabouts], None]


class Mailboxes(Protocol):
    """Everything that choosing from a mailbox asks of the core."""

    def could_be(self, path: Path) -> bool:
        """Tell, without reading it, whether this may be a mailbox."""

    def folders(
        self, box: Path, progress: Progress
    ) -> Iterator[tuple[tuple[str, ...], int] | str | None]:
        """Give the kind (None: no mailbox), then how many were counted so far in the same folders."""

    def messages(self, boxes: Sequence[Path], expected: int, progress: Progress) -> Iterator[Batch]:
        """Read the messages; nothing is stored."""

    def take_in(
        self, choices: Mapping[Path, Choice], expected: int, progress: Progress, hear: Hear
    ) -> Chosen:
        """Secure what is chosen; `hear` is called often while a mailbox is copied."""


class ArchiveMailboxes:
    """Mailboxes on one work folder; `archive` is asked when it is needed, not before it is open."""

    def __init__(self, archive: Callable[[], Archive]) -> None:
        self._archive = archive

    def could_be(self, path: Path) -> bool:
        """Tell, without reading it, whether this may be a mailbox."""
        from archiver.services import selection

        return selection.could_be_mailbox(path)

    def folders(
        self, box: Path, progress: Progress
    ) -> Iterator[tuple[tuple[str, ...], int] | str | None]:
        """Give the kind (None: no mailbox), then how many were counted so far in the same folders."""
        from archiver.services import selection

        for event in selection.folders(box, progress):
            if isinstance(event, selection.Kind):
                yield event.kind
            else:
                yield event.folders, event.count

    def messages(self, boxes: Sequence[Path], expected: int, progress: Progress) -> Iterator[Batch]:
        """Read the messages; nothing is stored."""
        from archiver.services import selection
        from ui.operations.core import Outcome

        batch = Batch()
        command = selection.LookInside(tuple(boxes), expected=expected or None)
        for event in selection.messages(self._archive(), command, progress):
            if isinstance(event, selection.Listed):
                batch.mails.append(
                    Mail(
                        str(event.box),
                        str(event.path),
                        event.index,
                        event.folders,
                        event.title,
                        event.sender,
                        event.date,
                        event.attachments,
                        event.author,
                    )
                )
            elif isinstance(event, selection.Trouble):
                where = str(event.box), str(event.path)
                batch.mails.append(Mail(*where, event.index, ("",), trouble=event.findings))
            else:
                batch.had |= {(str(event.path), index) for index in event.had}
                if any(found.severity is Severity.FOUT for found in event.findings):
                    status = "opgenomen" if event.messages else "geweigerd"
                    counts = event.messages, event.messages
                    batch.troubled.append(
                        Outcome(str(event.path), status, event.size, *counts, (), event.findings)
                    )
            if len(batch.mails) >= _BATCH:
                yield batch
                batch = Batch()
        yield batch

    def take_in(
        self, choices: Mapping[Path, Choice], expected: int, progress: Progress, hear: Hear
    ) -> Chosen:
        """Secure what is chosen."""
        from archiver.services import mailbox_intake as service
        from ui.operations.core import Outcome, Secured

        archive = self._archive()
        command = service.TakeInChosen(choices, owner=archive.actor, expected=expected)
        done = service.take_in_chosen(
            archive,
            command,
            progress,
            lambda at: hear(Whereabouts(at.path.name, str(at.stage), at.done, at.total)),
        )
        outcomes = tuple(
            Outcome(
                source.path,
                _status(source),
                source.size,
                source.ledger.messages + source.ledger.not_chosen + source.ledger.earlier,
                source.ledger_stored.messages,
                source.item_ids,
                source.findings,
                earlier=source.ledger.earlier,
                not_chosen=source.ledger.not_chosen,
            )
            for source in done.result.sources
        )
        fates = {
            (path, index): str(fate)
            for path, file in done.fates.items()
            for index, fate in file.items()
        }
        secured = Secured(outcomes, done.result.changes.ids, done.result.stopped)
        return Chosen(secured, fates)


def _status(source: SourceResult) -> str:
    """A mailbox of which nothing was chosen did not fail: it stays where it is."""
    failed = any(found.severity is Severity.FOUT for found in source.findings)
    nothing = source.source_id is None and source.ledger.not_chosen > 0 and not failed
    return "niet_gekozen" if nothing else str(source.status)
