"""Make a package in a folder of its own and show it as screen f wants it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.findings import Finding, Severity
from archiver.progress import Progress
from archiver.settings import Settings
from ui.operations.core import Check, Node, Package
from ui.words import moment, n, number, size, t

if TYPE_CHECKING:
    from archiver.services.archive import Archive
    from archiver.services.package_tree import TreeNode
    from archiver.services.packaging_run import MadePackage

_ICONS = {
    "Archief": "pakket",
    "Dossier": "dossier",
    "E-mailbericht": "mail",
    "Bijgevoegd bericht": "mail",
    "Postbus": "inname",
    "Chatgesprek": "chat",
    "Gesprek in delen": "chat",
    "Niet geduid bestand": "onbekend",
}
_MESSAGES = ("E-mailbericht", "Chatgesprek", "Niet geduid bestand")
_ORDER = (Severity.FOUT, Severity.LET_OP)


def make(archive: Archive, ids: tuple[str, ...], folder: Path, progress: Progress) -> Package:
    """Make a package in a new folder inside `folder`, check it and give what became of it.

    Raises what `packaging_run.make_package` raises.
    """
    from archiver.services import packaging_run

    started = time.monotonic()
    target = free_place(folder, f"pakket-{datetime.now():%Y-%m-%d-%H%M}")
    made = packaging_run.make_package(archive, packaging_run.MakePackage(target, ids=ids), progress)
    return shown(made, time.monotonic() - started)


def free_place(folder: Path, name: str) -> Path:
    """Give a path in `folder` where nothing stands yet: the name, else name-2, name-3 …"""
    place, number_ = folder / name, 1
    while place.exists():
        number_ += 1
        place = folder / f"{name}-{number_}"
    return place


def shown(made: MadePackage, seconds: float) -> Package:
    """Turn the answer of the service into screen f."""
    slip = dict(made.pakbon)
    receiver = slip.get("locatieDoelsysteem", "")
    if receiver == Settings().locatie_doelsysteem:  # nobody has set one
        receiver = ""
    levels = _levels(made.tree)
    messages = sum(levels.get(kind, 0) for kind in _MESSAGES)
    return Package(
        name=slip.get("naam", made.tree.title),
        path=made.path,
        profile=made.profile.upper(),
        receiver=receiver,
        counts=(
            (number(levels.get("Dossier", 0)), _word("dossiers", levels.get("Dossier", 0))),
            (number(messages), _word("berichten", messages)),
            (number(made.ledger.attachments), _word("bijlagen", made.ledger.attachments)),
            (number(made.bestanden), _word("bestanden", made.bestanden)),
            (size(made.bytes), t("pakket.telling.totaal")),
        ),
        tree=(_node(made.tree, "", made.findings),),
        findings=made.findings,
        checks=tuple(_check(code, made, messages) for code in made.passed),
        pakbon=(
            ("pakbon.nummer", slip.get("identificatie", "").removeprefix("urn:uuid:")[:8]),
            ("pakbon.gemaakt", moment(slip.get("aanmaakSIP"), year=True)),
            ("pakbon.overdrager", slip.get("organisatie", "")),
            ("pakbon.ontvanger", receiver or t("pakbon.ontvanger_open")),
            ("pakbon.objecten", number(made.informatieobjecten)),
            ("pakbon.omvang", f"{number(made.bestanden)}, {size(made.bytes)}"),
        ),
        sha256=made.package_hash if made.released else None,
        released=made.released,
        seconds=seconds,
    )


def _word(key: str, count: int) -> str:
    return n(f"pakket.telling.{key}", count)


def _check(code: str, made: MadePackage, messages: int) -> Check:
    """Say over how many things a passed check went; all of them passed."""
    total = {
        "controle.schema": made.informatieobjecten + made.bestanden,
        "controle.getal": made.bestanden,
        "controle.lijst": made.bestanden,
        "controle.termijn": made.informatieobjecten,
        "controle.origineel": messages,
    }.get(code, 0)
    return Check(code, total, total)


def _levels(node: TreeNode) -> Mapping[str, int]:
    found: dict[str, int] = {node.kind: 1}
    for child in node.children:
        for kind, count in _levels(child).items():
            found[kind] = found.get(kind, 0) + count
    return found


def _node(node: TreeNode, above: str, findings: Sequence[Finding]) -> Node:
    place = f"{above}/{node.key}" if above else node.key
    within = [f for f in findings if f.place == place or f.place.startswith(place + "/")]
    serious = [s for s in _ORDER if any(f.severity is s for f in within)]
    return Node(
        name=node.title,
        kind=node.kind,
        icon=_ICONS.get(node.kind, "bijlage"),
        findings=len(within),
        worst=serious[0].value if serious else "",
        place=place,
        children=tuple(_node(child, place, findings) for child in node.children),
    )
