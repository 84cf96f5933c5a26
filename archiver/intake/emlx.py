"""Mail of Apple Mail: .emlx and .partial.emlx, one message per file.

A line with the length of the message in bytes, the message, and a property list with flags. The length can
lie; then the start of the property list decides. A partial file has its attachments as files of their own in
``../Attachments/<number>/<part>/``: they are hashed and taken along, and their ``part`` is "beside:2.1".
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from archiver.errors import InputRefused
from archiver.findings import Finding, Severity
from archiver.intake import eml
from archiver.intake.mail_folders import apple_folder
from archiver.intake.mime import read_message
from archiver.intake.parts import structure
from archiver.intake.protocol import Head, ParseContext
from archiver.model import Attachment, EmailMessage, Record, Span, Unreadable

FORMAT = "emlx"
BESIDE = "beside:"
_COUNT = re.compile(rb"[ \t]*(\d{1,12})[ \t]*\r?\n")
_PLIST = re.compile(rb"(?:<\?xml|<!DOCTYPE plist|<plist|bplist0)")
_FLAGS = re.compile(rb"<key>flags</key>\s*<integer>(\d{1,19})</integer>")
_ELSEWHERE = re.compile(rb"(?im)^X-Apple-Content-Length:")
# Bits of the flags integer of Apple Mail, in the words of IMAP (RFC 3501, RFC 5788).
_BITS = (
    (0, "\\Seen"),
    (1, "\\Deleted"),
    (2, "\\Answered"),
    (4, "\\Flagged"),
    (6, "\\Draft"),
    (8, "$Forwarded"),
    (24, "$Junk"),
)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the message stands in the file, and whether the length line told the truth."""

    start: int
    end: int
    honest: bool


def score(head: Head) -> int:
    """Certain when a line with a number comes first and the header of a mail follows."""
    match = _COUNT.match(head.data)
    if match is None:
        return 0
    inner = eml.score(Head(head.data[match.end() :], head.size, head.name))
    return 90 if inner >= 45 else 0


def layout(raw: bytes) -> Layout:
    """Find the message in the file. ValueError when there is no length line."""
    match = _COUNT.match(raw)
    if match is None:
        raise ValueError("emlx")
    start = match.end()
    end = start + int(match[1])
    if end == len(raw) or (end < len(raw) and _PLIST.match(raw, end)):
        return Layout(start, end, True)
    found = max(raw.rfind(b"<?xml version", start), raw.rfind(b"bplist00", start))
    return Layout(start, found if found > start else len(raw), False)


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read the one message of the file; its span is the message without length line and list."""
    size = path.stat().st_size
    if size > context.limits.message_bytes:
        grens = f"{context.limits.message_bytes // 1_000_000} MB"
        refused = InputRefused("te_groot", {"bestand": path.name, "grens": grens})
        yield Unreadable((refused.as_finding(),))
        return
    raw = path.read_bytes()
    try:
        where = layout(raw)
    except ValueError:
        yield Unreadable((Finding("emlx.geen_lengte", severity=Severity.FOUT),))
        return
    data = raw[where.start : where.end]
    message = read_message(
        data,
        format=FORMAT,
        index=0,
        span=Span(where.start, where.end),
        limits=context.limits,
    )
    notes = list(message.findings)
    if not where.honest:
        notes.append(Finding("emlx.lengte_klopt_niet"))
    if flags := _flags(raw[where.end :]):
        notes.append(Finding("mail.vlaggen", {"vlaggen": flags}, severity=Severity.INFO))
    attachments = message.attachments
    if has_parts_elsewhere(data):
        attachments = _with_files_beside(path, data, message, notes)
    yield replace(
        message, attachments=attachments, folder=apple_folder(path), findings=tuple(notes)
    )


def files_beside(path: Path, message: EmailMessage) -> Iterator[tuple[Path, str]]:
    """Give the attachment files of a partial message that `parse` found, with their SHA-256."""
    for attachment in message.attachments:
        if attachment.part.startswith(BESIDE):
            found = _file_beside(path, attachment.part.removeprefix(BESIDE), attachment.name)
            if found is not None:
                yield found, attachment.sha256


def has_parts_elsewhere(data: bytes) -> bool:
    """Tell whether Apple Mail keeps parts of this message in files of their own."""
    return _ELSEWHERE.search(data) is not None


def _flags(plist: bytes) -> str:
    match = _FLAGS.search(plist[:1_048_576])
    value = int(match[1]) if match else 0
    return " ".join(name for bit, name in _BITS if value >> bit & 1)


def _with_files_beside(
    path: Path, data: bytes, message: EmailMessage, notes: list[Finding]
) -> tuple[Attachment, ...]:
    """Put the file beside in the place of every attachment of which the message has the header only."""
    empty = {
        leaf.address for leaf in structure(data).leaves if not data[leaf.start : leaf.end].strip()
    }
    kept: list[Attachment] = []
    for attachment in message.attachments:
        if attachment.part not in empty:
            kept.append(attachment)
            continue
        name = attachment.name or attachment.part
        found = _file_beside(path, attachment.part, attachment.name)
        if found is None:
            notes.append(Finding("emlx.bijlage_ontbreekt", {"naam": name}))
            kept.append(attachment)
            continue
        size, sha256 = _hash(found)
        notes.append(Finding("emlx.bijlage_los", {"naam": name}, severity=Severity.INFO))
        part = BESIDE + attachment.part
        kept.append(replace(attachment, size=size, sha256=sha256, part=part))
    return tuple(kept)


def _file_beside(path: Path, part: str, name: str | None) -> Path | None:
    """Find the file of a part; the name that the message gives only chooses, it is never a path."""
    if not re.fullmatch(r"\d+(\.\d+)*", part):
        return None
    folder = path.parent.parent / "Attachments" / path.name.split(".", 1)[0] / part
    try:
        files = sorted(p for p in folder.iterdir() if p.is_file() and not p.is_symlink())
    except OSError:
        return None
    files = [p for p in files if p.name != ".DS_Store"]
    same = [p for p in files if p.name == name]
    return same[0] if same else files[0] if len(files) == 1 else None


def _hash(path: Path) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
            size += len(block)
    return size, digest.hexdigest()
