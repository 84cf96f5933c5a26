"""The core as the window sees it, answered by the services; every method runs in a worker thread.

The services are imported inside the methods: the window is on the screen before they are loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archiver.errors import ArchiverError, StoreRefused
from archiver.findings import Finding, Severity
from archiver.model import (
    Attachment,
    Changes,
    ChatMessage,
    Conversation,
    Decision,
    EmailMessage,
    Item,
    ItemStatus,
)
from archiver.progress import Progress
from ui.models.proposal import set_viewer
from ui.models.row import Row
from ui.operations import proof
from ui.operations.chat_choices import Picked
from ui.operations.comparison_core import ArchiveComparing
from ui.operations.conversation_facts import parts_facts
from ui.operations.core import (
    Change,
    Detail,
    Done,
    Event,
    Found,
    Looked,
    Outcome,
    Package,
    Profile,
    Secured,
    State,
    Vault,
)
from ui.operations.item_facts import item_facts, kind_of, preview_facts, remarks_of
from ui.operations.mailbox_core import ArchiveMailboxes
from ui.operations.proof import Proof
from ui.words import t

if TYPE_CHECKING:
    from archiver.services.answers import Secret
    from archiver.services.archive import Archive
    from archiver.services.opening import Opened
    from archiver.services.overview import ItemRow
    from archiver.services.preview import PreviewRow
    from archiver.services.reading import Reading


class ArchiveCore:
    """One opened work folder."""

    def __init__(self, werkmap: Path | None = None) -> None:
        self._werkmap = werkmap
        self._archive: Archive | None = None
        self._refused: ArchiverError | None = None
        self._checked: str | None = None
        self._sound = True

    @property
    def archive(self) -> Archive:
        """The opened archive. Raises what opening it raised, when it is not open."""
        if self._archive is None:
            raise self._refused or StoreRefused("werkmap_niet_open")
        return self._archive

    def open(self) -> Profile:
        """Open the work folder."""
        from archiver import bootstrap

        werkmap = self._werkmap or bootstrap.default_werkmap()
        try:
            self._archive = archive = bootstrap.open_archive(werkmap, origin="ui")
        except ArchiverError as error:
            self._refused = error
            raise
        set_viewer(archive.actor)
        used = archive.settings
        return Profile(used.organisatie, archive.actor, used.rol, used.taal)

    def close(self) -> None:
        """Close it."""
        if self._archive is not None:
            from archiver.services import attachment_copy, opening

            attachment_copy.tidy(self._archive)
            opening.tidy(self._archive)
            self._archive.close()
            self._archive = None

    def drop_folder(self) -> Path | None:
        """Give the temporary folder of the work folder, which opening it empties."""
        if self._archive is None:
            return None
        folder = self._archive.werkmap / "tijdelijk"
        folder.mkdir(exist_ok=True)
        return folder

    def state(self) -> State:
        """Give counts, vault and the label of undo."""
        from archiver.services import overview, undo

        counts = {str(k): v for k, v in overview.counts(self.archive).items()}
        stored = any(counts.values())
        vault = "fout" if not self._sound else ("ok" if stored else "leeg")
        names = {d.naam for d in overview.all_dossiers(self.archive)}
        names |= {hint.naam for hint in self.archive.hints}
        return State(
            counts,
            Vault(vault, self._checked),
            undo.undo_label(self.archive),
            tuple(sorted(names, key=str.casefold)),
        )

    # --- lists -----------------------------------------------------------------------------------

    def keys(self, queue: str | None, search: str) -> list[str]:
        """Give the ids of a queue."""
        from archiver.services import overview

        status = ItemStatus(queue) if queue else None
        return overview.item_ids(self.archive, status, search or None)

    def rows(self, ids: Sequence[str]) -> list[Row]:
        """Give rows for the list."""
        from archiver.services import overview

        return [_stored_row(row) for row in overview.item_rows(self.archive, ids)]

    def look(self, paths: Sequence[Path], progress: Progress) -> Iterator[Event]:
        """Parse without storing."""
        from archiver.services import preview as service

        seen: dict[Path, int] = {}
        refused: dict[Path, list[Finding]] = {}
        command = service.Look(tuple(paths), self.archive.actor, owner_stated=False)
        for event in service.preview(self.archive, command, progress):
            if isinstance(event, service.SourceFound):
                yield Found(event.path, event.identification)
            elif isinstance(event, service.PreviewBegun):
                yield Looked(replace(_preview_row(event.row), begun=True))
            elif isinstance(event, service.Previewed):
                seen[event.row.path] = seen.get(event.row.path, 0) + 1
                yield Looked(_preview_row(event.row))
            elif isinstance(event, service.PreviewRefused):
                refused.setdefault(event.path, []).extend(event.record.findings)
            elif isinstance(event, service.SourceDone):
                found = (*event.findings, *refused.get(event.path, ()))
                yield Done(
                    event.path,
                    event.size,
                    event.ledger,
                    found,
                    event.already_in_vault,
                    refused=event.path not in seen and not event.already_in_vault,
                )

    def read(self, row: Row) -> Reading:
        """Open a line in the reader."""
        from archiver.services import overview, preview

        if row.preview is not None:
            return preview.read_preview(row.preview)
        return overview.reading(self.archive, str(row.key))

    def detail(self, row: Row) -> Detail:
        """Give everything for the inspector."""
        from archiver.services import overview, pieces, related

        if row.preview is not None:
            record = row.preview.record
            mail = record if isinstance(record, EmailMessage) else None
            kin = related.related_to(self.archive, mail) if mail is not None else None
            return Detail(row, preview_facts(row, record, self.archive.actor), related=kin)
        item = overview.item(self.archive, str(row.key))
        shown = _item_row(item, row.attachments)
        history = tuple(overview.history(self.archive, item.id))
        kin = related.related(self.archive, item.id)
        found = pieces.pieces_of(self.archive, item)
        parts, exports = parts_facts(self.archive, item)
        facts = (*item_facts(item), *parts)
        shown = replace(shown, exports=exports)
        return Detail(shown, facts, history, kin, found[0] if found else None)

    # --- what changes something ------------------------------------------------------------------

    def take_in(
        self,
        paths: Sequence[Path],
        changes: Mapping[tuple[str, int], Change],
        progress: Progress,
    ) -> Secured:
        """Secure."""
        return self.take_in_picked(paths, changes, Picked(), progress)

    def take_in_picked(
        self,
        paths: Sequence[Path],
        changes: Mapping[tuple[str, int], Change],
        picked: Picked,
        progress: Progress,
    ) -> Secured:
        """Secure without the messages that go out, and with the answers that were given."""
        from archiver.services import intake, questions
        from ui.operations import chat_intake

        overrides = {
            key: intake.Override(change.title, change.dossier, _decision_of(change))
            for key, change in changes.items()
        }
        command = intake.TakeIn(
            tuple(paths),
            owner=self.archive.actor,
            owner_stated=False,
            overrides=overrides,
            remembered=questions.remembered(self.archive),
        )
        result = chat_intake.take_in(self.archive, command, picked, progress)
        return Secured(
            tuple(
                Outcome(
                    source.path,
                    str(source.status),
                    source.size,
                    source.ledger.messages + source.ledger.earlier,
                    source.ledger_stored.messages,
                    source.item_ids,
                    source.findings,
                    earlier=source.ledger.earlier,
                )
                for source in result.sources
            ),
            result.changes.ids,
            result.stopped,
        )

    def messages(
        self, row: Row, answers: Mapping[str, str], progress: Progress
    ) -> Iterator[list[ChatMessage]]:
        """Read the messages of a conversation that is not stored, in batches."""
        from ui.operations import chat_intake

        return chat_intake.messages(self.archive, row, answers, progress)

    def look_again(
        self, path: Path, answers: Mapping[str, str], progress: Progress
    ) -> Iterator[Row]:
        """Read the lines of one file again, with answers."""
        from ui.operations import chat_intake

        for row in chat_intake.look_again(self.archive, path, answers, progress):
            yield _preview_row(row)

    def unseal(self, path: Path, key: Secret, progress: Progress) -> Opened:
        """Open a sealed backup with its key."""
        from archiver.services import opening

        return opening.open_sealed(self.archive, path, key, progress)

    def unseal_stored(self, item_id: str, key: Secret, progress: Progress) -> Opened:
        """Open a sealed backup that is in the vault."""
        from archiver.services import opening

        return opening.open_stored(self.archive, item_id, key, progress)

    def proofs(self, row: Row) -> tuple[Proof, ...]:
        """Judge the signatures of a message."""
        return proof.proofs(self.archive, row)

    def attachment_copy(self, row: Row, attachment: Attachment) -> Path:
        """Make a copy of an attachment that can be opened; closing takes it away."""
        from archiver.services import attachment_copy as service

        if row.preview is None:
            return service.copy_of_item(self.archive, str(row.key), attachment)
        record = row.preview.record
        assert isinstance(record, EmailMessage)
        return service.copy_of_file(self.archive, row.preview.path, record, attachment)

    def mailboxes(self) -> ArchiveMailboxes:
        """Give everything about choosing from a mailbox."""
        return ArchiveMailboxes(lambda: self.archive)

    def comparing(self) -> ArchiveComparing:
        """Give everything about exports of one conversation."""
        return ArchiveComparing(self.archive)

    def edit(self, ids: Sequence[str], change: Change, progress: Progress) -> Changes:
        """Change title, dossier or code page; a waardering is a decision of its own."""
        from archiver.services import codepage, describe

        done = Changes("items", tuple(ids))
        if change.codepage:
            command = codepage.ReadWith(tuple(ids), change.codepage)
            return codepage.read_with(self.archive, command, progress)
        if change.title is not None or change.dossier is not None:
            edit = describe.Edit(
                tuple(ids), title=change.title, dossier=change.dossier, alone=change.alone
            )
            done = describe.edit(self.archive, edit, progress)
        if change.waardering:
            done = self.decide(ids, change, progress)
        return done

    def accept(self, ids: Sequence[str], progress: Progress) -> Changes:
        """Decide as proposed."""
        from archiver.services import appraisal

        return appraisal.accept(self.archive, tuple(ids), t("besluit.akkoord"), progress)

    def decide(self, ids: Sequence[str], change: Change, progress: Progress) -> Changes:
        """Decide by hand."""
        from archiver.services import appraisal

        command = appraisal.Decide(
            tuple(ids),
            str(change.waardering),
            change.reason or "",
            change.termijn,
            alone=change.alone,
        )
        return appraisal.decide(self.archive, command, progress)

    def undo(self) -> Changes:
        """Undo the last change."""
        from archiver.services import undo

        return undo.undo(self.archive)

    def package(self, ids: Iterable[str], target: Path, progress: Progress) -> Package:
        """Make and check a package."""
        from ui.operations.packaging import make

        return make(self.archive, tuple(ids), target, progress)

    def verify(self, progress: Progress) -> tuple[Finding, ...]:
        """Check vault, register and audit trail."""
        from archiver.services import verify

        report = verify.verify(self.archive, progress)
        self._checked = f"{datetime.now():%H:%M}"
        self._sound = report.sound
        return tuple(f for f in report.findings if f.severity is Severity.FOUT)


def _decision_of(change: Change) -> Mapping[str, str] | None:
    if not change.waardering:
        return None
    made = {"waardering": change.waardering, "reden": change.reason}
    return made | ({"termijn": change.termijn} if change.termijn else {})


def _preview_row(row: PreviewRow) -> Row:
    return Row(
        key=row.key,
        kind=row.kind,
        title=row.title,
        sender=row.sender or t("lijst.geen_afzender"),
        date=row.date,
        attachments=row.attachment_count,
        dossier=row.dossier_naam,
        appraisal=row.proposal,
        findings=remarks_of(row.record, row.findings),
        preview=row,
        about=_about(row.record, row.title, row.sender),
    )


def _stored_row(row: ItemRow) -> Row:
    appraisal: dict[str, Any] = dict(row.proposal)
    appraisal["waardering"] = row.waardering
    return Row(
        key=row.id,
        kind=row.kind,
        title=row.title,
        sender=row.sender or t("lijst.geen_afzender"),
        date=row.date,
        attachments=row.attachment_count,
        dossier=row.dossier,
        appraisal=appraisal,
        decided=row.status in (ItemStatus.BESLOTEN, ItemStatus.VERPAKT),
        about=t("lezer.gesprek") if row.kind != "email" and row.title == row.sender else "",
        status=row.status,
    )


def _item_row(item: Item, attachments: int) -> Row:
    return Row(
        key=item.id,
        kind=item.kind,
        title=item.title,
        sender=item.sender or t("lijst.geen_afzender"),
        date=item.date,
        attachments=attachments,
        dossier=item.dossier.naam if item.dossier else None,
        appraisal=decided(item.proposal, item.decision),
        decided=item.decision is not None,
        findings=remarks_of(item.record, item.findings),
        status=item.status,
        about=_about(item.record, item.title, item.sender),
    )


def _about(record: EmailMessage | Conversation, title: str, sender: str | None) -> str:
    """A conversation is named after its group or partner, which is its sender already."""
    return kind_of(record) if isinstance(record, Conversation) and title == sender else ""


def decided(proposal: Mapping[str, Any], decision: Decision | None) -> Mapping[str, Any]:
    """Lay a decision over the proposal it came from."""
    if decision is None:
        return proposal
    return {
        **proposal,
        "waardering": decision.waardering,
        "termijn": decision.termijn,
        "einddatum": decision.einddatum,
        "besluit": True,
        "actor": decision.actor,
        "at": decision.at,
        "reden": decision.reason,
    }
