"""From what was dropped to files: folders opened in a stable order, what cannot be read refused.

Nothing here opens a file for its content. Every refusal is a finding and the walk goes on.
"""

from __future__ import annotations

import errno
import stat
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from archiver.findings import Finding, Severity
from archiver.intake.mail_folders import sort_out

NAME_BYTES = 120

_FORBIDDEN = frozenset('<>:"/\\|?*')
# Windows takes a small ¹, ² or ³ for a number too.
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$", "clock$"]
    + [f"{port}{n}" for port in ("com", "lpt") for n in "123456789¹²³"]
)
# A folder with these is a work folder of this program: its blobs were taken in before.
_WORK_FOLDER = frozenset({"register.db", "kluis"})
# What a share that went away answers; the user sees the same as with a file that is gone.
_GONE = frozenset(
    getattr(errno, name)
    for name in ("ENOENT", "ENOTDIR", "ESTALE", "EHOSTDOWN", "EHOSTUNREACH", "ENETUNREACH", "ENXIO")
    if hasattr(errno, name)
)


@dataclass(frozen=True, slots=True)
class Found:
    """One file to read, or one place that is refused.

    `refusal` says why it cannot be read (then nothing opens it); `notes` are findings on a file
    that is read all the same. `size` is bytes.
    """

    path: Path
    size: int = 0
    refusal: Finding | None = None
    notes: tuple[Finding, ...] = ()


def files_of(
    paths: Iterable[Path], companions: Callable[[Path], Iterable[Path]] | None = None
) -> Iterator[Found]:
    """Give every file below `paths` in a stable order (folders sorted by name), each path once.

    `companions` names the files that belong to a file (the media beside a chat text): these are not
    listed themselves. Links are followed; a folder that holds itself is refused.
    """
    for path in paths:
        yield from _below(path, companions)


def open_failure(path: Path, error: OSError) -> Finding:
    """Make the finding for a file that the system does not open or read."""
    if isinstance(error, PermissionError):
        code = "bestand.geen_toegang"
    elif isinstance(error, FileNotFoundError) or error.errno in _GONE:
        code = "bestand.verdwenen"
    elif error.errno == errno.ELOOP:
        code = "bestand.map_lus"
    else:
        code = "bestand.niet_te_openen"
    return refuse(code, path)


def refuse(code: str, path: Path) -> Finding:
    """Make a finding that stops this file, naming it safely."""
    name = display_name(path)
    return Finding(code, {"bestand": name}, place=name, severity=Severity.FOUT)


def display_name(path: PurePath) -> str:
    """Give the last part of a path fit for a screen: no control characters, no half characters."""
    name = path.name or str(path)
    return "".join("\N{REPLACEMENT CHARACTER}" if _invisible(c) else c for c in name)


def safe_name(name: str | None, fallback: str = "naamloos") -> str:
    """Make a file name out of a name that a message gives; never a path.

    NFC, without characters of the classes Cc, Cf and Cs and without ``<>:"/\\|?*``, no name that
    Windows reserves, no dot or space at either end, at most 120 bytes of UTF-8 with the extension
    kept.
    """
    kept = "".join(
        "_" if c in _FORBIDDEN else c
        for c in unicodedata.normalize("NFC", name or "")
        if not _invisible(c)
    )
    # A name of dots is a folder, leading dots hide a file, Windows drops them at the end.
    kept = kept.strip(". ")
    if not kept.strip("_"):
        return fallback
    stem, dot, extension = kept.rpartition(".")
    if not dot or len(extension.encode()) > 16 or not stem:
        stem, dot, extension = kept, "", ""
    if is_reserved(stem):
        stem = f"_{stem}"
    room = NAME_BYTES - len((dot + extension).encode())
    if len(stem.encode()) > room:
        stem = stem.encode()[:room].decode("utf-8", errors="ignore").rstrip(". ")
    return f"{stem}{dot}{extension}"


def is_reserved(name: str) -> bool:
    """Tell whether Windows takes a name for a device (CON, NUL, COM1), with or without extension."""
    return name.split(".")[0].strip().lower() in _RESERVED


def _invisible(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs")


def _below(start: Path, companions: Callable[[Path], Iterable[Path]] | None) -> Iterator[Found]:
    # Each entry carries the folders it lies in, so that only a real loop is refused.
    waiting: list[tuple[Path, frozenset[tuple[int, int]], tuple[Finding, ...]]]
    waiting = [(start, frozenset(), ())]
    while waiting:
        path, inside, notes = waiting.pop()
        try:
            state = path.stat()
        except (OSError, ValueError) as error:
            failure = error if isinstance(error, OSError) else OSError(errno.ENOENT, "")
            yield Found(path, refusal=open_failure(path, failure))
            continue
        if stat.S_ISREG(state.st_mode):
            yield _file(path, state.st_size, notes)
        elif not stat.S_ISDIR(state.st_mode):
            yield Found(path, refusal=refuse("bestand.geen_bestand", path))
        elif (here := (state.st_dev, state.st_ino)) in inside:
            yield Found(path, refusal=refuse("bestand.map_lus", path))
        else:
            try:
                entries = sorted(path.iterdir(), key=lambda p: p.name)
            except OSError as error:
                yield Found(path, refusal=open_failure(path, error))
                continue
            if {e.name for e in entries} >= _WORK_FOLDER:
                yield Found(path, refusal=refuse("bestand.werkmap", path))
                continue
            found = sort_out(path, _without_companions(entries, companions))
            for refused, why in found.refused:
                yield Found(refused, refusal=why)
            below = [(e, inside | {here}, found.notes.get(e, ())) for e in found.read]
            if notes and below:  # what was said of this folder is said with its first file
                first, within, said = below[0]
                below[0] = (first, within, (*notes, *said))
            waiting += reversed(below)


def _file(path: Path, size: int, notes: tuple[Finding, ...] = ()) -> Found:
    if size == 0:
        return Found(path, refusal=refuse("bestand.leeg", path))
    name = display_name(path)
    if name != path.name:
        notes = (*notes, Finding("bestand.naam_stuurtekens", {"bestand": name}, name))
    return Found(path, size, notes=notes)


_EXPORTS = frozenset({".txt", ".json", ".jsonl", ".html"})  # texts that may have files beside them
_SEALED = frozenset({"main", "db.sqlite"})  # encrypted backups of several files


def _without_companions(
    entries: list[Path], companions: Callable[[Path], Iterable[Path]] | None
) -> list[Path]:
    if companions is None:
        return entries
    leading = (e for e in entries if e.suffix.lower() in _EXPORTS or e.name in _SEALED)
    belonging = {c for e in leading for c in companions(e)}
    return [e for e in entries if e not in belonging]
