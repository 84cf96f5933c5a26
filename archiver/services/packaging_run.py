"""Make a package: choose, compose, write, read back, check, and only then let it go."""

from __future__ import annotations

import io
import os
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from archiver.errors import RuleRefused
from archiver.export import mdto
from archiver.export.check import check
from archiver.export.compose import PackageItem, PartPath, compose
from archiver.export.delivery import open_delivery
from archiver.export.ledger import delivered
from archiver.export.model import Opener, Organisatie, PackageObject
from archiver.export.pakbon import PAKBON, fields
from archiver.findings import Finding, Severity
from archiver.identity import new_id
from archiver.intake.chat import media
from archiver.intake.identify_child import Identifier
from archiver.ledger import count
from archiver.model import (
    Changes,
    Conversation,
    EmailMessage,
    Identification,
    Item,
    Ledger,
    Source,
)
from archiver.progress import Progress, check_cancelled
from archiver.services import authenticity, package_intent, reading
from archiver.services.archive import Archive, now
from archiver.services.conversation_account import account_of
from archiver.services.package_intent import record as _record
from archiver.services.pieces import pieces_of
from archiver.store import items, sources
from archiver.store.packages import PackageRow
from archiver.vault import disk
from metadata import begrippen


@dataclass(frozen=True, slots=True)
class MakePackage:
    """The command: these items, as one delivery in the new folder `target`.

    Without `ids` it is what `search` and `dossier` (a name) select. `moment` (dateTime with offset)
    is when the package is said to be made: the same state and moment give the same bytes.
    """

    target: Path
    profile: str = "mdto"
    ids: tuple[str, ...] | None = None
    search: str | None = None
    dossier: str | None = None
    only_decided: bool = False
    naam: str | None = None
    moment: str | None = None


@dataclass(frozen=True, slots=True)
class TreeNode:
    """One folder of the package: its name on disk, its title, its kind, its files.

    `id` is the id of the item when the folder is one, else a derived id.
    """

    id: str
    key: str
    title: str
    kind: str
    files: tuple[str, ...] = ()
    children: tuple[TreeNode, ...] = ()


@dataclass(frozen=True, slots=True)
class MadePackage:
    """What was made. When not `released` nothing is at `path`: the findings say why."""

    path: Path
    profile: str
    released: bool
    informatieobjecten: int
    bestanden: int
    bytes: int
    package_hash: str
    ledger: Ledger
    findings: tuple[Finding, ...]
    passed: tuple[str, ...]
    pakbon: tuple[tuple[str, str], ...]
    tree: TreeNode
    changes: Changes


def make_package(archive: Archive, command: MakePackage, progress: Progress) -> MadePackage:
    """Make a package and mark its items as packaged when it was released.

    A package that fails its own check is thrown away and does not leave (rule 6). Raises
    `RuleRefused` (nothing chosen, the folder is in use or inside the work folder), `InputRefused`
    (nothing can be written there), `DiskFull`, `StoreRefused`, `StoreDamaged`, `Cancelled`.
    """
    package_intent.settle(archive)
    mdto.refuse_taken(command.target)  # before anything that takes long
    if Path(os.path.realpath(command.target)).is_relative_to(os.path.realpath(archive.werkmap)):
        raise RuleRefused("pakket_in_werkmap", {"pad": str(command.target)})
    chosen, origins = _chosen(archive, command)
    if not chosen:
        raise RuleRefused("pakket_leeg")
    moment = command.moment or now()
    delivery_id = str(uuid.uuid5(uuid.UUID(chosen[0].id), moment + "".join(i.id for i in chosen)))
    examiner = authenticity.Examiner.of(archive, moment)
    together = frozenset(i.id for i in chosen)
    with media.kept_open(), Identifier(archive.werkmap / "tijdelijk") as identifier:
        order = compose(
            [
                _package_item(
                    archive, i, *origins[i.source_id], identifier, examiner, together, progress
                )
                for i in chosen
            ],
            Organisatie(
                archive.settings.organisatie,
                archive.settings.organisatie_id,
                archive.settings.contact,
            ),
            moment,
            delivery_id,
            command.naam or _name(chosen, archive.settings.organisatie),
            locatie_doelsysteem=archive.settings.locatie_doelsysteem,
        )
        written = mdto.write(order, command.target, progress)
    ids, tree = tuple(i.id for i in chosen), _tree(order.root)
    secured, noticed = _secured(chosen), (*order.findings, *_undecided(chosen))
    del order, chosen, origins  # the check needs none of it, and of a mailbox it is large
    row = PackageRow(
        id=new_id(),
        path=str(command.target),
        profile=command.profile,
        made_at=moment,
        actor=archive.actor,
        package_hash=written.counts.package_hash,
        informatieobjecten=written.counts.informatieobjecten,
        bestanden=written.counts.bestanden,
        bytes=written.counts.bytes,
        item_ids=ids,
    )
    intent: Path | None = None
    try:
        report = check(written.folder, progress)
        ledger = delivered(open_delivery(written.folder)) if report.sound else Ledger()
        findings = (*noticed, *report.findings)
        if report.sound:
            findings += _reconcile(secured, ledger)
        released = not any(f.severity is Severity.FOUT for f in findings)
        pakbon = (written.folder / PAKBON).read_bytes()
        slip = fields(pakbon)
        if released:
            intent = package_intent.intend(archive, row, written.target, pakbon)
            mdto.release(written)
    finally:
        mdto.discard(written)  # after a release there is nothing left to discard
    _record(archive, row, released, findings)
    if intent is not None:
        package_intent.fulfil(intent)
    return MadePackage(
        path=command.target,
        profile=command.profile,
        released=released,
        informatieobjecten=row.informatieobjecten,
        bestanden=row.bestanden,
        bytes=row.bytes,
        package_hash=row.package_hash,
        ledger=ledger,
        findings=findings,
        passed=report.passed,
        pakbon=tuple((name, values[0]) for name, values in slip.items()),
        tree=tree,
        changes=Changes("items", row.item_ids if released else ()),
    )


def _chosen(
    archive: Archive, command: MakePackage
) -> tuple[list[Item], dict[str, tuple[Source, int]]]:
    with archive.register.read() as tx:
        ids: Sequence[str] = command.ids if command.ids is not None else ()
        if command.ids is None:
            ids = items.ids(tx, search=command.search or None)
        found = [items.get(tx, item_id) for item_id in ids]
        if command.dossier is not None:
            wanted = {command.dossier}
            found = [i for i in found if i.dossier and wanted & {i.dossier.naam, i.dossier.id}]
        if command.only_decided:
            found = [i for i in found if i.decision is not None]
        # Oldest first, whatever the order on the screen was: the same choice, the same package.
        found.sort(key=lambda i: (i.date or "", i.id))
        origins = {
            s: (sources.get(tx, s), len(items.ids(tx, source_id=s)))
            for s in {i.source_id for i in found}
        }
    return found, origins


def _package_item(
    archive: Archive,
    item: Item,
    source: Source,
    siblings: int,
    identifier: Identifier,
    examiner: authenticity.Examiner,
    together: frozenset[str],
    progress: Progress,
) -> PackageItem:
    names = _part_names(item)

    def part(place: PartPath) -> Opener:
        return lambda: io.BytesIO(reading.part_bytes(archive, item, place))

    def identify(place: PartPath) -> Identification | None:
        check_cancelled(progress)
        data = (
            reading.part_bytes(archive, item, place)
            if place
            else reading.message_bytes(archive, item)
        )
        try:
            return identifier.identify(data, names.get(place))
        except OSError as error:  # its temporary file in the work folder
            raise disk.failure(error, len(data)) from error

    record = item.record
    container = (
        _blob(archive, source.sha256) if siblings > 1 or item.sha256 != source.sha256 else None
    )
    if isinstance(record, Conversation):
        return PackageItem(
            item,
            source,
            original=_blob(archive, source.sha256),
            original_size=source.size,
            part=part,
            identify=identify,
            messages=lambda: reading.chat_messages(record, archive.vault.path(source.sha256)),
            account=account_of(archive, item, progress),
            container=container,
            siblings=siblings,
        )
    return PackageItem(
        item,
        source,
        original=lambda: io.BytesIO(reading.message_bytes(archive, item)),
        original_size=record.size,
        part=part,
        identify=identify,
        headers=lambda: reading.mail_headers(reading.message_bytes(archive, item), record),
        text=lambda: _text(archive, item, record, together),
        authenticity=lambda: examiner.account(record, reading.message_bytes(archive, item)),
        container=container,
        siblings=siblings,
    )


def _text(archive: Archive, item: Item, record: EmailMessage, together: frozenset[str]) -> str:
    """Give the text for the reading copy: of a piece that of the whole, when every piece goes along.

    `together` are the items of the package: what was not chosen must not leave in the text of another.
    """
    found = pieces_of(archive, item)
    if found is not None and found[1] is not None and together.issuperset(found[0].items):
        return reading.mail_text(found[1].raw, found[1].record)
    return reading.mail_text(reading.message_bytes(archive, item), record)


def _blob(archive: Archive, sha256: str) -> Callable[[], BinaryIO]:
    return lambda: archive.vault.open_verified(sha256)


def _part_names(item: Item) -> dict[PartPath, str | None]:
    record = item.record
    if isinstance(record, Conversation):
        return {(m.path,): m.name for m in record.media if m.path is not None}
    found: dict[PartPath, str | None] = {}
    waiting: list[tuple[PartPath, EmailMessage]] = [((), record)]
    while waiting:
        path, message = waiting.pop()
        for attachment in message.attachments:
            found[(*path, attachment.part)] = attachment.name
            if attachment.message is not None:
                waiting.append(((*path, attachment.part), attachment.message))
    return found


def _name(chosen: Sequence[Item], organisatie: str) -> str:
    years = sorted({(i.date or "")[:4] for i in chosen} - {""})
    period = years[0] if len(years) == 1 else f"{years[0]}-{years[-1]}" if years else ""
    return f"Berichtenarchief {organisatie} {period}".strip()


def _undecided(chosen: Sequence[Item]) -> tuple[Finding, ...]:
    open_ = sum(item.decision is None for item in chosen)
    return (Finding("pakket.onbesloten", {"n": open_}),) if open_ else ()


def _secured(chosen: Sequence[Item]) -> Ledger:
    total = Ledger()
    for item in chosen:
        total += replace(count(item.record), refused=0)
    return total


def _reconcile(secured: Ledger, ledger: Ledger) -> tuple[Finding, ...]:
    """In = out: what the register holds of these items is what lies in the package."""
    return tuple(
        Finding(
            "pakket.grootboek",
            {"wat": name, "register": there, "pakket": here},
            severity=Severity.FOUT,
        )
        for name, (there, here) in secured.difference(ledger).items()
    )


def _tree(obj: PackageObject) -> TreeNode:
    about = obj.informatieobject
    level = about.aggregatieniveau.begripLabel if about.aggregatieniveau else ""
    return TreeNode(
        about.identificatie[0].identificatieKenmerk.removeprefix("urn:uuid:"),
        obj.key,
        about.naam,
        _kind(obj) or level,
        tuple(file.name for file in obj.files),
        tuple(_tree(child) for child in obj.children),
    )


def _kind(obj: PackageObject) -> str | None:
    for term in obj.informatieobject.classificatie:
        if term.begripBegrippenlijst.verwijzingNaam == begrippen.BERICHTEN:
            return term.begripLabel
    return None
