"""Open an attachment: a private copy that cannot be written, with a safe name, taken away afterwards.

The bytes are those that were secured, checked against their hash; the vault itself is never opened by
another program. A file that is a program is not given at all: opening it would run it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from archiver.errors import InputRefused, StoreDamaged
from archiver.identity import new_id
from archiver.intake import emlx, programs
from archiver.intake.walk import safe_name
from archiver.model import Attachment, EmailMessage
from archiver.services import overview, reading
from archiver.services.archive import Archive
from archiver.services.pieces import pieces_of

_PREFIX = "bijlage-"
# What may hold macros, scripts or other files: the program that opens it decides what happens.
_RISKY = (
    "7z ace cab doc docm dot dotm gz htm html iqy mht mhtml one pot potm ppam pps ppsm ppt pptm rar rtf "
    "slk svg tar tgz xhtml xla xlam xls xlsb xlsm xlt xltm xml zip"
)


class Risk(StrEnum):
    """How dangerous opening is: gewoon, riskant (macros, scripts, archives) or programma."""

    GEWOON = "gewoon"
    RISKANT = "riskant"
    PROGRAMMA = "programma"


def risk_of(name: str | None, data: bytes = b"") -> Risk:
    """Judge by the last extension of the name, and by the first bytes when they are known."""
    suffix = programs.extension(name)
    if suffix in programs.NAMES or data.startswith(programs.RUNS):
        return Risk.PROGRAMMA
    return Risk.RISKANT if suffix in _RISKY.split() else Risk.GEWOON


def copy_of_item(archive: Archive, item_id: str, attachment: Attachment) -> Path:
    """Copy an attachment of a secured e-mail. Raises `InputRefused` for a program, `StoreDamaged`."""
    item = overview.item(archive, item_id)
    found = pieces_of(archive, item)
    if found is not None and (joined := found[1]) and attachment in joined.record.attachments:
        # What is read of a message in pieces is the whole: its attachments are in no piece alone.
        data = reading.attachment_bytes(joined.raw, attachment)
    else:
        data = reading.part_bytes(archive, item, (attachment.part,))
    return _write(archive, attachment, data)


def copy_of_file(
    archive: Archive, path: Path, record: EmailMessage, attachment: Attachment
) -> Path:
    """Copy an attachment of an e-mail that is not stored yet. Raises `InputRefused`."""
    if attachment.part.startswith(emlx.BESIDE):
        beside = emlx.files_beside(path, record)
        place = next((p for p, sha256 in beside if sha256 == attachment.sha256), None)
        if place is None:
            raise InputRefused("bestand.verdwenen", {"bestand": path.name})
        data = place.read_bytes()
    else:
        data = reading.attachment_bytes(reading.file_bytes(path, record), attachment)
    return _write(archive, attachment, data)


def tidy(archive: Archive) -> None:
    """Take away every copy that was made; a program that still has one open may keep it a while."""
    for folder in (archive.werkmap / "tijdelijk").glob(f"{_PREFIX}*"):
        shutil.rmtree(folder, onerror=_writable)


def _write(archive: Archive, attachment: Attachment, data: bytes) -> Path:
    if hashlib.sha256(data).hexdigest() != attachment.sha256:
        raise StoreDamaged("bijlage_klopt_niet", {"naam": attachment.name or attachment.part})
    name = safe_name(attachment.name, "bijlage")
    if attachment.kind == "message" and not name.lower().endswith((".eml", ".msg")):
        name = f"{name}.eml"
    if risk_of(name, data[:8]) is Risk.PROGRAMMA:
        raise InputRefused("bijlage.programma", {"naam": name})
    folder = archive.werkmap / "tijdelijk" / f"{_PREFIX}{new_id()}"
    folder.mkdir(mode=0o700, parents=True)
    place = folder / name
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(place, flags, 0o600), "wb") as out:
        out.write(data)
    place.chmod(stat.S_IREAD)
    return place


def _writable(act: Callable[[str], object], name: str, _: object) -> None:
    """Windows refuses to delete what may only be read: allow it and try once more."""
    place = Path(name)
    try:
        place.chmod(0o700)
        act(name)
    except OSError:
        return  # another program has it open; the next start empties the folder
