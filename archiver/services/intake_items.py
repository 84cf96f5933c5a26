"""Make the items of a source out of what was read of it; and what taking in is asked and gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archiver.findings import Finding
from archiver.identity import Ids, new_id
from archiver.intake import codepages, emlx
from archiver.intake.pool import Parsed
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
from archiver.services import codepage, questions
from archiver.services.appraise import (
    date_of,
    hint_for,
    needs_review,
    propose_for,
    sender_of,
    title_of,
)
from archiver.services.archive import Archive, now
from archiver.services.intake_events import left_out
from archiver.services.spool import Spool
from archiver.store import audit, dossiers

UNKNOWN = Identification("onbekend", "application/octet-stream", None, None, "geen")


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
    Of a mailbox all messages are taken in; `archiver.services.mailbox_intake` takes in a part.
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
    item_ids: Sequence[str]
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


def ids_of(results: Iterable[SourceResult]) -> Ids:
    """Give the new items of all these sources."""
    ids = Ids()
    for result in results:
        ids.extend(result.item_ids)
    return ids


@dataclass(slots=True)
class Underway:
    """One source while it is read."""

    path: Path
    identification: Identification
    spool: Spool
    unreadable: list[Finding] = field(default_factory=list)
    media: list[tuple[Path, str]] = field(default_factory=list)  # with the SHA-256 as read
    settled: dict[int, Conversation] = field(default_factory=dict)  # by another export of the chat


@dataclass(slots=True)
class Taken:
    """One source on its way into the register: its items so far, and the decisions about them."""

    reading: Underway
    source: Source
    ids: list[str] = field(default_factory=list)
    noticed: dict[str, tuple[Finding, int]] = field(default_factory=dict)
    made: list[tuple[str, Decision]] = field(default_factory=list)


def spool_in(archive: Archive) -> Spool:
    """Make a place in the work folder where the records of one source wait."""
    folder = archive.werkmap / "tijdelijk"
    folder.mkdir(exist_ok=True)
    return Spool(folder)


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
    page_asked = any(name.partition(":")[0] == codepages.ANSWER for name in given)
    for read in reading.spool:
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
        elif page_asked:
            audit.append_many(tx, codepage.chosen_at_intake(archive, item))
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
