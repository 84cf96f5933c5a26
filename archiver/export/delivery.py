"""Open a delivery folder as a stranger would: folders, files and sidecars, links never followed.

Goes through the tree folder by folder and says what is wrong with its shape ("Sidecar-structuur" and
"Naamgeving" of the SIP specification). What the sidecars say is looked at in `archiver.export.check`.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from archiver.export.naming import DEVICES
from archiver.export.pakbon import PAKBON
from archiver.export.scratch import Scratch, digest
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
    """One folder, an informatieobject, with the files in it.

    `extra_sidecars` describe nothing that is here.
    """

    place: str
    name: str
    parent: Folder | None = None
    sidecar: str | None = None
    contents: list[Content] = field(default_factory=list)
    extra_sidecars: list[str] = field(default_factory=list)
    filled: bool = False  # known when it is left
    empty: list[str] = field(default_factory=list)  # below it, without any file in them


@dataclass(slots=True)
class Delivery:
    """A delivery: `base` is the delivery folder; `root` the name of its collection, if there is one."""

    base: Path
    root: str | None = None
    pakbon: bool = False
    whole: bool = True  # False: only the collection folder was given
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
    """Look at what is at `path`: the delivery folder, or the collection folder itself."""
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
    delivery.root = roots[0].name
    return delivery


def walk(delivery: Delivery) -> Iterator[tuple[Folder, bool]]:
    """Go through all folders, parents first; each is given twice: when it is entered and when left."""
    if delivery.root is None:
        return
    root = Folder(delivery.root, delivery.root)
    waiting = [(root, iter(_names(delivery, root)))]
    yield root, False
    while waiting:
        folder, below = waiting[-1]
        name = next(below, None)
        if name is not None:
            child = Folder(f"{folder.place}/{name}", name, folder)
            waiting.append((child, iter(_names(delivery, child))))
            yield child, False
            continue
        waiting.pop()
        _leave(delivery, folder)
        yield folder, True


def count_files(delivery: Delivery) -> int:
    """Count the files that are no sidecar; nothing is said about what is wrong."""
    found = 0
    roots = [delivery.root] if delivery.root is not None else []
    waiting = [(str(delivery.base), iter(roots))]
    while waiting:
        above, names = waiting[-1]
        name = next(names, None)
        if name is None:
            waiting.pop()
            continue
        place, below = f"{above}/{name}", []
        with suppress(OSError), os.scandir(place) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    below.append(entry.name)
                elif entry.is_file(follow_symlinks=False):
                    found += not entry.name.lower().endswith(SIDECAR)
        waiting.append((place, iter(below)))
    return found


def unique_names(delivery: Delivery, folder: Folder, seen: Scratch) -> None:
    """Names are unique in the whole delivery; capitals make no difference on Windows."""
    things: list[Folder | Content] = [folder, *folder.contents]
    for thing in things:
        key = digest(unicodedata.normalize("NFC", thing.name).casefold())
        if seen.one("SELECT 1 FROM name WHERE key = ?", (key,)) is not None:
            delivery.add("pakket.naam_dubbel", thing.place, naam=thing.name)
        else:
            seen.run("INSERT INTO name VALUES (?)", (key,))


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


def _names(delivery: Delivery, folder: Folder) -> list[str]:
    """Read a folder; give the names of the folders in it."""
    below: list[str] = []
    sidecars: list[_Entry] = []
    for entry in _entries(delivery, folder.place):
        _name(delivery, entry)
        if entry.is_folder:
            below.append(entry.name)
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
            folder.extra_sidecars.append(entry.place)
        if not entry.name.endswith(SIDECAR):
            delivery.add("pakket.sidecar_hoofdletters", entry.place, Severity.LET_OP)
    if folder.sidecar is None:
        delivery.add("pakket.map_zonder_sidecar", folder.place, naam=folder.name + SIDECAR)
    for content in folder.contents:
        if content.sidecar is None:
            naam = content.name + BESTAND + SIDECAR
            delivery.add("pakket.bestand_zonder_sidecar", content.place, naam=naam)
    return below


def _entries(delivery: Delivery, place: str) -> Iterator[_Entry]:
    try:
        names = sorted(found.name for found in (delivery.base / place).iterdir())
    except OSError:
        delivery.add("pakket.onleesbaar", place)
        return
    for name in names:
        where = f"{place}/{name}" if place else name
        try:
            info = os.lstat(delivery.base / where)
        except OSError:
            delivery.add("pakket.onleesbaar", where)
            continue
        if stat.S_ISDIR(info.st_mode) or stat.S_ISREG(info.st_mode):
            yield _Entry(name, where, stat.S_ISDIR(info.st_mode), info.st_size)
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


def _leave(delivery: Delivery, folder: Folder) -> None:
    """Name folders without any file below them, once: the highest."""
    folder.filled = folder.filled or bool(folder.contents)
    above = folder.parent
    if folder.filled:
        for place in folder.empty:
            delivery.add("pakket.map_leeg", place)
        if above is not None:
            above.filled = True
    elif above is not None:
        above.empty.append(folder.place)
    else:
        delivery.add("pakket.map_leeg", folder.place)
