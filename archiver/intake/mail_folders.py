"""Folders as mail programs keep them: which names are a folder of mail, and which files are only an index.

Thunderbird (``.msf`` beside a mailbox, ``.sbd`` with sub-folders), Apple Mail (``.mbox`` folders, files of
attachments beside a partial message), Maildir and Maildir++ (cur, new, tmp; ``.Sent.2020``) with what IMAP
servers leave there, and the labels of Gmail.
"""

from __future__ import annotations

import binascii
import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from archiver.findings import Finding, Severity
from archiver.intake.encoded_words import header_text
from archiver.model import EmailMessage

MAILDIR = frozenset(("cur", "new", "tmp"))
_NOISE = frozenset((".ds_store", "thumbs.db", "desktop.ini", "table_of_contents"))
_SERVER = re.compile(
    r"dovecot[.-].*|dovecot|maildirfolder|maildirsize|subscriptions|courierimap.*|\.uidvalidity|\.mbsyncstate.*"
)
_LABELS = re.compile(rb"(?m)^X-Gmail-Labels:[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)")
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_HEADER_BYTES = 65_536
MOST_LABELS = 500  # of one message; Gmail itself lets an account have 10,000
_ENCODED = re.compile(r"&([A-Za-z0-9+,]*)-")


@dataclass(frozen=True, slots=True)
class Sorted:
    """The entries of a folder that are read, with notes on some of them, and those refused."""

    read: tuple[Path, ...]
    notes: dict[Path, tuple[Finding, ...]] = field(default_factory=dict)
    refused: tuple[tuple[Path, Finding], ...] = ()


def sort_out(folder: Path, entries: Sequence[Path]) -> Sorted:
    """Take out what is no mail but belongs to it; every file left out is named in a note or refused."""
    names = {entry.name for entry in entries}
    is_maildir = {"cur", "new"} <= names
    read: list[Path] = []
    aside: dict[Path, list[str]] = {}
    refused: list[tuple[Path, Finding]] = []
    loose: list[str] = []
    for entry in entries:
        lower = entry.name.lower()
        if lower.endswith(".msf"):
            mailbox = folder / entry.name[:-4]
            if mailbox.name in names:
                aside.setdefault(mailbox, []).append(entry.name)
            else:
                params = {"bestand": entry.name}
                only = Finding("postvak.alleen_index", params, entry.name, Severity.INFO)
                refused.append((entry, only))
        elif lower in _NOISE or (is_maildir and _SERVER.fullmatch(lower)):
            loose.append(entry.name)
        elif not _taken_along(entry):
            read.append(entry)
    if loose and read:
        aside.setdefault(read[0], []).extend(loose)
    elif loose:
        refused += [(folder / name, _skipped(name)) for name in loose]
    notes = {path: tuple(_skipped(name) for name in found) for path, found in aside.items()}
    return Sorted(tuple(read), notes, tuple(refused))


def maildir_folder(path: Path) -> str | None:
    """Give the folder of a message in a Maildir, None when the file lies in none: "Sent/2020".

    The top of a Maildir++ is "INBOX".
    """
    if path.parent.name not in MAILDIR:
        return None
    box = path.parent.parent
    if not all((box / name).is_dir() for name in ("cur", "new")):
        return None
    name = box.name
    if name.startswith(".") and len(name) > 1:
        return "/".join(imap_name(part) for part in name[1:].split(".") if part)
    return "INBOX" if name.lower() in ("maildir", ".maildir", "mail") else imap_name(name)


def mbox_folder(path: Path) -> str | None:
    """Give the folder of a mailbox of Thunderbird or Apple Mail; None for a loose mbox file."""
    if path.name == "mbox":
        return apple_folder(path)
    above = _above(path, ".sbd")
    if above or path.with_name(path.name + ".msf").is_file():
        return "/".join((*above, path.name))
    return None


def apple_folder(path: Path) -> str | None:
    """Give the folder of a file below ``X.mbox`` folders: "Archive/2020"."""
    names = [part[:-5] for part in path.parent.parts if part.endswith(".mbox") and len(part) > 5]
    return "/".join(names) or None


def gmail_labels(raw: bytes) -> tuple[str, ...] | None:
    """Give the labels that Google Takeout wrote in the header; None when there is no such field.

    They stand there as one line of CSV, which may be in encoded words as a whole: a label with a comma is
    in quotes, quotes elsewhere are part of the label. Words as Gmail writes them, each once.
    """
    if raw.find(b"X-Gmail-Labels:", 0, _HEADER_BYTES) < 0:
        return None
    end = _HEADER_END.search(raw, 0, _HEADER_BYTES)
    match = _LABELS.search(raw, 0, end.start() if end else _HEADER_BYTES)
    if match is None:
        return None
    text = re.sub(r"[\r\n\0]+", " ", header_text(match[1]))
    try:
        found = next(csv.reader([text], skipinitialspace=True), [])
    except csv.Error:
        found = text.split(",")
    return tuple(dict.fromkeys(label.strip() for label in found if label.strip()))


def in_folder(message: EmailMessage, folder: str | None, raw: bytes) -> EmailMessage:
    """Say in which folder a message of a mailbox is, and which labels Gmail gave it."""
    labels = gmail_labels(raw) or ()
    if not labels:
        return replace(message, folder=folder) if folder else message
    findings = message.findings
    if len(labels) > MOST_LABELS:
        params: dict[str, str | int] = {"n": len(labels), "grens": MOST_LABELS}
        findings = (*findings, Finding("mbox.veel_labels", params))
    return replace(message, folder=folder, labels=labels[:MOST_LABELS], findings=findings)


def imap_name(name: str) -> str:
    """Decode the modified UTF-7 of IMAP (RFC 3501 section 5.1.3); what is wrong stays as it is."""

    def decode(match: re.Match[str]) -> str:
        if not match[1]:
            return "&"
        text = match[1].replace(",", "/")
        try:
            raw = binascii.a2b_base64(text + "=" * (-len(text) % 4))
            return raw.decode("utf-16-be")
        except (binascii.Error, UnicodeDecodeError):
            return match[0]

    return _ENCODED.sub(decode, name)


def _above(path: Path, suffix: str) -> Iterable[str]:
    parts = path.parent.parts
    taken: list[str] = []
    for part in reversed(parts):
        if not part.endswith(suffix):
            break
        taken.append(part[: -len(suffix)])
    return list(reversed(taken))


def _taken_along(entry: Path) -> bool:
    """A folder ``Attachments/123`` of Apple Mail goes with ``Messages/123.partial.emlx``."""
    if entry.parent.name != "Attachments" or not entry.name.isdigit():
        return False
    return (entry.parent.parent / "Messages" / f"{entry.name}.partial.emlx").is_file()


def _skipped(name: str) -> Finding:
    return Finding("postvak.index_overgeslagen", {"bestand": name}, name, Severity.INFO)
