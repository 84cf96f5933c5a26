"""Secure the chosen messages of a mailbox, piece by piece, so that a stopped run goes on where it was.

The bytes of the container are durable before its first item; each piece of `PIECE` messages is one
transaction and stays after a stop or a crash. Dropped again, the messages that are items already are
recognised by the bytes of the container and their place in it. What is not chosen stays in the container
and is counted by folder.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from archiver.errors import Cancelled, DiskFull, KnownError, StoreRefused
from archiver.findings import Finding, Severity
from archiver.identity import new_id
from archiver.intake.pool import Begun, Event, Finished, Parsed, Started, read_sources
from archiver.intake.protocol import ParseContext
from archiver.ledger import count
from archiver.model import (
    AuditEvent,
    Changes,
    EmailMessage,
    Identification,
    Ledger,
    Source,
    SourceStatus,
    Unreadable,
)
from archiver.progress import Progress, Silent, StopOnly
from archiver.services.archive import Archive, now
from archiver.services.intake import (
    GROUP_BYTES,
    GROUP_SOURCES,
    SourceResult,
    TakeIn,
    TakeInResult,
    Taken,
    Underway,
    collect,
    items_of,
    secure_group,
)
from archiver.services.intake_events import not_secured, secured
from archiver.services.selection import Choice, place_words, top_of
from archiver.services.spool import Spool
from archiver.store import audit, dossiers, items, sources

PIECE = 1_000  # messages in one transaction
CONTAINERS = frozenset({"pst", "mbox", "olm", "zip"})
_MOST_FOLDERS = 200  # findings about folders of one source; what is more is counted together


class Fate(StrEnum):
    """What became of one message."""

    OPGENOMEN = "opgenomen"
    EERDER = "eerder"
    NIET_GEKOZEN = "niet_gekozen"
    GEWEIGERD = "geweigerd"


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
    fates: Mapping[str, Mapping[int, Fate]]

    def count(self, fate: Fate) -> int:
        """Count the messages with this fate."""
        return sum(fate is found for file in self.fates.values() for found in file.values())


def take_in_chosen(archive: Archive, command: TakeInChosen, progress: Progress) -> ChosenResult:
    """Take in what is chosen; a failure of one file never stops the others.

    Raises `DiskFull` or `StoreRefused` when a piece could not be kept; the pieces before it stay.
    Cancelling keeps what was read.
    """
    run = _Run(archive, command, progress)
    stopped = False
    try:
        context = ParseContext(answers=_answers(command), messages=False)
        reading = read_sources(tuple(command.choices), context, StopOnly(progress))
        with contextlib.closing(reading) as events:  # type: ignore[type-var]
            for event in events:
                run.hear(event)
        run.group()
    except Cancelled:
        stopped = True
        run.stop()
    finally:
        run.close()
    ids = tuple(i for r in run.results for i in r.item_ids)
    changes = Changes("items", ids, undo_token=run.batch_id if ids else None)
    return ChosenResult(TakeInResult(changes, tuple(run.results), stopped), run.fates)


def _answers(command: TakeInChosen) -> dict[str, str]:
    owner = {"owner": command.owner} if command.owner else {}
    return owner | dict(command.answers)


class _Run:
    """One run over all mailboxes of the command."""

    def __init__(self, archive: Archive, command: TakeInChosen, progress: Progress) -> None:
        self.archive, self.command, self._progress = archive, command, progress
        self.batch_id = new_id()
        self.plain = TakeIn((), command.dossier, command.owner, answers=command.answers)
        self.results: list[SourceResult] = []
        self.fates: dict[str, dict[int, Fate]] = {}
        self.folder = archive.werkmap / "tijdelijk"
        self.folder.mkdir(exist_ok=True)
        self._boxes = tuple(command.choices)
        self._done = 0
        self._box: _Container | None = None
        self._small: Underway | None = None
        self._left: Counter[str] = Counter()  # loose files of a folder that were not chosen
        self._group: list[tuple[Underway, Finished]] = []
        self._group_bytes = 0

    def choice(self, path: Path) -> Choice:
        return self.command.choices.get(top_of(path, self._boxes), Choice())

    def choice_of_folder(self, path: Path) -> bool:
        """Tell whether the choice is about a folder that holds this file, not about the file."""
        return path not in self.command.choices

    def left(self, folders: Counter[str]) -> None:
        """Count messages of a file of a folder that is not stored."""
        self._left.update(folders)

    def hear(self, event: Event) -> None:
        if isinstance(event, Begun):
            return
        if isinstance(event, Started):
            if event.identification.format in CONTAINERS:
                self._box = _Container(self, event)
            else:
                self._small = Underway(event.path, event.identification, Spool(self.folder))
        elif isinstance(event, Parsed):
            self._step(event.path)
            if self._box is not None:
                self._box.take(event)
            elif self._small is not None:
                self._take(self._small, event)
        elif not isinstance(event, Finished):
            return
        elif self._box is not None and self._box.path == event.path:
            result = self._box.finish(event)
            if result is not None:
                self.results.append(result)
            self._box.close()
            self._box = None
        else:
            self._finish(event)

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
            unknown = Identification("onbekend", "application/octet-stream", None, None, "geen")
            small = Underway(event.path, unknown, Spool(self.folder))
        left_out = self.fates.get(str(event.path), {})
        if not small.spool.count and Fate.NIET_GEKOZEN in left_out.values():
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
        self.fates.setdefault(str(path), {})[index] = fate

    def close(self) -> None:
        if self._box is not None:
            self._box.close()
        for small in (*(u for u, _ in self._group), *([self._small] if self._small else [])):
            small.spool.close()


class _Container:
    """One mailbox in one file on its way: copied first, then registered piece by piece."""

    def __init__(self, run: _Run, started: Started) -> None:
        self._run, self.path = run, started.path
        self._choice = run.choice(started.path)
        self._identification = started.identification
        self._open = contextlib.ExitStack()
        self._failed: Finding | None = None
        self._sha256, self._size, self._stamp = "", 0, (0, 0)
        self._had: set[int] = set()
        self._source: Source | None = None
        self._ids: list[str] = []
        self._noticed: dict[str, tuple[Finding, int]] = {}
        self._kept = Ledger()
        self._earlier = 0
        self._left: Counter[str] = Counter()
        self._unreadable: list[Finding] = []
        self._batch = self._open.enter_context(run.archive.vault.batch())
        try:
            self._stamp = _stamp(self.path)
            stored = self._batch.add(self.path)
            self._sha256, self._size = stored.sha256, stored.size
            with run.archive.register.read() as tx:
                self._had = items.positions(tx, stored.sha256)
        except (DiskFull, StoreRefused):
            self._open.close()
            raise
        except KnownError as error:
            self._failed = error.as_finding()
        except OSError:
            self._failed = self._refusal("bestand.niet_te_openen")
        self._waiting = Underway(self.path, started.identification, Spool(run.folder))
        self._indexes: list[int] = []

    def _refusal(self, code: str) -> Finding:
        return Finding(code, {"bestand": self.path.name}, severity=Severity.FOUT)

    def take(self, event: Parsed) -> None:
        record, run = event.record, self._run
        if isinstance(record, Unreadable):
            self._unreadable += record.findings
            run.note(self.path, record.index, Fate.GEWEIGERD)
        elif isinstance(record, EmailMessage):
            if record.index in self._had:
                self._earlier += 1
                run.note(self.path, record.index, Fate.EERDER)
            elif not self._choice.takes(record):
                self._left[place_words(record)] += 1
                run.note(self.path, record.index, Fate.NIET_GEKOZEN)
            elif self._failed is None:
                self._waiting.spool.add(event.line)
                self._indexes.append(record.index)
                self._kept += count(record)
                if self._waiting.spool.count >= PIECE:
                    self._write()

    def _write(self) -> None:
        """Make what waits durable: the container before its first item, then one transaction."""
        try:
            same = _stamp(self.path) == self._stamp
        except OSError:
            same = False
        if self._failed is None and not same:
            self._failed = self._refusal("bestand.veranderde_tijdens_lezen")
        if self._failed is not None or not self._waiting.spool.count:
            return
        archive, run = self._run.archive, self._run
        first = self._source is None
        if first:
            self._batch.commit()
        stopped = Finding(sources.UNFINISHED, {"n": self._kept.messages}, severity=Severity.LET_OP)
        source = self._source or self._new_source(SourceStatus.OPGENOMEN, self._kept)
        source = replace(source, ledger=self._kept, findings=(stopped,))
        taken = Taken(self._waiting, source, ids=[], noticed=self._noticed)
        with archive.register.write() as tx:
            if first:
                sources.add(tx, source)
            else:
                sources.update(tx, source.id, source.ledger, source.findings)
            known = {d.naam: d for d in dossiers.all(tx)}
            items.add_many(tx, items_of(archive, run.plain, tx, taken, known))
            if first:  # a run that is killed has its entry too
                audit.append(tx, secured(archive, source, len(taken.ids)))
        self._source = source
        self._ids += taken.ids
        for index in self._indexes:
            run.note(self.path, index, Fate.OPGENOMEN)
        self._waiting.spool.close()
        self._waiting = Underway(self.path, self._identification, Spool(run.folder))
        self._indexes = []

    def interrupt(self) -> SourceResult | None:
        """Keep what was read before a stop; the source says that it is not finished."""
        self._write()
        if self._source is None:
            return None
        with self._run.archive.register.write() as tx:
            audit.append(tx, self._ended(self._source, "onderbroken"))
            stored = items.ledger(tx, self._source.id)
        return self._result(self._source, stored)

    def finish(self, event: Finished) -> SourceResult | None:
        """Register the last piece, with the count of what was not chosen.

        None for a file in a folder of which nothing was chosen: it is not stored, as any loose file.
        """
        if self._failed is None and event.sha256 != self._sha256:
            self._failed = self._refusal("bestand.veranderde_tijdens_lezen")
        self._write()
        findings = (*event.findings, *self._unreadable, *_left_findings(self._left))
        if self._failed is not None:
            findings = (self._failed, *findings)
        ledger = replace(
            self._kept,
            refused=event.ledger.refused,
            not_chosen=self._left.total(),
            earlier=self._earlier,
        )
        archive = self._run.archive
        if self._source is None:
            whole = self._failed is None and not self._earlier and not self._unreadable
            if whole and self._left and self._run.choice_of_folder(self.path):
                self._run.left(self._left)
                return None
            return self._nothing(event, ledger, findings)
        source = replace(self._source, ledger=ledger, findings=findings)
        with archive.register.write() as tx:
            sources.update(tx, source.id, ledger, findings)
            audit.append(tx, self._ended(source, "gelukt"))
            stored = items.ledger(tx, source.id)
        read = event.ledger.messages
        here = stored.messages + ledger.not_chosen + ledger.earlier
        if read != here:
            params: dict[str, Any] = {"wat": "messages", "gelezen": read, "vastgelegd": here}
            lost = Finding("grootboek.verschil", params, self.path.name, Severity.FOUT)
            source = replace(source, findings=(*findings, lost))
        return self._result(source, stored)

    def _ended(self, source: Source, result: str) -> AuditEvent:
        """Say how many messages became items, and how many were left or were there already."""
        after = {
            "items": len(self._ids),
            "niet_gekozen": source.ledger.not_chosen,
            "eerder": source.ledger.earlier,
        }
        return self._run.archive.event("opname_klaar", f"source:{source.id}", result, after=after)

    def _new_source(self, status: SourceStatus, ledger: Ledger) -> Source:
        return Source(
            id=new_id(),
            batch=self._run.batch_id,
            path=self.path.name,
            sha256=self._sha256,
            size=self._size,
            identification=self._identification,
            status=status,
            taken_in_at=now(),
            actor=self._run.archive.actor,
            owner=self._run.command.owner,
            ledger=ledger,
        )

    def _nothing(
        self, event: Finished, ledger: Ledger, findings: tuple[Finding, ...]
    ) -> SourceResult:
        """Nothing new became an item: all was there already, nothing was chosen, or it failed."""
        archive, run = self._run.archive, self._run
        if self._failed is None and self._earlier and not self._indexes:
            with archive.register.write() as tx:
                first = sources.first_by_sha256(tx, [self._sha256]).get(self._sha256)
                source = replace(
                    self._new_source(SourceStatus.DUBBEL, ledger),
                    findings=findings,
                    duplicate_of=first,
                )
                sources.add(tx, source)
                audit.append(tx, secured(archive, source, 0))
            return self._result(source, Ledger())
        if self._failed is None and self._left:
            findings = (Finding("postvak.niets_gekozen", severity=Severity.LET_OP), *findings)
        for index in self._indexes:
            run.note(self.path, index, Fate.GEWEIGERD)
        with archive.register.write() as tx:
            audit.append(tx, not_secured(archive, run.batch_id, findings, event.size))
        return SourceResult(
            path=str(self.path),
            status=SourceStatus.GEWEIGERD,
            sha256=event.sha256,
            size=event.size,
            source_id=None,
            item_ids=(),
            ledger=ledger,
            ledger_stored=Ledger(),
            findings=findings,
        )

    def _result(self, source: Source, stored: Ledger) -> SourceResult:
        return SourceResult(
            path=str(self.path),
            status=source.status,
            sha256=source.sha256,
            size=source.size,
            source_id=source.id,
            item_ids=tuple(self._ids),
            ledger=source.ledger,
            ledger_stored=stored,
            findings=source.findings,
            noticed=tuple(self._noticed.values()),
        )

    def close(self) -> None:
        self._waiting.spool.close()
        self._open.close()


def _left_findings(left: Counter[str]) -> Iterator[Finding]:
    """Name every folder of which messages were not chosen, with how many."""
    named = left.most_common(_MOST_FOLDERS)
    for folder, number in named:
        params: dict[str, Any] = {"n": number, "map": folder}
        yield Finding("postvak.niet_gekozen", params, severity=Severity.INFO)
    rest = left.total() - sum(number for _, number in named)
    if rest:
        params = {"n": rest, "mappen": len(left) - len(named)}
        yield Finding("postvak.niet_gekozen_rest", params, severity=Severity.INFO)


def _stamp(path: Path) -> tuple[int, int]:
    """Give size and time of a file. Raises OSError."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns
