"""Secure the chosen messages of mailboxes: of files piece by piece, of folders file by file.

What is not chosen stays in the container, or where it lies, and is counted by folder.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from archiver.errors import Cancelled
from archiver.identity import new_id
from archiver.intake.pool import Comparing, Event, Finished, Parsed, Started, read_sources
from archiver.intake.protocol import ParseContext, Resume
from archiver.model import Changes, EmailMessage, SourceStatus, Unreadable
from archiver.progress import Progress, Silent, StopOnly
from archiver.services import half_way
from archiver.services.archive import Archive
from archiver.services.container_intake import (
    CONTAINERS,
    ContainerIntake,
    ContainerNews,
    HearNews,
    Stage,
    no_news,
)
from archiver.services.fates import Fate, Fates
from archiver.services.intake import GROUP_BYTES, GROUP_SOURCES, secure_group
from archiver.services.intake_events import failed_before
from archiver.services.intake_items import (
    UNKNOWN,
    SourceResult,
    TakeIn,
    TakeInResult,
    Underway,
    collect,
    ids_of,
    spool_in,
)
from archiver.services.selection import Choice, place_words, top_of
from archiver.store import audit

__all__ = ["ChosenResult", "Fate", "TakeInChosen", "take_in_chosen"]


@dataclass(frozen=True, slots=True)
class TakeInChosen:
    """The command: of each of these mailboxes take in what is chosen. `expected` is for the progress."""

    choices: Mapping[Path, Choice]
    dossier: str | None = None
    owner: str | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    expected: int | None = None


@dataclass(frozen=True, slots=True)
class ChosenResult:
    """What became of each file, and of each message by path and place in the file."""

    result: TakeInResult
    fates: Mapping[str, Fates]

    def count(self, fate: Fate) -> int:
        """Count the messages with this fate."""
        return sum(file.count(fate) for file in self.fates.values())


def take_in_chosen(
    archive: Archive, command: TakeInChosen, progress: Progress, news: HearNews = no_news
) -> ChosenResult:
    """Take in what is chosen; a failure of one file never stops the others.

    `news` hears how far a mailbox is before its first message. Raises `DiskFull` or `StoreRefused` when
    a piece could not be kept; the pieces before it stay. Cancelling keeps what was read.
    """
    run = _Run(archive, command, progress, news)
    stopped = False
    try:
        context = ParseContext(answers=_answers(command), messages=False)
        paths = tuple(command.choices)
        reading = read_sources(paths, context, StopOnly(progress), before=run.read_before)
        with contextlib.closing(reading) as events:  # type: ignore[type-var]
            for event in events:
                run.hear(event)
        run.group()
    except Cancelled:
        stopped = True
        run.stop()
    finally:
        run.close()
    ids = ids_of(run.results)
    changes = Changes("items", ids, undo_token=run.batch_id if ids else None)
    return ChosenResult(TakeInResult(changes, tuple(run.results), stopped), run.fates)


def _answers(command: TakeInChosen) -> dict[str, str]:
    owner = {"owner": command.owner} if command.owner else {}
    return owner | dict(command.answers)


class _Run:
    """One run over all mailboxes of the command."""

    def __init__(
        self, archive: Archive, command: TakeInChosen, progress: Progress, news: HearNews
    ) -> None:
        self.archive, self.command = archive, command
        self._progress, self._news = progress, news
        self.batch_id = new_id()
        self.plain = TakeIn((), command.dossier, command.owner, answers=command.answers)
        self.results: list[SourceResult] = []
        self.fates: dict[str, Fates] = {}
        self._halves = half_way.half_ways(archive)
        self._failed = failed_before(archive, command.answers)
        self._boxes = tuple(command.choices)
        self._done = 0
        self._box: ContainerIntake | None = None
        self._small: Underway | None = None
        self._left: Counter[str] = Counter()  # loose files of a folder that were not chosen
        self._group: list[tuple[Underway, Finished]] = []
        self._group_bytes = 0

    def choice(self, path: Path) -> Choice:
        return self.command.choices.get(top_of(path, self._boxes), Choice())

    def read_before(self, path: Path) -> list[Resume]:
        """Give the files that were read in part, from which the choice for this path can go on."""
        fitting = half_way.fitting(self._halves, self.choice(path))
        return [*(half.resume for half in fitting.values()), *self._failed]

    def hear(self, event: Event) -> None:
        if isinstance(event, Comparing):
            self._news(ContainerNews(event.path, Stage.VERGELIJKEN, event.done, event.size))
        elif isinstance(event, Started):
            if event.identification.format in CONTAINERS:
                self._open(event)
            else:
                self._small = Underway(event.path, event.identification, spool_in(self.archive))
        elif isinstance(event, Parsed):
            self._step(event.path)
            if self._box is not None:
                self._box.take(event)
            elif self._small is not None:
                self._take(self._small, event)
        elif isinstance(event, Finished):
            if self._box is not None and self._box.path == event.path:
                self._close_box(self._box, event)
            else:
                self._finish(event)

    def _open(self, event: Started) -> None:
        choice = self.choice(event.path)
        halves = half_way.fitting(self._halves, choice)
        self._box = ContainerIntake(
            *(self.archive, self.plain, self.batch_id, event, halves),
            *(self._progress, self._news, choice),
        )
        self.fates[str(event.path)] = self._box.fates
        self._done += self._box.start.index

    def _close_box(self, box: ContainerIntake, event: Finished) -> None:
        result = box.finish(event, in_folder=event.path not in self.command.choices)
        if result is None:
            self._left.update(box.left)
        else:
            self.results.append(result)
        box.close()
        self._box = None

    def _step(self, path: Path) -> None:
        self._done += 1
        self._progress.step(self._done, self.command.expected, path.name)

    def _take(self, small: Underway, event: Parsed) -> None:
        record = event.record
        if isinstance(record, EmailMessage) and not self.choice(event.path).takes(record):
            self.note(event.path, record.index, Fate.NIET_GEKOZEN)
            self._left[place_words(record)] += 1
            return
        if isinstance(record, Unreadable):
            self.note(event.path, record.index, Fate.GEWEIGERD)
        collect(small, event)

    def _finish(self, event: Finished) -> None:
        small, self._small = self._small, None
        if small is None or small.path != event.path:
            small = Underway(event.path, UNKNOWN, spool_in(self.archive))
        left_out = self.fates.get(str(event.path), Fates())
        if not small.spool.count and left_out.count(Fate.NIET_GEKOZEN):
            small.spool.close()  # a file of its own that was not chosen is not stored
            return
        self._group.append((small, event))
        self._group_bytes += event.size
        if len(self._group) >= GROUP_SOURCES or self._group_bytes >= GROUP_BYTES:
            self._secure()

    def _secure(self) -> None:
        group, self._group, self._group_bytes = self._group, [], 0
        if not group:
            return
        indexes = {str(u.path): [r.index for r in u.spool] for u, _ in group}
        with self.archive.vault.batch() as batch:
            # What was read is secured, also after the stop button.
            done = secure_group(self.archive, self.plain, self.batch_id, batch, group, Silent())
        self.results += done
        for result in done:
            fate = {
                SourceStatus.OPGENOMEN: Fate.OPGENOMEN,
                SourceStatus.DUBBEL: Fate.EERDER,
                SourceStatus.GEWEIGERD: Fate.GEWEIGERD,
            }[result.status]
            for index in indexes.get(result.path) or [0]:
                self.note(result.path, index, fate)

    def group(self) -> None:
        """Secure what waits, and say in the trail what loose files were not chosen."""
        self._secure()
        if self._left:
            after = {"niet_gekozen": self._left.total(), "mappen": len(self._left)}
            event = self.archive.event(
                "opname", f"batch:{self.batch_id}", "niet_gekozen", after=after
            )
            with self.archive.register.write() as tx:
                audit.append(tx, event)
            self._left.clear()

    def stop(self) -> None:
        """Keep what was read before the stop."""
        if self._box is not None:
            result = self._box.interrupt()
            self.results += [result] if result else []
        self.group()

    def note(self, path: Path | str, index: int, fate: Fate) -> None:
        self.fates.setdefault(str(path), Fates()).note(index, fate)

    def close(self) -> None:
        if self._box is not None:
            self._box.close()
        for small in (*(u for u, _ in self._group), *([self._small] if self._small else [])):
            small.spool.close()
