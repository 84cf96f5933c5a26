"""Messages and web pages that are kept whole without being read: sealed originals.

Encrypted backups (Signal, WhatsApp crypt12 to crypt15, Threema) and case files of UFED: we say what
they are and what is needed to read them. Nothing of their content is guessed. Those that a key can
open give an open question; `archiver.intake.chat.opening` takes the answer.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from archiver.errors import InputRefused
from archiver.findings import Finding
from archiver.intake.chat import exports, media, teams_loadfile
from archiver.intake.chat.open_signal_local import backup_id
from archiver.intake.protocol import Head, ParseContext
from archiver.model import Conversation, Record

FORMAT = "sealed"
# Name of the kind -> platform; the text of the finding says what is needed.
KINDS = {
    "signal_backup": "signal",
    "signal_lokaal": "signal",
    "signal_map": "signal",
    "signal_desktop": "signal",
    "signal_frames": "signal",
    "whatsapp_crypt": "whatsapp",
    "threema_backup": "threema",
    "ufed_case": "ufed",
    "teams_transcript": "teams",
}
OPENABLE = ("whatsapp_crypt", "signal_backup", "signal_map", "signal_desktop", "threema_backup")
_PARTS = ("metadata", "files")
_SECRET = "geheim"  # the answer is a secret: not shown while typed, not kept
# A protobuf of WhatsApp: length, then fields with the key id, the version and the number's end.
_CRYPT = re.compile(rb".\x01?\x08\x01[\x12\x1a].{4,120}?\d+\.\d+\.\d+\.?\d*", re.DOTALL)
_FRAMES = re.compile(rb'\s*(?://[^\n]*\n\s*)*\[\s*\{[^{}]{0,400}"?backupTimeMs"?\s*:', re.DOTALL)
_MEDIUM = re.compile(r"[0-9a-f]{4,16}-")  # how Threema names media in an exported chat
_HTML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html)\b", re.IGNORECASE)
_CASE = re.compile(rb"case-investigation|uco-observable", re.DOTALL)


def kind_of(path: Path, data: bytes) -> str | None:
    """Tell what sealed thing this is, by content; None when it is none."""
    if data[:8] == b"SBACKUP\x01":
        return "signal_lokaal"
    if data[:4] == exports.ZIP:
        return "threema_backup" if _threema(path) else None
    if path.name == "main" and _beside(path):
        return "signal_map"
    if path.name == "db.sqlite" and _noise(path, data):
        return "signal_desktop"
    if data[:1] == b"\0" and path.suffix.casefold() == ".backup":
        return "signal_backup"
    if re.search(r"\.crypt\d{1,2}$", path.name.casefold()) and _CRYPT.match(data):
        return "whatsapp_crypt"
    if _HTML.match(data) and _from_purview(path):
        return "teams_transcript"
    if _FRAMES.match(data):
        return "signal_frames"
    if data.lstrip()[:1] == b"{" and b'"@context"' in data and _CASE.search(data):
        return "ufed_case"
    return None


def _from_purview(path: Path) -> bool:
    """Tell whether a page is a conversation of Purview: its load file stands beside or above it.

    The layout of these transcripts is not documented and differs, so no message is guessed out of one. A
    page of which the load file says that it is something else is none.
    """
    if not teams_loadfile.beside(path):
        return False
    row = teams_loadfile.row_of(path, exports.file_hash(path))
    return row is None or row.conversation


def _beside(path: Path) -> bool:
    """Tell whether the file with the encrypted number of a Signal backup lies beside this one."""
    metadata = path.with_name("metadata")
    try:
        with metadata.open("rb") as stream:
            return backup_id(stream.read(4_096)) is not None
    except OSError:
        return False


def _noise(path: Path, data: bytes) -> bool:
    """Tell whether this can be an encrypted database: whole pages without any pattern."""
    page = data[:4_096]
    return len(page) == 4_096 and path.stat().st_size % 4_096 == 0 and len(set(page)) > 200


def companions(path: Path) -> Iterator[Path]:
    """Give what belongs to a backup: without ``metadata`` a key opens nothing."""
    if path.name == "main" and _beside(path):
        yield from (path.with_name(n) for n in _PARTS if path.with_name(n).is_file())
    elif path.name == "db.sqlite":
        logs = (path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))
        yield from (log for log in logs if log.is_file())


def _threema(path: Path) -> bool:
    """Tell whether a zip is an encrypted data backup: its names can be read, its content not."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            locked = any(member.flag_bits & 1 for member in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    chat = "messages.txt" in names and all(map(_MEDIUM.match, names - {"messages.txt"}))
    return locked and (names >= {"settings", "identity"} or chat)


def score(head: Head) -> int:
    """A sealed thing needs its file; `score_path` looks."""
    return 0


def score_path(path: Path, head: Head) -> int:
    """Say how sure we are; less than any reader, so that what can be read is read."""
    return 40 if kind_of(path, head.data) else 0


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Give one `Conversation` without messages that says what the original is."""
    return exports.guarded(path, lambda: _parse(path, context))


def member_bytes(path: Path, name: str, context: ParseContext | None = None) -> Iterator[bytes]:
    """Give a file that belongs to a sealed original. InputRefused for anything else."""
    return media.member_bytes(path, name, (context or ParseContext()).limits)


def _parse(path: Path, context: ParseContext) -> Iterator[Record]:
    with path.open("rb") as stream:
        kind = kind_of(path, stream.read(65_536))
    if kind is None:
        raise InputRefused("chat.geen_gesprekken", {"naam": path.name}, path.name)
    digest, size = exports.file_hash(path), path.stat().st_size
    shelf = media.folder_shelf(path, context.limits)
    parts = tuple(shelf.find(beside.name) for beside in companions(path))
    said = [
        Finding(f"chat.verzegeld_{kind}", {"naam": path.name}, path.name),
        Finding("chat.niet_geduid", {"naam": path.name}, path.name),
    ]
    if kind in OPENABLE:
        params = {"naam": path.name, "soort": kind, "antwoord": _SECRET}
        said.append(Finding("chat.sleutel_vragen", params, path.name))
    row = teams_loadfile.row_of(path, digest) if kind == "teams_transcript" else None
    if row is not None:
        said += row.findings()
    yield Conversation(
        id=f"{FORMAT}-{digest[:16]}-0",
        format=FORMAT,
        platform=KINDS[kind],
        index=0,
        size=size,
        sha256=digest,
        title=(row.title if row else None) or path.name,
        participants=row.participants if row else (),
        first=row.day if row else None,
        last=row.day if row else None,
        media=tuple(part for part in parts if part.present),
        text_sha256=digest,
        text_size=size,
        findings=tuple(said),
    )
