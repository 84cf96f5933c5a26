"""The whole main job on the bundled samples: secure, appraise, decide, package, check, verify.

Everything goes into one folder: ``werkmap`` (vault and register) and ``pakket`` (the delivery). An
earlier demo in that folder is replaced; anything else in it is left alone.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from archiver.errors import RuleRefused, StoreRefused
from archiver.findings import Finding, Severity
from archiver.model import ItemStatus, Ledger
from archiver.progress import Progress
from archiver.services import overview
from archiver.services.appraisal import accept
from archiver.services.archive import Archive
from archiver.services.check import check_package
from archiver.services.intake import TakeIn, take_in
from archiver.services.package_tree import TreeNode
from archiver.services.packaging_run import MakePackage, make_package
from archiver.services.verify import verify
from selectielijst.words import sentence

Text = Callable[[str, str, Mapping[str, Any]], str]
Open = Callable[[Path, str], Archive]
_MARK = "demo.txt"
_SETTINGS = """\
[organisatie]
naam = "Gemeente Veldermeer"
identificatie = "gm9999"
contact = "informatiebeheer@veldermeer.example"

[gebruiker]
naam = "Mira van Oosterhof"
rol = "recordmanager"
"""


@dataclass(frozen=True, slots=True)
class DemoOutcome:
    """What came out: findings of every step, and whether everything adds up."""

    package: Path
    findings: tuple[Finding, ...]
    sound: bool


def samples() -> Path:
    """Give the folder with the bundled samples: one folder per owner, and ``selectie``."""
    return Path(str(files("archiver.data"))) / "voorbeelden"


def run_demo(
    target: Path,
    open_archive: Open,
    say: Callable[[str], None],
    language: str,
    text: Text,
    progress: Progress,
) -> DemoOutcome:
    """Do the main job in `target`. `say` gets lines for a person, `text` makes them.

    Raises `RuleRefused` when `target` holds something that no demo made, `StoreRefused` when it
    cannot be made, and what the steps raise.
    """
    werkmap, package = target / "werkmap", target / "pakket"
    _clear(werkmap, package)
    shutil.copytree(samples() / "selectie", werkmap / "selectie")
    (werkmap / "instellingen.toml").write_text(_SETTINGS, encoding="utf-8")

    def line(key: str, **params: object) -> None:
        say(text(key, language, params))

    archive = open_archive(werkmap, "Mira van Oosterhof")
    try:
        line("cli.demo.kop", n=sum(1 for p in samples().rglob("*") if _is_sample(p)))
        line("cli.demo.inname")
        findings: list[Finding] = []
        read, stored = Ledger(), Ledger()
        for folder, owner in _owners():
            taken = take_in(archive, TakeIn((samples() / folder,), owner=owner), progress)
            for source in taken.sources:
                read += source.ledger
                stored += source.ledger_stored
                findings += source.findings
        line("cli.demo.voorstel")
        ids = tuple(
            i
            for status in (ItemStatus.GETAGD, ItemStatus.TE_BEOORDELEN)
            for i in overview.item_ids(archive, status)
        )
        decided = accept(archive, ids, text("cli.voorstel_gevolgd", language, {}), progress)
        line("cli.demo.besluit", n=len(decided.ids), m=len(ids) - len(decided.ids))
        line("cli.demo.pakket")
        made = make_package(archive, MakePackage(package), progress)
        findings += made.findings
        for row in _tree_lines(archive, made.tree, language, text):
            say(row)
        errors = 0
        if made.released:
            report = check_package(package, progress)
            errors = sum(f.severity is Severity.FOUT for f in report.findings)
        line("cli.demo.keur", fouten=errors)
        balanced = not read.difference(stored) and not stored.difference(made.ledger)
        line(
            "cli.demo.grootboek",
            messages=made.ledger.messages,
            attachments=made.ledger.attachments,
            attached_messages=made.ledger.attached_messages,
            klopt=text("cli.klopt" if balanced else "cli.klopt_niet", language, {}),
        )
        proof = verify(archive, progress)
        line(
            "cli.demo.verifieer",
            n=proof.blobs,
            regels=proof.entries,
            uitkomst=text("cli.klopt" if proof.sound else "cli.klopt_niet", language, {}),
        )
        sound = made.released and errors == 0 and balanced and proof.sound
        if sound:
            line("cli.demo.klaar", pad=package)
        return DemoOutcome(package, (*findings, *proof.findings), sound)
    finally:
        archive.close()


def _clear(werkmap: Path, package: Path) -> None:
    mark = werkmap / _MARK
    for folder in (package, werkmap):
        if folder.exists():
            if not mark.exists():
                raise RuleRefused("demo_map_bezet", {"pad": str(folder)})
            shutil.rmtree(folder)
    try:
        werkmap.mkdir(parents=True)
    except OSError as error:
        raise StoreRefused("werkmap_niet_te_maken", {"pad": str(werkmap)}) from error
    mark.write_text("Gemaakt door de demo van Archiefklaar; mag weg.\n", encoding="utf-8")


def _is_sample(path: Path) -> bool:
    return path.is_file() and "selectie" not in path.relative_to(samples()).parts


def _owners() -> list[tuple[str, str]]:
    with (samples() / "selectie" / "eigenaren.csv").open(encoding="utf-8", newline="") as table:
        return [(row["map"], row["eigenaar"]) for row in csv.DictReader(table)]


def _tree_lines(archive: Archive, root: TreeNode, language: str, text: Text) -> Iterator[str]:
    """Draw the folders and files, with the one-sentence reason under every message."""
    known = set(overview.item_ids(archive))
    waiting: list[tuple[TreeNode, str, str]] = [(root, "", "")]
    while waiting:
        node, stem, branch = waiting.pop()
        yield f"{stem}{branch}{node.key}/  {node.kind}: {node.title}"
        below = stem + ("" if not branch else "   " if branch.startswith("└") else "│  ")
        if node.id in known:
            words = sentence(overview.item(archive, node.id).proposal, language, text)
            yield f"{below}{'│  ' if node.files else '   '}» {words}"
        for number, name in enumerate(node.files, start=1):
            last = number == len(node.files) and not node.children
            yield f"{below}{'└─ ' if last else '├─ '}{name}"
        for number, child in enumerate(reversed(node.children)):
            waiting.append((child, below, "└─ " if number == 0 else "├─ "))
