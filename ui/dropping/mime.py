"""What lies in a `QMimeData` of a drop or the clipboard: Files, VirtualFiles or Unreadable."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from PySide6.QtCore import QMimeData

from ui.dropping.virtual_files import parse_descriptor

WINDOWS = 'application/x-qt-windows-mime;value="{}"'
DESCRIPTOR = WINDOWS.format("FileGroupDescriptorW")
CONTENTS = WINDOWS.format("FileContents") + ";index={}"
MAIL_PROGRAM = (
    DESCRIPTOR,
    WINDOWS.format("FileGroupDescriptor"),
    WINDOWS.format("RenPrivateMessages"),
    "text/x-moz-message",
    "application/x-moz-file-promise",
    "multimaillistconversationrows",
    "maillistrow",
)


@dataclass(frozen=True, slots=True)
class Files:
    """Files and folders on this machine."""

    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class VirtualFiles:
    """Complete files that a mail program handed over as bytes: name and content."""

    files: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A drop we cannot take; `reason` is a key of the word list."""

    reason: str


Held = Files | VirtualFiles | Unreadable


def could_hold(mime: QMimeData) -> bool:
    """Tell, while something hovers over the window, whether a drop makes sense; reads nothing."""
    return mime.hasUrls() or any(mime.hasFormat(kind) for kind in MAIL_PROGRAM)


def held(mime: QMimeData) -> Held:
    """Read what was dropped. A virtual file with fewer bytes than promised is refused."""
    paths = tuple(Path(u.toLocalFile()) for u in mime.urls() if u.isLocalFile())
    if paths:
        return Files(paths)
    if mime.hasFormat(DESCRIPTOR):
        return _virtual(mime)
    if any(mime.hasFormat(kind) for kind in MAIL_PROGRAM):
        return Unreadable("slepen.outlook")
    return Unreadable("slepen.nee")


def _virtual(mime: QMimeData) -> Held:
    try:
        described = parse_descriptor(bytes(mime.data(DESCRIPTOR).data()))
    except ValueError:
        return Unreadable("slepen.outlook")
    found: list[tuple[str, bytes]] = []
    for number, file in enumerate(described):
        content = bytes(mime.data(CONTENTS.format(number)).data())
        if not content:
            return Unreadable("slepen.outlook")
        if file.size is not None and file.size != len(content):
            return Unreadable("slepen.afgebroken")
        found.append((file.name, content))
    return VirtualFiles(tuple(found)) if found else Unreadable("slepen.outlook")


def unpack(virtual: VirtualFiles, under: Path | None = None) -> tuple[Path, ...]:
    """Write virtual files to a new temporary folder, each in its own, so that names may repeat."""
    folder = Path(mkdtemp(prefix="archiefklaar-slepen-", dir=under))
    made = []
    for number, (name, content) in enumerate(virtual.files):
        place = folder / str(number)
        place.mkdir()
        path = place / name
        path.write_bytes(content)
        made.append(path)
    return tuple(made)


def remove(folder: Path) -> None:
    """Take away the folder that `unpack` made, with all that is in it."""
    for place in sorted(folder.rglob("*"), reverse=True):
        place.rmdir() if place.is_dir() else place.unlink(missing_ok=True)
    folder.rmdir()
