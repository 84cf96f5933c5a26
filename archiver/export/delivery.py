"""Open a delivery folder as a stranger would: folders, files and sidecars, links never followed.

Gives the tree and what is wrong with its shape ("Sidecar-structuur" and "Naamgeving" of the SIP
specification). What the sidecars say is looked at in `archiver.export.check`.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from archiver.export.naming import DEVICES
from archiver.export.pakbon import PAKBON
from archiver.findings import Finding, Severity

SIDECAR = ".mdto.xml"
BESTAND = ".bestand"
LONGEST = 255
_FORBIDDEN = set('<>:"/\\|?*#&+\u201c\u201d')


@dataclass(slots=True)
class Content:
    """One file that is not a sidecar; `place` is relative to the delivery folder."""

    place: str
    name: str
    size: int
    sidecar: str | None = None


@dataclass(slots=True)
class Folder:
    """One folder, an informatieobject."""

    place: str
    name: str
    parent: Folder | None = None
    sidecar: str | None = None
    contents: list[Content] = field(default_factory=list)
    folders: list[Folder] = field(default_factory=list)


@dataclass(slots=True)
class Delivery:
    """A delivery: `base` is the delivery folder; `folders` has parents before children."""

    base: Path
    root: Folder | None = None
    pakbon: bool = False
    whole: bool = True  # False: only the collection folder was given
    folders: list[Folder] = field(default_factory=list)
    extra_sidecars: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def add(
        self, code: str, place: str, severity: Severity = Severity.FOUT, **params: str | int
    ) -> None:
        """Note a finding."""
        self.findings.append(Finding(code, params, place, severity))


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    place: str
    is_folder: bool
    size: int


def open_delivery(path: Path) -> Delivery:
    """Read the tree at `path`: the delivery folder, or the collection folder itself."""
    path = path.absolute()
    if (path / f"{path.name}{SIDECAR}").is_file() and not (path / PAKBON).exists():
        delivery = Delivery(path.parent, whole=False)
        delivery.add("pakket.pakbon_niet_gekeurd", path.name, Severity.LET_OP)
        roots = [_Entry(path.name, path.name, True, 0)]
    else:
        delivery = Delivery(path)
        roots = _top(delivery)
    if len(roots) != 1:
        delivery.add("pakket.geen_collectie", "", n=len(roots))
        return delivery
    delivery.root = Folder(roots[0].place, roots[0].name)
    waiting = deque([delivery.root])
    while waiting:
        folder = waiting.popleft()
        delivery.folders.append(folder)
        _read_folder(delivery, folder)
        waiting.extend(folder.folders)
    _unique(delivery)
    _filled(delivery)
    return delivery


def _top(delivery: Delivery) -> list[_Entry]:
    roots = []
    for entry in _entries(delivery, ""):
        if entry.is_folder:
            roots.append(entry)
        elif entry.name == PAKBON:
            delivery.pakbon = True
        else:
            delivery.add("pakket.los_bestand", entry.place, Severity.LET_OP)
    if not delivery.pakbon:
        delivery.add("pakket.geen_pakbon", PAKBON)
    return roots


def _read_folder(delivery: Delivery, folder: Folder) -> None:
    sidecars: list[_Entry] = []
    for entry in _entries(delivery, folder.place):
        _name(delivery, entry)
        if entry.is_folder:
            folder.folders.append(Folder(entry.place, entry.name, folder))
        elif entry.name.lower().endswith(SIDECAR):
            sidecars.append(entry)
        else:
            folder.contents.append(Content(entry.place, entry.name, entry.size))
            if entry.name.lower() == PAKBON:
                delivery.add("pakket.pakbon_binnen", entry.place)
        if not entry.is_folder and entry.size == 0:
            delivery.add("pakket.bestand_leeg", entry.place)
    by_name = {content.name: content for content in folder.contents}
    for entry in sidecars:
        stem = entry.name[: -len(SIDECAR)]
        content = by_name.get(stem.removesuffix(BESTAND)) if stem.endswith(BESTAND) else None
        if stem == folder.name and folder.sidecar is None:
            folder.sidecar = entry.place
        elif content is not None and content.sidecar is None:
            content.sidecar = entry.place
        else:
            delivery.add("pakket.sidecar_los", entry.place)
            delivery.extra_sidecars.append(entry.place)
        if not entry.name.endswith(SIDECAR):
            delivery.add("pakket.sidecar_hoofdletters", entry.place, Severity.LET_OP)
    if folder.sidecar is None:
        delivery.add("pakket.map_zonder_sidecar", folder.place, naam=folder.name + SIDECAR)
    for content in folder.contents:
        if content.sidecar is None:
            naam = content.name + BESTAND + SIDECAR
            delivery.add("pakket.bestand_zonder_sidecar", content.place, naam=naam)


def _entries(delivery: Delivery, place: str) -> Iterator[_Entry]:
    try:
        with os.scandir(delivery.base / place) as found:
            entries = sorted(found, key=lambda e: e.name)
    except OSError:
        delivery.add("pakket.onleesbaar", place)
        return
    for entry in entries:
        where = f"{place}/{entry.name}" if place else entry.name
        try:
            info = entry.stat(follow_symlinks=False)
        except OSError:
            delivery.add("pakket.onleesbaar", where)
            continue
        if stat.S_ISDIR(info.st_mode) or stat.S_ISREG(info.st_mode):
            yield _Entry(entry.name, where, stat.S_ISDIR(info.st_mode), info.st_size)
        else:
            delivery.add("pakket.koppeling", where)


def _name(delivery: Delivery, entry: _Entry) -> None:
    name = entry.name
    bad = {
        c for c in name if c in _FORBIDDEN or c.isspace() or unicodedata.category(c) in ("Cc", "Cs")
    }
    if bad:
        shown = " ".join(sorted(f"U+{ord(c):04X}" for c in bad))
        delivery.add("pakket.naam_teken", entry.place, tekens=shown)
    if DEVICES.fullmatch(name) or not name.strip(".") or name.endswith("."):
        delivery.add("pakket.naam_gereserveerd", entry.place)
    if len(name) > LONGEST:
        delivery.add("pakket.naam_lang", entry.place, n=len(name))
    if len(entry.place) > LONGEST:
        delivery.add("pakket.pad_lang", entry.place, n=len(entry.place))
    dots = 0 if entry.is_folder else 1
    if not name.lower().endswith(SIDECAR) and name.count(".") > dots:
        delivery.add("pakket.naam_punten", entry.place, Severity.LET_OP)
    if unicodedata.normalize("NFC", name) != name:
        delivery.add("pakket.naam_vorm", entry.place, Severity.LET_OP)


def _unique(delivery: Delivery) -> None:
    """Names are unique in the whole delivery; capitals make no difference on Windows."""
    seen: set[str] = set()
    for folder in delivery.folders:
        things: list[Folder | Content] = [folder, *folder.contents]
        for thing in things:
            key = unicodedata.normalize("NFC", thing.name).casefold()
            if key in seen:
                delivery.add("pakket.naam_dubbel", thing.place, naam=thing.name)
            seen.add(key)


def _filled(delivery: Delivery) -> None:
    filled: set[str] = set()
    for folder in reversed(delivery.folders):
        if folder.contents or any(child.place in filled for child in folder.folders):
            filled.add(folder.place)
    for folder in delivery.folders:
        above = folder.parent is None or folder.parent.place in filled
        if folder.place not in filled and above:
            delivery.add("pakket.map_leeg", folder.place)
