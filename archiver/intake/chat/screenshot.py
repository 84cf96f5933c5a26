"""A picture in the place of an export: a screenshot of a conversation, kept whole and not read.

It is taken, because it may be all there is, and marked as lesser quality: nobody can search it, and what
stood above and below it is gone. Who took part and when is typed by the user
(`archiver.services.questions`). Pictures that belong to an export are taken along by their reader.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from archiver.findings import Finding
from archiver.intake.chat import exports
from archiver.intake.protocol import Head, ParseContext
from archiver.model import Conversation, Record

FORMAT = "screenshot"
PLATFORM = "onbekend"  # nothing of the picture is read, so nobody knows which program it shows
_MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_SURE = 25  # less than any reader


def score(head: Head) -> int:
    """Say how sure we are that it is a picture: PNG, JPEG, WebP or HEIC by their first bytes."""
    data = head.data
    webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    heic = data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"mif1")
    return _SURE if data.startswith(_MAGIC) or webp or heic else 0


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Give one `Conversation` without messages that says what the original is."""
    return exports.guarded(path, lambda: _parse(path))


def _parse(path: Path) -> Iterator[Record]:
    digest, size = exports.file_hash(path), path.stat().st_size
    yield Conversation(
        id=f"{FORMAT}-{digest[:16]}",
        format=FORMAT,
        platform=PLATFORM,
        index=0,
        size=size,
        sha256=digest,
        title=path.name,
        text_sha256=digest,
        text_size=size,
        findings=(
            Finding("chat.schermafdruk", {"naam": path.name}, path.name),
            Finding("chat.niet_geduid", {"naam": path.name}, path.name),
        ),
    )
