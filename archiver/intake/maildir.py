"""Maildir: every file below cur, new or tmp is one message, its flags stand in its name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from archiver.findings import Finding, Severity
from archiver.intake import eml
from archiver.intake.mail_folders import maildir_folder
from archiver.intake.protocol import Head, ParseContext
from archiver.model import EmailMessage, Record

FORMAT = "maildir"
# Windows does not allow the colon; programs there write one of these instead.
_INFO = re.compile(r"[:;!-]2,([A-Za-z]*)$")
_FLAGS = {
    "D": "\\Draft",
    "F": "\\Flagged",
    "P": "$Forwarded",
    "R": "\\Answered",
    "S": "\\Seen",
    "T": "\\Deleted",
}


def score(head: Head) -> int:
    """Zero: without the folder around it a file of a Maildir is an ordinary mail file."""
    return 0


def score_path(path: Path, head: Head) -> int:
    """A little surer than the reader of mail files, when the folder is a Maildir."""
    inner = eml.score(head)
    return min(100, inner + 10) if inner and maildir_folder(path) is not None else 0


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read the one message; its span is the whole file."""
    notes: list[Finding] = []
    if flags := _flags(path.name):
        notes.append(Finding("mail.vlaggen", {"vlaggen": flags}, severity=Severity.INFO))
    if path.parent.name == "tmp":
        notes.append(Finding("maildir.tijdelijk"))
    for record in eml.parse(path, context):
        if isinstance(record, EmailMessage):
            yield replace(
                record,
                format=FORMAT,
                folder=maildir_folder(path),
                findings=(*record.findings, *notes),
            )
        else:
            yield record


def _flags(name: str) -> str:
    match = _INFO.search(name)
    letters = match[1] if match else ""
    return " ".join(_FLAGS[letter] for letter in sorted(letters) if letter in _FLAGS)
