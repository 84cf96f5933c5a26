"""Secure what was dropped: originals to the vault, then the register, then the audit trail.

Order of durability (DESIGN section 7b): blobs are fsynced and renamed first, then one register
transaction holds source, items and audit entry together. A crash in between leaves an orphan blob that
the next start sweeps aside; it never leaves a row without its bytes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable
from dataclasses import dataclass, replace
from typing import Any

from archiver.errors import Cancelled, DiskFull, KnownError, StoreRefused
from archiver.findings import Finding, Severity
from archiver.identity import new_id
from archiver.intake.pool import Comparing, Finished, Parsed, Started, read_sources
from archiver.intake.protocol import ParseContext
from archiver.model import Changes, ItemStatus, Ledger, Source, SourceStatus
from archiver.progress import Progress, check_cancelled
from archiver.services import date_evidence, half_way, questions
from archiver.services.archive import Archive, now
from archiver.services.container_intake import (
    CONTAINERS,
    EVERYTHING,
    ContainerIntake,
    ContainerNews,
    HearNews,
    Stage,
    no_news,
)
from archiver.services.intake_events import failed_before, not_secured, secured
from archiver.services.intake_items import (
    UNKNOWN,
    Override,
    SourceResult,
    TakeIn,
    TakeInResult,
    Taken,
    Told,
    Underway,
    collect,
    decision_from,
    ids_of,
    items_of,
    spool_in,
)
from archiver.store import audit, decisions, dossiers, items, sources
from archiver.vault.vault import Batch

__all__ = [
    "Override",
    "SourceResult",
    "TakeIn",
    "TakeInResult",
    "Told",
    "decision_from",
    "secure_group",
    "take_in",
]

GROUP_SOURCES = 200
GROUP_BYTES = 64 * 1024 * 1024


@dataclass(slots=True)
class _Ready:
    """One source that was read and stored in the batch, waiting for the group to become durable."""

    reading: Underway
    finished: Finished
    sha256: str
    size: int
    new_media: bool  # files beside it that the vault did not have


def take_in(
    archive: Archive,
    command: TakeIn,
    progress: Progress,
    told: Told | None = None,
    news: HearNews = no_news,
) -> TakeInResult:
    """Take in every file of the command; a failure of one never stops the others.

    A mailbox in one file is secured piece by piece (`container_intake`), other files in groups. `told`
    hears what became of the files as soon as it is durable; `news` how far a mailbox is before its first
    message. Raises `DiskFull` or `StoreRefused` when nothing of the current group or piece could be kept;
    what was durable before it stays. Cancelling keeps what was finished, and of a mailbox what was read.
    """
    batch_id = new_id()
    results: list[SourceResult] = []
    stopped = False
    try:
        with contextlib.closing(_secured(archive, command, batch_id, progress, news)) as parts:
            for done in parts:
                results += done
                if told is not None:
                    told(done)
    except Cancelled:
        stopped = True
    ids = ids_of(results)
    return TakeInResult(
        Changes("items", ids, undo_token=batch_id if ids else None), tuple(results), stopped
    )


def _secured(
    archive: Archive, command: TakeIn, batch_id: str, progress: Progress, news: HearNews
) -> Generator[list[SourceResult]]:
    """Read in source order and secure, the small files in groups that share one fsync pass."""
    context = ParseContext(answers=questions.given_with(command), messages=False)
    halves = half_way.fitting(half_way.half_ways(archive), EVERYTHING)
    resume = [half.resume for half in halves.values()]
    resume += failed_before(archive, command.answers)
    group: list[tuple[Underway, Finished]] = []
    size = 0
    current: Underway | None = None
    box: ContainerIntake | None = None

    def together() -> list[SourceResult]:
        with archive.vault.batch() as batch:
            return secure_group(archive, command, batch_id, batch, group, progress)

    try:
        for event in read_sources(command.paths, context, progress, before=lambda path: resume):
            if isinstance(event, Comparing):
                news(ContainerNews(event.path, Stage.VERGELIJKEN, event.done, event.size))
            elif isinstance(event, Started) and event.identification.format in CONTAINERS:
                if group:
                    yield together()
                    group, size = [], 0
                box = ContainerIntake(archive, command, batch_id, event, halves, progress, news)
            elif isinstance(event, Started):
                current = Underway(event.path, event.identification, spool_in(archive))
            elif isinstance(event, Parsed) and box is not None:
                box.take(event)
            elif isinstance(event, Parsed):
                assert current is not None
                collect(current, event)
            elif isinstance(event, Finished) and box is not None:
                result = box.finish(event)
                assert result is not None
                box.close()
                box = None
                yield [result]
            elif isinstance(event, Finished):
                if current is None or current.path != event.path:
                    current = Underway(event.path, UNKNOWN, spool_in(archive))
                group.append((current, event))
                size += event.size
                current = None
                if len(group) >= GROUP_SOURCES or size >= GROUP_BYTES:
                    yield together()
                    group, size = [], 0
        if group:
            yield together()
    except Cancelled:
        result = box.interrupt() if box is not None else None
        if result is not None:
            yield [result]
        raise
    finally:
        # After a cancel or a full disk the last group was not finished.
        for reading in (*(r for r, _ in group), *([current] if current else [])):
            reading.spool.close()
        if box is not None:
            box.close()


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
        audit.append_many(
            tx, [not_secured(archive, batch_id, r.findings, r.size, r.sha256) for r in refused]
        )
    return [*refused, *(_result(t, ledgers.get(t.source.id, Ledger())) for t in taken)]


def _sources(
    archive: Archive, command: TakeIn, tx: Any, batch_id: str, ready: list[_Ready]
) -> list[Taken]:
    first = sources.first_by_sha256(tx, [entry.sha256 for entry in ready])
    taken: list[Taken] = []
    for entry in ready:
        reading, finished = entry.reading, entry.finished
        earlier = first.get(entry.sha256)
        again: tuple[Finding, ...] = ()
        if earlier is not None and entry.new_media:
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
            ledger=finished.ledger,
            findings=(*finished.findings, *reading.unreadable, *again),
            duplicate_of=earlier,
        )
        first.setdefault(entry.sha256, source.id)
        taken.append(Taken(reading, source))
    sources.add_many(tx, [t.source for t in taken])
    return taken


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
