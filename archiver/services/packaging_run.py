"""Make a package: choose, compose, write, read back, check, and only then let it go."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from archiver.errors import RuleRefused
from archiver.export import mdto
from archiver.export.check import check
from archiver.export.compose import compose, context_of
from archiver.export.delivery import open_delivery
from archiver.export.ledger import delivered
from archiver.export.model import Organisatie
from archiver.export.pakbon import PAKBON, fields
from archiver.export.plan import Plan
from archiver.export.scratch import Scratch
from archiver.findings import Finding, Severity
from archiver.identity import new_id
from archiver.intake.chat import media
from archiver.intake.identify_child import Identifier
from archiver.ledger import count
from archiver.model import Changes, Ledger
from archiver.progress import Progress, check_cancelled
from archiver.services import authenticity, package_intent
from archiver.services.archive import Archive, now
from archiver.services.package_intent import record as _record
from archiver.services.package_items import Reader
from archiver.services.package_tree import PackedTree, TreeNode, TreeWatch
from archiver.store import items
from archiver.store.packages import PackageRow
from archiver.vault import disk

CHUNK = 500  # list rows that are held at once


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
    folders: PackedTree
    changes: Changes

    @property
    def tree(self) -> TreeNode:
        """Give the folders of the package, made anew each time."""
        return self.folders.unpacked()


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
    chosen = _chosen(archive, command, progress)
    if not chosen:
        raise RuleRefused("pakket_leeg")
    ids, years = tuple(i for _, i in chosen), sorted({date[:4] for date, _ in chosen} - {""})
    del chosen
    moment = command.moment or now()
    delivery_id = str(uuid.uuid5(uuid.UUID(ids[0]), moment + "".join(ids)))
    naam = command.naam or _name(years, archive.settings.organisatie)
    examiner, tree = authenticity.Examiner.of(archive, moment), TreeWatch()
    with (
        media.kept_open(),
        Identifier(archive.werkmap / "tijdelijk") as identifier,
        archive.register.read() as tx,
        _plan(archive, moment) as plan,
    ):
        reader = Reader(archive, tx, identifier, examiner, progress)
        secured = _survey(plan, reader, ids)
        order = compose(
            plan,
            lambda seq: reader.package_item(ids[seq], plan),
            delivery_id,
            naam,
            locatie_doelsysteem=archive.settings.locatie_doelsysteem,
        )
        order = replace(order, root=tree.watched(order.root))
        written = mdto.write(order, command.target, progress)
    noticed = (*written.findings, *_undecided(plan.totals.undecided))
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
        ledger = Ledger()
        findings = (*noticed, *report.findings)
        if report.sound:
            ledger = delivered(open_delivery(written.folder), progress)
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
        folders=tree.packed(),
        changes=Changes("items", row.item_ids if released else ()),
    )


def _chosen(archive: Archive, command: MakePackage, progress: Progress) -> list[tuple[str, str]]:
    """Give date and id of what goes along, oldest first whatever the order on the screen was."""
    chosen: list[tuple[str, str]] = []
    with archive.register.read() as tx:
        ids: Sequence[str] = command.ids if command.ids is not None else ()
        if command.ids is None:
            ids = items.ids(tx, search=command.search or None)
        for start in range(0, len(ids), CHUNK):
            check_cancelled(progress)
            some = ids[start : start + CHUNK]
            dates = {row.id: row.date or "" for row in items.rows(tx, some)}
            for item_id in some:
                if command.dossier is not None or command.only_decided or item_id not in dates:
                    item = items.get(tx, item_id)  # raises for an id that nobody made
                    filed = item.dossier
                    if command.dossier is not None and (
                        filed is None or command.dossier not in (filed.naam, filed.id)
                    ):
                        continue
                    if command.only_decided and item.decision is None:
                        continue
                chosen.append((dates[item_id], item_id))
    chosen.sort()
    return chosen


@contextmanager
def _plan(archive: Archive, moment: str) -> Iterator[Plan]:
    settings = archive.settings
    body = Organisatie(settings.organisatie, settings.organisatie_id, settings.contact)
    folder = archive.werkmap / "tijdelijk"
    try:
        folder.mkdir(exist_ok=True)
        scratch = Scratch(folder / f"plan-{new_id()}")
    except OSError as error:
        raise disk.failure(error, 0) from error
    with scratch:
        yield Plan(scratch, context_of(body, moment))


def _survey(plan: Plan, reader: Reader, ids: Sequence[str]) -> Ledger:
    """Look at every item once; gives what the register holds of them."""
    secured = Ledger()
    try:
        for item_id in ids:
            item, source, siblings = reader.item(item_id)
            plan.add(item, source, siblings)
            secured += replace(count(item.record), refused=0)
        plan.settle()
    except OSError as error:  # of the plan
        raise disk.failure(error, 0) from error
    return secured


def _name(years: Sequence[str], organisatie: str) -> str:
    period = years[0] if len(years) == 1 else f"{years[0]}-{years[-1]}" if years else ""
    return f"Berichtenarchief {organisatie} {period}".strip()


def _undecided(n: int) -> tuple[Finding, ...]:
    return (Finding("pakket.onbesloten", {"n": n}),) if n else ()


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
