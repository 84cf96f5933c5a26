"""What MimeKit and tika say in their own tests of TNEF files, beside what we read."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archiver.intake import mapi, rtf, tnef
from archiver.intake.protocol import ParseContext
from archiver.model import Attachment, EmailMessage
from tests.corpus.msg_facts import Fact

_BODIES = ("body.rtf", "body.html", "message.rtf", "message.html", "message.txt")


@dataclass(frozen=True, slots=True)
class Opened:
    """One TNEF file of the corpus: its bytes and its record."""

    file: str
    raw: bytes
    record: EmailMessage


def opened(corpus: Path) -> Iterator[tuple[Opened, dict[str, Any]]]:
    """Give every TNEF file with what is said of it."""
    with (corpus / "MANIFEST.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["format"] == "tnef"]
    for row in rows:
        path = corpus / row["file"]
        (record,) = tnef.parse(path, ParseContext())
        assert isinstance(record, EmailMessage), path.name
        said = json.loads(row["facts_json"])
        said["folder"] = path.with_suffix(".extracted")
        yield Opened(row["file"], path.read_bytes(), record), said


def facts(corpus: Path) -> Iterator[Fact]:
    """Give every fact: names, and the bytes of everything that was taken out."""
    for found, said in opened(corpus):
        if "subject" in said:
            ours = found.record.subject or ""
            yield Fact(found.file, "onderwerp", said["subject"], ours, said["subject"] == ours)
        names = [a.name for a in found.record.attachments]
        listed = [n for n in said.get("listed_names", []) if n not in _BODIES]
        for name in [*listed, *said.get("attachment_names", [])]:
            known = name in names
            if known:
                names.remove(name)
            yield Fact(found.file, f"naam {name}", name, name if known else "-", known)
        if "n_attachments" in said:
            theirs, count = int(said["n_attachments"]), len(found.record.attachments)
            yield Fact(found.file, "aantal bijlagen", str(theirs), str(count), theirs == count)
        for one in said.get("extracted", []):
            theirs_data = (said["folder"] / one["name"]).read_bytes()
            same = _digest(theirs_data, text=False) in _digests(found, one["name"], text=False)
            # The text files lost their CR in the peer's own repository (README of the corpus).
            same = same or _digest(theirs_data, text=True) in _digests(
                found, one["name"], text=True
            )
            size = f"{len(theirs_data)} bytes"
            yield Fact(found.file, f"bytes {one['name']}", size, size if same else "-", same)


def contents(found: Opened) -> list[tuple[Attachment, bytes]]:
    """Give the attachments of a file with their bytes."""
    return [(a, tnef.part_bytes(found.raw, a.part)) for a in found.record.attachments]


def _digests(found: Opened, name: str, *, text: bool) -> set[str]:
    if name not in _BODIES:
        return {_digest(data, text=text) for _, data in contents(found)}
    properties, _ = tnef._properties(tnef._open(found.raw), None)
    bodies = [rtf.decompress(properties.binary(mapi.RTF) or b"")]
    for number in (mapi.HTML, mapi.PLAIN):
        value = properties.raw(number)
        bodies.append(value[1].rstrip(b"\0") if value is not None else b"")
    return {_digest(body, text=text) for body in bodies}


def _digest(data: bytes, *, text: bool) -> str:
    return hashlib.sha256(data.replace(b"\r\n", b"\n") if text else data).hexdigest()
