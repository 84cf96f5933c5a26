"""The load file of an export of Purview: what it says of a conversation that came as a web page.

``Export_Loadfile_*.csv`` has a row for every file of the export. Microsoft documents its columns ("Document
metadata fields in eDiscovery"), not the layout of the pages: so these facts are of the load file, and nothing
is read out of a page. A row belongs to a page when it has its SHA-256, else when it has its path.
"""

from __future__ import annotations

import base64
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from archiver.findings import Finding, Severity
from archiver.model import Participant

_NAME = "Export_Loadfile_*.csv"
_MOST_BYTES = 256 * 1024 * 1024
_MOST_ROWS = 500_000
_MOST = 300  # characters of a value
_PEOPLE = 200
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]|\Z)")
_CONVERSATIONS = "conversations"  # the File_class of what comes out of Teams or Yammer
_COLUMNS = (
    *("Native_SHA_256", "Export_native_path", "File_class", "Conversation_ID", "ConversationName"),
    *("ConversationType", "ChannelName", "Email_participants", "Date"),
    *("ContainsEditedMessage", "ContainsDeletedMessage"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """What the load file says of one page; `basis` is sha256 or path. Values as they stand, else ""."""

    file: str
    number: int
    basis: str
    values: dict[str, str]

    @property
    def conversation(self) -> bool:
        """Tell whether the load file says that this is a conversation, or says nothing about it."""
        said = self.values.get("File_class", "").casefold()
        return said in ("", _CONVERSATIONS)

    @property
    def title(self) -> str | None:
        """The name of the conversation, else of the channel."""
        return self.values.get("ConversationName") or self.values.get("ChannelName") or None

    @property
    def participants(self) -> tuple[Participant, ...]:
        """Who take part, as the load file writes them."""
        found = (one.strip() for one in self.values.get("Email_participants", "").split(";"))
        people = list(dict.fromkeys(one for one in found if one))[:_PEOPLE]
        return tuple(Participant(one, one) for one in people)

    @property
    def day(self) -> str | None:
        """The day (UTC) of the field Date, when it is written as ISO 8601: another order is not guessed."""
        found = _DAY.match(self.values.get("Date", ""))
        return found[1] if found else None

    def findings(self) -> Iterator[Finding]:
        """Say what comes out of the load file, and by what its row was found."""
        shown: dict[str, str | int] = {
            "bestand": self.file,
            "rij": self.number,
            "basis": self.basis,
            "gesprek": self.values.get("Conversation_ID", ""),
            "soort": self.values.get("ConversationType", ""),
            "datum": self.values.get("Date", ""),
        }
        yield Finding("teams.laadbestand", shown)
        for column, code in (
            ("ContainsEditedMessage", "teams.laadbestand_gewijzigd"),
            ("ContainsDeletedMessage", "teams.laadbestand_verwijderd"),
        ):
            if self.values.get(column, "").casefold() == "true":
                yield Finding(code, severity=Severity.INFO)


def beside(path: Path) -> tuple[Path, ...]:
    """Give the load files that lie beside a page or one folder above it."""
    try:
        found = {f for folder in (path.parent, path.parent.parent) for f in folder.glob(_NAME)}
    except OSError:
        return ()
    return tuple(sorted(f for f in found if f.is_file()))


def row_of(path: Path, sha256: str) -> Row | None:
    """Give the row of a page; None when no load file has one, or more than one that fits."""
    for file in beside(path):
        try:
            state = file.stat()
            rows = _rows(file, state.st_size, state.st_mtime_ns)
        except (OSError, csv.Error, UnicodeError):
            continue
        for basis, key in (("sha256", sha256), ("path", _tail(path.as_posix()))):
            if (found := rows.get(key)) is not None:
                return Row(file.name, found[0], basis, dict(zip(_COLUMNS, found[1], strict=True)))
    return None


@lru_cache(maxsize=4)
def _rows(file: Path, size: int, changed: int) -> dict[str, tuple[int, tuple[str, ...]] | None]:
    """Read a load file once: the row by hash and by the end of the path, None where two say the same."""
    found: dict[str, tuple[int, tuple[str, ...]] | None] = {}
    if size > _MOST_BYTES:
        return found
    with file.open("rb") as raw:
        wide = raw.read(2) in (b"\xff\xfe", b"\xfe\xff")
    with file.open(encoding="utf-16" if wide else "utf-8-sig", newline="") as stream:
        for number, row in enumerate(csv.DictReader(stream), 2):
            if number > _MOST_ROWS:
                break
            values = tuple((row.get(column) or "").strip()[: _MOST * 10] for column in _COLUMNS)
            for key in filter(None, (_hex(values[0]), _tail(values[1]))):
                found[key] = None if key in found else (number, values)
    return found


def _hex(value: str) -> str:
    """Give a hash as hex, however it is written: as hex or in base64."""
    if re.fullmatch(r"[0-9A-Fa-f]{64}", value):
        return value.lower()
    try:
        data = base64.b64decode(value, validate=True)
    except ValueError:
        return ""
    return data.hex() if len(data) == 32 else ""


def _tail(value: str) -> str:
    """Give the folder and the name that a path ends with, to compare by."""
    parts = PurePosixPath(value.replace("\\", "/")).parts
    return "/".join(parts[-2:]).casefold() if parts else ""
