"""The content of a sealed original after it was opened with its key: a zip that says it is derived.

Beside the decrypted files lies ``herkomst.json``: of which original (name, SHA-256, size), by which
method, and what was left out (keys above all). No key is in it. The same original gives the same
bytes, so a second opening is recognised. Members are stored, not compressed.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from archiver.errors import InputRefused
from archiver.findings import Finding, Severity
from archiver.intake.chat import media
from archiver.intake.protocol import Limits

ORIGIN = "herkomst.json"
SCHEMA = "archiefklaar-ontsleuteld/1"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_LONGEST = 1 << 20  # bytes of the statement of origin


@dataclass(slots=True)
class DerivedZip:
    """Write the zip; `left_out` counts per kind what was not taken over."""

    target: Path
    original: Path
    method: str
    limits: Limits
    left_out: dict[str, int] = field(default_factory=dict)
    _size: int = 0
    _names: set[str] = field(default_factory=set)
    _archive: zipfile.ZipFile = field(init=False)

    def __post_init__(self) -> None:
        self._archive = zipfile.ZipFile(self.target, "x", zipfile.ZIP_STORED)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.add(ORIGIN, [self._origin()])
        self._archive.close()
        if error is not None:
            self.target.unlink(missing_ok=True)

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        """Add a file. InputRefused when it all becomes too much or a name comes twice."""
        if name in self._names or not media.safe_name(name):
            raise InputRefused("chat.verzegeld_beschadigd", {"naam": self.original.name})
        self._names.add(name)
        if len(self._names) > self.limits.zip_members:
            raise self._too_much()
        entry = zipfile.ZipInfo(name, _EPOCH)
        entry.external_attr = 0o600 << 16
        with self._archive.open(entry, "w", force_zip64=True) as out:
            for piece in pieces:
                self._size += len(piece)
                if self._size > self.limits.zip_bytes:
                    raise self._too_much()
                out.write(piece)

    def leave_out(self, what: str, count: int = 1) -> None:
        """Count something that is not taken over."""
        if count:
            self.left_out[what] = self.left_out.get(what, 0) + count

    def _too_much(self) -> InputRefused:
        params: dict[str, str | int] = {"leden": len(self._names), "bytes": self._size}
        return InputRefused("chat.zip_te_groot", params, self.original.name)

    def _origin(self) -> bytes:
        with self.original.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        said = {
            "schema": SCHEMA,
            "origineel": {
                "naam": self.original.name,
                "sha256": digest,
                "omvang": self.original.stat().st_size,
            },
            "werkwijze": self.method,
            "niet_overgenomen": dict(sorted(self.left_out.items())),
        }
        return json.dumps(said, indent=1, ensure_ascii=True).encode("ascii") + b"\n"


def origin_of(path: Path) -> Mapping[str, Any] | None:
    """Give what the zip says it was opened from; None when it is no such zip."""
    if not zipfile.is_zipfile(path):
        return None
    try:
        with media.open_zip(path, Limits()) as archive:
            if ORIGIN not in archive.namelist() or archive.getinfo(ORIGIN).file_size > _LONGEST:
                return None
            said = json.loads(b"".join(media.chunks(archive, archive.getinfo(ORIGIN))))
    except (InputRefused, ValueError):
        return None
    found = isinstance(said, dict) and said.get("schema") == SCHEMA
    return said if found and isinstance(said.get("origineel"), dict) else None


def findings(path: Path) -> Iterator[Finding]:
    """Say that a conversation was read from a derivative, of what, and what is not in it."""
    said = origin_of(path)
    if said is None:
        return
    original = said["origineel"]
    params: dict[str, str | int] = {
        "naam": str(original.get("naam"))[:200],
        "sha256": str(original.get("sha256"))[:64],
        "werkwijze": str(said.get("werkwijze"))[:200],
    }
    yield Finding("chat.ontsleuteld", params, path.name, Severity.INFO)
    left_out = said.get("niet_overgenomen")
    if isinstance(left_out, dict) and left_out:
        what = ", ".join(f"{name}: {count}" for name, count in left_out.items())
        yield Finding("chat.ontsleuteld_zonder", {"wat": what[:500]}, path.name, Severity.INFO)
