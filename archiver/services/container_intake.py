"""Secure one mailbox in one file, piece by piece, so that a stopped run goes on where it was.

The bytes of the container are durable before its first item; each piece of `PIECE` messages is one
transaction that also says how far it came (`half_way`), and stays after a stop or a crash. Dropped again,
the bytes are hashed first: only when all of them are the same does the reader begin at that place, and the
vault is not given them again. What is not chosen stays in the container and is counted by folder.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from archiver.errors import Cancelled, DiskFull, KnownError, StoreRefused
from archiver.findings import Finding, Severity
from archiver.identity import Ids, new_id
from archiver.intake.pool import Finished, Parsed, Started
from archiver.intake.protocol import Start
from archiver.intake.worker import HALF_READ
from archiver.ledger import count
from archiver.model import (
    AuditEvent,
    ChatMessage,
    Conversation,
    EmailMessage,
    ItemKind,
    Ledger,
    Source,
    SourceStatus,
    Unreadable,
)
from archiver.progress import Progress, check_cancelled
from archiver.services import half_way
from archiver.services.archive import Archive, now
from archiver.services.fates import Fate, Fates
from archiver.services.half_way import HalfWay
from archiver.services.intake_events import not_secured, secured
from archiver.services.intake_items import SourceResult, TakeIn, Taken, Underway, items_of, spool_in
from archiver.services.selection import Choice, place_words
from archiver.store import audit, dossiers, items, sources
from archiver.vault.places import Watch

PIECE = 1_000  # messages between two transactions
EVERYTHING = Choice()
CONTAINERS = frozenset({"pst", "mbox", "olm", "zip"})


class Stage(StrEnum):
    """What happens to a mailbox as a whole."""

    VERGELIJKEN = "vergelijken"  # is it the one that was stopped half way? in bytes
    KOPIEREN = "kopieren"  # to the vault, in bytes
    VERDER = "verder"  # the reading goes on, in messages


@dataclass(frozen=True, slots=True)
class ContainerNews:
    """How far a mailbox is before its first message; of `VERDER` how many messages are passed over."""

    path: Path
    stage: Stage
    done: int
    total: int


HearNews = Callable[[ContainerNews], None]


def no_news(news: ContainerNews) -> None:
    """Hear nothing."""


class ContainerIntake:
    """One mailbox in one file on its way: copied first, then registered piece by piece.

    `halves` are the sources that were stopped half way (`half_way.fitting`), the same as the reader was
    told. Making one raises `Cancelled`, `DiskFull` or `StoreRefused`; then nothing of it is left. Any
    other trouble ends as the result.
    """

    def __init__(
        self,
        archive: Archive,
        command: TakeIn,
        batch_id: str,
        started: Started,
        halves: Mapping[str, HalfWay],
        progress: Progress,
        news: HearNews,
        choice: Choice = EVERYTHING,
    ) -> None:
        self._archive, self._command, self._batch_id = archive, command, batch_id
        self._progress, self._news = progress, news
        self.path, self._choice = started.path, choice
        self.fates = Fates()
        self.left: Counter[str] = Counter()  # not chosen, by folder
        self.start = Start()
        self._identification = started.identification
        self._began = now()
        self._failed: Finding | None = None
        self._sha256, self._size, self._stamp = "", 0, (0, 0)
        self._had = bytearray()
        self._had_whole = False  # kept whole before, unread
        self._source: Source | None = None
        self._ids = Ids()
        self._noticed: dict[str, tuple[Finding, int]] = {}
        self._refused: list[int] = []
        self._unreadable: list[Finding] = []
        self._kept = Ledger()  # became items in this run
        self._secured = Ledger()  # items of this source in an earlier run
        self._elsewhere = 0  # messages that are items of another source
        self._passed = 0  # messages that were items before this run
        self._not_given = Ledger()  # not asked of the reader, and given all the same
        self._left_before = self._refused_before = 0
        self._sure, self._next = True, Start()
        self._since = 0  # records since the last transaction
        self._indexes: list[int] = []
        self._open = contextlib.ExitStack()
        self._batch = self._open.enter_context(archive.vault.batch())
        self._durable = False
        self._waiting = Underway(self.path, started.identification, spool_in(archive))
        try:
            self._begin(started, halves)
        except (Cancelled, DiskFull, StoreRefused):
            self.close()
            raise
        except KnownError as error:
            self._failed = error.as_finding()
        except OSError:
            self._failed = self._refusal("bestand.niet_te_openen")

    def _begin(self, started: Started, halves: Mapping[str, HalfWay]) -> None:
        goes_on = started.goes_on
        before = None
        if goes_on is not None:
            before = halves[goes_on.sha256]
            self._go_on(before)
            # The reader hashed it after this time of change: from here on it must not change.
            self._stamp = before.source.size, goes_on.changed_ns
            self._sha256, self._size = before.source.sha256, before.source.size
        else:
            self._stamp = _stamp(self.path)
        watch = self._watch(Stage.VERGELIJKEN)
        if before is None or not self._batch.holds(self._sha256, self._size, watch):
            stored = self._batch.add(self.path, self._watch(Stage.KOPIEREN))
            if before is not None and stored.sha256 != self._sha256:
                self._failed = self._refusal("bestand.veranderde_tijdens_lezen")
            self._sha256, self._size = stored.sha256, stored.size
        with self._archive.register.read() as tx:
            self._had = half_way.marks(tx, self._sha256)
            whole = items.each_position(tx, self._sha256, ItemKind.CONVERSATION)
            self._had_whole = next(whole, None) is not None
        if before is not None:
            self._pass_over(before)

    def _go_on(self, before: HalfWay) -> None:
        """Take over what an earlier run found up to the place where reading begins."""
        self.start = self._next = before.start
        self.left = before.left.copy()
        self._left_before, self._refused_before = self.left.total(), len(before.refused)
        self._refused = sorted(before.refused)
        self._unreadable = list(before.unreadable)
        with self._archive.register.read() as tx:
            same = sources.get(tx, before.source.id) == before.source
        if same and before.source.owner == self._command.owner:
            # Another file of this drop may have the same bytes; then that one went on.
            self._source = before.source
            self._elsewhere = before.source.ledger.earlier
            self._secured = replace(before.source.ledger, refused=0, not_chosen=0, earlier=0)

    def _pass_over(self, before: HalfWay) -> None:
        for index in range(self.start.index):
            if self._had[index : index + 1] == b"\x01":
                self.fates.note(index, Fate.EERDER)
            else:
                refused = index in before.refused
                self.fates.note(index, Fate.GEWEIGERD if refused else Fate.NIET_GEKOZEN)
        self._passed = self.fates.count(Fate.EERDER)
        if self._source is None:
            self._elsewhere = self._passed
        self._news(ContainerNews(self.path, Stage.VERDER, self.start.index, self._passed))

    def _watch(self, stage: Stage) -> Watch:
        def heard(done: int) -> None:
            check_cancelled(self._progress)
            self._news(ContainerNews(self.path, stage, done, self._stamp[0]))

        return heard

    def _refusal(self, code: str) -> Finding:
        return Finding(code, {"bestand": self.path.name}, severity=Severity.FOUT)

    def take(self, event: Parsed) -> None:
        """Take one message, and write a piece when it is full.

        A file that could not be read as a mailbox may come as one conversation: it is taken whole.
        """
        record = event.record
        if isinstance(record, ChatMessage):
            return
        if record.index < self.start.index:
            self._not_given += count(record)
            return
        if isinstance(record, Unreadable):
            self._refused.append(record.index)
            self._unreadable += record.findings
            self.fates.note(record.index, Fate.GEWEIGERD)
        elif self._is_item(record):
            self._elsewhere += 1
            self._passed += 1
            self.fates.note(record.index, Fate.EERDER)
        elif isinstance(record, EmailMessage) and not self._choice.takes(record):
            self.left[place_words(record)] += 1
            self.fates.note(record.index, Fate.NIET_GEKOZEN)
        elif self._failed is None:
            self._waiting.spool.add(event.line)
            self._indexes.append(record.index)
            self._kept += count(record)
        if isinstance(record, Conversation):
            self._sure = False
        else:
            self._sure = self._sure and not half_way.depends_on_order(record)
            end = record.span.end if record.span is not None else self._next.byte
            self._next = Start(record.index + 1, end)
        self._since += 1
        if self._since >= PIECE:
            self._write()

    def _is_item(self, record: EmailMessage | Conversation) -> bool:
        if isinstance(record, Conversation):
            return self._had_whole
        return self._had[record.index : record.index + 1] == b"\x01"

    def _write(self) -> None:
        """Make what waits durable: the container before its first item, then one transaction."""
        self._since = 0
        try:
            same = _stamp(self.path) == self._stamp
        except OSError:
            same = False
        if self._failed is None and not same:
            self._failed = self._refusal("bestand.veranderde_tijdens_lezen")
        if self._failed is not None or not (self._waiting.spool.count or self._source):
            return
        archive = self._archive
        first = self._source is None
        if not self._durable:
            self._batch.commit()
            self._durable = True
        ledger = self._ledger()
        source = self._source or self._new_source(SourceStatus.OPGENOMEN, ledger)
        said = half_way.findings(
            ledger.messages + ledger.earlier,
            self._next if self._sure else None,
            self._choice,
            self.left,
            self._refused,
            self._unreadable,
        )
        source = replace(source, ledger=ledger, findings=said)
        taken = Taken(
            self._waiting, replace(source, taken_in_at=self._began), noticed=self._noticed
        )
        with archive.register.write() as tx:
            if first:
                sources.add(tx, source)
            else:
                sources.update(tx, source.id, source.ledger, source.findings)
            known = {d.naam: d for d in dossiers.all(tx)}
            items.add_many(tx, items_of(archive, self._command, tx, taken, known))
            if first:  # a run that is killed has its entry too
                audit.append(tx, secured(archive, source, len(taken.ids)))
        self._source = source
        self._ids.extend(taken.ids)
        for index in self._indexes:
            self.fates.note(index, Fate.OPGENOMEN)
        self._waiting.spool.close()
        self._waiting = Underway(self.path, self._identification, spool_in(archive))
        self._indexes = []

    def _ledger(self) -> Ledger:
        """Count the whole of the source as far as it is known."""
        return replace(
            self._secured + self._kept,
            refused=len(self._refused),
            not_chosen=self.left.total(),
            earlier=self._elsewhere,
        )

    def interrupt(self) -> SourceResult | None:
        """Keep what was read before a stop; the source says that it is not finished."""
        self._write()
        return self._broken_off() if self._source is not None else None

    def _broken_off(self) -> SourceResult:
        """End here; the row says how far it came and stays as the last piece wrote it."""
        assert self._source is not None
        for index in self._indexes:
            self.fates.note(index, Fate.GEWEIGERD)
        with self._archive.register.write() as tx:
            audit.append(tx, self._ended(self._source, "onderbroken"))
            stored = items.ledger(tx, self._source.id)
        failed = (self._failed,) if self._failed is not None else ()
        source = replace(self._source, findings=(*failed, *self._source.findings))
        return self._result(source, stored)

    def finish(self, event: Finished, *, in_folder: bool = False) -> SourceResult | None:
        """Register the last piece, with the count of what was not chosen.

        None for a file `in_folder` of which nothing was chosen: it is not stored, as any loose file.
        """
        if self._failed is None and event.sha256 != self._sha256:
            self._failed = self._refusal("bestand.veranderde_tijdens_lezen")
        self._write()
        failed = (self._failed,) if self._failed is not None else ()
        left = half_way.left_behind(self.left)
        findings = (*failed, *event.findings, *self._unreadable, *left)
        # The reader counts what it could not go on with too, beside the messages that it refused.
        refused = self._refused_before + event.ledger.refused - self._not_given.refused
        ledger = replace(self._ledger(), refused=refused)
        if self._source is None:
            whole = self._failed is None and not self._passed and not self._unreadable
            if whole and self.left and in_folder:
                return None
            return self._nothing(event, ledger, findings)
        if self._failed is not None:
            return self._broken_off()
        source = replace(self._source, ledger=ledger, findings=findings)
        with self._archive.register.write() as tx:
            sources.update(tx, source.id, ledger, findings)
            whole = all(found.code != HALF_READ for found in event.findings)
            audit.append(tx, self._ended(source, "gelukt" if whole else "onderbroken"))
            stored = items.ledger(tx, source.id)
        before = self.start.index - self._refused_before
        read = before + event.ledger.messages - self._not_given.messages
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
            "eerder": self._passed,
        }
        return self._archive.event("opname_klaar", f"source:{source.id}", result, after=after)

    def _new_source(self, status: SourceStatus, ledger: Ledger) -> Source:
        return Source(
            id=new_id(),
            batch=self._batch_id,
            path=self.path.name,
            sha256=self._sha256,
            size=self._size,
            identification=self._identification,
            status=status,
            taken_in_at=self._began,
            actor=self._archive.actor,
            owner=self._command.owner,
            ledger=ledger,
        )

    def _nothing(
        self, event: Finished, ledger: Ledger, findings: tuple[Finding, ...]
    ) -> SourceResult:
        """Nothing new became an item: all was there already, nothing was chosen, or it failed."""
        archive = self._archive
        if self._failed is None and self._passed and not self._indexes:
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
        if self._failed is None and self.left:
            findings = (Finding("postvak.niets_gekozen", severity=Severity.LET_OP), *findings)
        for index in self._indexes:
            self.fates.note(index, Fate.GEWEIGERD)
        with archive.register.write() as tx:
            audit.append(
                tx, not_secured(archive, self._batch_id, findings, event.size, event.sha256)
            )
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
        """Say what this run did: what an earlier run secured of the same source was there already."""
        ledger = replace(source.ledger.without(self._secured), earlier=self._passed)
        return SourceResult(
            path=str(self.path),
            status=source.status,
            sha256=source.sha256,
            size=source.size,
            source_id=source.id,
            item_ids=self._ids,
            ledger=ledger,
            ledger_stored=stored.without(self._secured),
            findings=source.findings,
            noticed=tuple(self._noticed.values()),
        )

    def close(self) -> None:
        """Throw away what is not durable."""
        self._waiting.spool.close()
        self._open.close()


def _stamp(path: Path) -> tuple[int, int]:
    """Give size and time of a file. Raises OSError."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns
