"""Secure what was dropped: originals to the vault, then the register, then the audit trail.

Order of durability (DESIGN section 7b): blobs are fsynced and renamed first, then one register
transaction holds source, items and audit entry together. A crash in between leaves an orphan blob that
the next start sweeps aside; it never leaves a row without its bytes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from archiver.errors import Cancelled, DiskFull, KnownError, StoreRefused
from archiver.findings import Finding, Severity
from archiver.identity import new_id
from archiver.intake import emlx
from archiver.intake.pool import Finished, Parsed, Started, read_sources
from archiver.intake.protocol import ParseContext
from archiver.ledger import count
from archiver.model import (
    Changes,
    Conversation,
    Decision,
    Dossier,
    EmailMessage,
    Identification,
    Item,
    ItemKind,
    ItemStatus,
    Ledger,
    Source,
    SourceStatus,
    Span,
    Unreadable,
    Value,
)
from archiver.progress import Progress, check_cancelled
from archiver.services import date_evidence, questions
from archiver.services.appraise import (
    date_of,
    hint_for,
    needs_review,
    propose_for,
    sender_of,
    title_of,
)
from archiver.services.archive import Archive, now
from archiver.services.intake_events import left_out, not_secured, secured
from archiver.services.spool import Spool
from archiver.store import audit, decisions, dossiers, items, sources
from archiver.vault.vault import Batch

GROUP_SOURCES = 200
GROUP_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Override:
    """What the user changed in the preview before confirming."""

    title: str | None = None
    dossier: str | None = None
    decision: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class TakeIn:
    """The command: take in these files and folders.

    `overrides` has the key (path, index); `answers` the answers to open questions of a parser.
    A container is taken in whole; `archiver.services.mailbox_intake` takes in a part.
    """

    paths: tuple[Path, ...]
    dossier: str | None = None
    owner: str | None = None
    owner_stated: bool = True  # False: it is who works here, and of a phone export it is asked
    overrides: Mapping[tuple[str, int], Override] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    remembered: Mapping[str, str] = field(default_factory=dict)  # `questions.remembered`


@dataclass(frozen=True, slots=True)
class SourceResult:
    """What became of one source; `ledger` is what was read, `ledger_stored` what the register has.

    `findings` are about the source; `noticed` has, of what was noticed in its messages, the first
    finding of each code and how often there was one.
    """

    path: str
    status: SourceStatus
    sha256: str | None
    size: int
    source_id: str | None
    item_ids: tuple[str, ...]
    ledger: Ledger
    ledger_stored: Ledger
    findings: tuple[Finding, ...]
    noticed: tuple[tuple[Finding, int], ...] = ()


Told = Callable[[Sequence[SourceResult]], None]


@dataclass(frozen=True, slots=True)
class TakeInResult:
    """Everything that happened; `stopped` when the user cancelled (what was finished stays)."""

    changes: Changes
    sources: tuple[SourceResult, ...]
    stopped: bool = False


@dataclass(slots=True)
class Underway:
    """One source while it is read."""

    path: Path
    identification: Identification
    spool: Spool
    unreadable: list[Finding] = field(default_factory=list)
    media: list[tuple[Path, str]] = field(default_factory=list)  # with the SHA-256 as read
    had: Collection[int] = ()  # messages of these bytes that are items already
    settled: dict[int, Conversation] = field(default_factory=dict)  # by another export of the chat


@dataclass(slots=True)
class _Ready:
    """One source that was read and stored in the batch, waiting for the group to become durable."""

    reading: Underway
    finished: Finished
    sha256: str
    size: int
    new_media: bool  # files beside it that the vault did not have


@dataclass(slots=True)
class Taken:
    """One source on its way into the register: its items so far, and the decisions about them."""

    reading: Underway
    source: Source
    ids: list[str] = field(default_factory=list)
    noticed: dict[str, tuple[Finding, int]] = field(default_factory=dict)
    made: list[tuple[str, Decision]] = field(default_factory=list)


def take_in(
    archive: Archive, command: TakeIn, progress: Progress, told: Told | None = None
) -> TakeInResult:
    """Take in every file of the command; a failure of one never stops the others.

    `told` hears what became of the files as soon as it is durable, group by group. Raises `DiskFull`
    or `StoreRefused` when nothing of the current group could be kept; what was told before it stays.
    Cancelling keeps what was finished.
    """
    batch_id = new_id()
    results: list[SourceResult] = []
    stopped = False
    try:
        with contextlib.closing(_groups(archive, command, progress)) as groups:
            for group in groups:
                with archive.vault.batch() as batch:
                    done = secure_group(archive, command, batch_id, batch, group, progress)
                results += done
                if told is not None:
                    told(done)
    except Cancelled:
        stopped = True
    ids = tuple(i for r in results for i in r.item_ids)
    return TakeInResult(
        Changes("items", ids, undo_token=batch_id if ids else None), tuple(results), stopped
    )


def _groups(
    archive: Archive, command: TakeIn, progress: Progress
) -> Generator[list[tuple[Underway, Finished]]]:
    """Read in source order and hand over groups that share one fsync pass."""
    context = ParseContext(answers=questions.given_with(command), messages=False)
    spool_folder = archive.werkmap / "tijdelijk"
    spool_folder.mkdir(exist_ok=True)
    group: list[tuple[Underway, Finished]] = []
    size = 0
    current: Underway | None = None
    try:
        for event in read_sources(command.paths, context, progress):
            if isinstance(event, Started):
                current = Underway(event.path, event.identification, Spool(spool_folder))
            elif isinstance(event, Parsed):
                assert current is not None
                collect(current, event)
            elif isinstance(event, Finished):
                if current is None or current.path != event.path:
                    current = Underway(
                        event.path,
                        Identification("onbekend", "application/octet-stream", None, None, "geen"),
                        Spool(spool_folder),
                    )
                group.append((current, event))
                size += event.size
                current = None
                if len(group) >= GROUP_SOURCES or size >= GROUP_BYTES:
                    yield group
                    group, size = [], 0
        if group:
            yield group
    finally:
        # After a cancel or a full disk the last group was not finished.
        for reading in (*(r for r, _ in group), *([current] if current else [])):
            reading.spool.close()


def collect(reading: Underway, event: Parsed) -> None:
    """Keep what a reader gave of the file that is underway."""
    record = event.record
    if isinstance(record, EmailMessage | Conversation):
        reading.spool.add(event.line)
        if isinstance(record, Conversation) and record.text_member is None:
            beside = reading.path.parent
            reading.media += [
                (beside / m.path, m.sha256 or "") for m in record.media if m.present and m.path
            ]
        elif isinstance(record, EmailMessage) and record.format == emlx.FORMAT:
            reading.media += emlx.files_beside(reading.path, record)
    elif isinstance(record, Unreadable):
        reading.unreadable += record.findings


def secure_group(
    archive: Archive,
    command: TakeIn,
    batch_id: str,
    batch: Batch,
    group: Iterable[tuple[Underway, Finished]],
    progress: Progress,
) -> list[SourceResult]:
    """Make a group of whole files durable: the vault, then the register in one transaction."""
    refused: list[SourceResult] = []
    ready: list[_Ready] = []
    for reading, finished in group:
        check_cancelled(progress)
        if finished.sha256 is None or not reading.spool.count:
            refused.append(_refused(reading, finished, ()))
            continue
        about = {"bestand": reading.path.name}
        try:
            stored = batch.add(reading.path)
            media = [(batch.add(medium), sha256) for medium, sha256 in reading.media]
            same = stored.sha256 == finished.sha256 and all(
                medium.sha256 == sha256 for medium, sha256 in media
            )
        except (DiskFull, StoreRefused):
            raise
        except (KnownError, OSError) as error:
            finding = (
                error.as_finding()
                if isinstance(error, KnownError)
                else Finding("bestand.niet_te_openen", about, severity=Severity.FOUT)
            )
            refused.append(_refused(reading, finished, (finding,)))
            continue
        if not same:
            changed = Finding("bestand.veranderde_tijdens_lezen", about, severity=Severity.FOUT)
            refused.append(_refused(reading, finished, (changed,)))
            continue
        new_media = any(medium.new for medium, _ in media)
        ready.append(_Ready(reading, finished, stored.sha256, stored.size, new_media))
    batch.commit()
    results = _register(archive, command, batch_id, ready, refused)
    for entry in ready:
        entry.reading.spool.close()
    return results


def _register(
    archive: Archive,
    command: TakeIn,
    batch_id: str,
    ready: list[_Ready],
    refused: list[SourceResult],
) -> list[SourceResult]:
    """Write a group in one transaction; a statement for the group, not one for every source."""
    date_evidence.settle(archive, [entry.reading for entry in ready])
    with archive.register.write() as tx:
        taken = _sources(archive, command, tx, batch_id, ready)
        new = [t for t in taken if t.source.duplicate_of is None]
        known = {d.naam: d for d in dossiers.all(tx)}
        blobs = frozenset(sha256 for t in new for _, sha256 in t.reading.media)
        items.add_many(
            tx, (i for t in new for i in items_of(archive, command, tx, t, known)), blobs
        )
        for item_id, decision in (made for t in new for made in t.made):
            decisions.add(tx, item_id, decision)
            items.update(tx, item_id, status=ItemStatus.BESLOTEN)
        ledgers = items.ledgers(tx, [t.source.id for t in new])
        audit.append_many(tx, [secured(archive, t.source, len(t.ids)) for t in taken])
        audit.append_many(tx, [not_secured(archive, batch_id, r.findings, r.size) for r in refused])
    return [*refused, *(_result(t, ledgers.get(t.source.id, Ledger())) for t in taken)]


def _sources(
    archive: Archive, command: TakeIn, tx: Any, batch_id: str, ready: list[_Ready]
) -> list[Taken]:
    first = sources.first_by_sha256(tx, [entry.sha256 for entry in ready])
    partly = sources.incomplete(tx, list(first))
    taken: list[Taken] = []
    for entry in ready:
        reading, finished = entry.reading, entry.finished
        earlier = first.get(entry.sha256)
        again: tuple[Finding, ...] = ()
        ledger = finished.ledger
        if entry.sha256 in partly:
            # A mailbox of which a part was chosen, or that was stopped half way: the rest comes now.
            reading.had, earlier = items.positions(tx, entry.sha256), None
            ledger = ledger.without(_counted(reading))
            ledger = replace(ledger, earlier=len(reading.had))
            partly.discard(entry.sha256)
        elif earlier is not None and entry.new_media:
            # The same chat text, now with photos beside it: that is more than was secured before.
            again, earlier = (Finding("bron.eerder_zonder_media"),), None
        source = Source(
            id=new_id(),
            batch=batch_id,
            path=reading.path.name,
            sha256=entry.sha256,
            size=entry.size,
            identification=reading.identification,
            status=SourceStatus.DUBBEL if earlier else SourceStatus.OPGENOMEN,
            taken_in_at=now(),
            actor=archive.actor,
            owner=command.owner,
            ledger=ledger,
            findings=(*finished.findings, *reading.unreadable, *again),
            duplicate_of=earlier,
        )
        first.setdefault(entry.sha256, source.id)
        taken.append(Taken(reading, source))
    sources.add_many(tx, [t.source for t in taken])
    return taken


def _counted(reading: Underway) -> Ledger:
    """Count the messages that are items already."""
    total = Ledger()
    for record in reading.spool:
        if record.index in reading.had:
            total += count(record)
    return total


def _result(taken: Taken, counted: Ledger) -> SourceResult:
    """Hold what the register has of a source against what was read of it."""
    source, stored = taken.source, Ledger()
    findings = source.findings
    if source.duplicate_of is None:
        refused = len(taken.reading.unreadable)
        stored = replace(counted, refused=refused, earlier=source.ledger.earlier)
        findings += tuple(
            Finding(
                "grootboek.verschil",
                {"wat": name, "gelezen": a, "vastgelegd": b},
                place=source.path,
                severity=Severity.FOUT,
            )
            for name, (a, b) in replace(source.ledger, refused=refused).difference(stored).items()
        )
    return SourceResult(
        path=str(taken.reading.path),
        status=source.status,
        sha256=source.sha256,
        size=source.size,
        source_id=source.id,
        item_ids=tuple(taken.ids),
        ledger=source.ledger,
        ledger_stored=stored,
        findings=findings,
        noticed=tuple(taken.noticed.values()),
    )


def items_of(
    archive: Archive,
    command: TakeIn,
    tx: Any,
    taken: Taken,
    known: dict[str, Dossier],
) -> Iterator[Item]:
    """Make the items of a source; `known` are the dossiers by name, new ones are added to it."""
    reading, source = taken.reading, taken.source
    given = questions.given_with(command)
    for read in reading.spool:
        if read.index in reading.had:
            continue
        read = reading.settled.get(read.index, read)
        record = questions.answered(archive, read, given, command.remembered, source.taken_in_at)
        owner = questions.owner_of(record, command.owner)
        override = command.overrides.get((str(reading.path), record.index), Override())
        hint = hint_for(archive, record)
        named = override.dossier or command.dossier
        name = named or (hint.naam if hint else None)
        dossier = None
        if name:
            dossier = known.get(name)
            if dossier is None:
                proces = hint.proces if hint and hint.naam == name else None
                dossier = Dossier(new_id(), name, proces)
                dossiers.add(tx, dossier)
                known[name] = dossier
        proposal = propose_for(archive, record, owner=owner, dossier=dossier).to_json()
        item = Item(
            id=new_id(),
            kind=ItemKind.EMAIL if isinstance(record, EmailMessage) else ItemKind.CONVERSATION,
            source_id=source.id,
            source_sha256=source.sha256,
            index=record.index,
            span=record.span if isinstance(record, EmailMessage) else Span(0, source.size),
            sha256=record.sha256,
            title=override.title or title_of(record),
            sender=sender_of(record),
            date=date_of(record),
            status=ItemStatus.TE_BEOORDELEN if needs_review(proposal) else ItemStatus.GETAGD,
            record=record,
            values=_values(record, override, named, name),
            proposal=proposal,
            dossier=dossier,
            owner=owner,
            secured_at=source.taken_in_at,
            findings=record.findings,
        )
        taken.ids.append(item.id)
        for found in record.findings:
            first, times = taken.noticed.get(found.code, (found, 0))
            taken.noticed[found.code] = (first, times + 1)
        if isinstance(record, Conversation):
            audit.append_many(tx, questions.events(archive, item.id, record))
            if record.extract is not None:
                audit.append(tx, left_out(archive, item.id, record.extract))
        if override.decision:
            taken.made.append(
                (item.id, decision_from(archive, {**proposal, **override.decision}, "bij opname"))
            )
        yield item


def _values(
    record: EmailMessage | Conversation, override: Override, named: str | None, name: str | None
) -> dict[str, Value]:
    values = {
        "naam": Value(
            override.title or title_of(record), "medewerker" if override.title else "bericht"
        ),
        "openbaarheid": Value("Nader te bepalen", "sjabloon"),
    }
    if record.language:
        values["taal"] = Value(record.language, "voorgesteld")
    if name:
        values["dossier"] = Value(name, "medewerker" if named else "voorgesteld")
    return values


def decision_from(archive: Archive, proposal: Mapping[str, Any], reason: str) -> Decision:
    """Make a decision out of a proposal; used when a person accepts it."""
    return Decision(
        waardering=str(proposal["waardering"]),
        actor=archive.actor,
        at=now(),
        reason=reason,
        lijst=proposal.get("lijst_naam") or proposal.get("lijst"),
        lijst_versie=proposal.get("lijst_versie"),
        categorie=proposal.get("categorie"),
        categorie_naam=proposal.get("categorie_naam"),
        termijn=proposal.get("termijn"),
        startdatum=proposal.get("startdatum"),
        einddatum=proposal.get("einddatum"),
        trigger=proposal.get("trigger"),
    )


def _refused(reading: Underway, finished: Finished, extra: tuple[Finding, ...]) -> SourceResult:
    reading.spool.close()
    return SourceResult(
        path=str(reading.path),
        status=SourceStatus.GEWEIGERD,
        sha256=finished.sha256,
        size=finished.size,
        source_id=None,
        item_ids=(),
        ledger=finished.ledger,
        ledger_stored=Ledger(),
        findings=(*finished.findings, *reading.unreadable, *extra),
    )
