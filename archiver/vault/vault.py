"""The vault: original bytes under their SHA-256, written once, read back checked.

Layout: ``sha256/ab/cd/<64 hex>``; ``tmp/`` for what is being written; ``wees/`` for blobs that a
crash left without a row (never acknowledged, set aside). Order of durability (DESIGN section 7b):
temporary name, fsync of the file, link to the final name (which refuses to overwrite), fsync of the
folders; only then may the register name the blob. No name from a message is ever used here.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from archiver.errors import StoreDamaged, StoreRefused
from archiver.findings import Finding, Severity
from archiver.progress import Progress, check_cancelled
from archiver.vault import disk
from archiver.vault.batch import Batch, Stored
from archiver.vault.places import Places, digest_of, is_name

__all__ = ["Batch", "Stored", "Swept", "Vault"]

MARGIN = 64 * 1024 * 1024  # free space that must stay, for the register and the system


@dataclass(frozen=True, slots=True)
class Swept:
    """What a start found: temporary files removed, orphan blobs set aside, known ones put back."""

    temporary: int
    orphans: int
    restored: int = 0


class Vault:
    """One vault folder. Not for two writing processes at once; the register's lock guards that.

    Raises `StoreRefused` when the folder cannot be made. `margin` is the number of bytes that must
    stay free on its disk.
    """

    def __init__(self, root: Path, margin: int = MARGIN) -> None:
        self.root = root
        self._places = Places(root)
        self._margin = margin
        try:
            for folder in (self._places.blobs, self._places.tmp):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreRefused("kluis_niet_te_openen") from error
        if self._places.blobs.is_symlink() or self._places.tmp.is_symlink():
            raise StoreRefused("kluis_niet_te_openen")

    def batch(self) -> Batch:
        """Start a batch; leaving it without `commit` leaves nothing behind."""
        return Batch(self._places, self._margin)

    def path(self, sha256: str) -> Path:
        """Give the path of a blob, for reading only. Raises `StoreDamaged` when it is not there.

        The bytes are not hashed: use `open_verified` first, or check what was read.
        """
        place = self._places.of(sha256)
        self._places.refuse_links(place)
        try:
            found = place.lstat()
        except OSError as error:
            raise StoreDamaged("kluis_mist", {"sha256": sha256[:12]}, place=sha256) from error
        if not stat.S_ISREG(found.st_mode):
            raise StoreDamaged("kluis", {"n": 1}, place=sha256)
        return place

    def open(self, sha256: str) -> BinaryIO:
        """Open a blob for reading after hashing the whole of it: the same as `open_verified`."""
        return self.open_verified(sha256)

    def open_verified(self, sha256: str) -> BinaryIO:
        """Hash a blob once and give the handle that was hashed, at its start.

        Raises `StoreDamaged` when it is missing, unreadable or has other bytes.
        """
        try:
            stream = self.path(sha256).open("rb")
        except OSError as error:
            raise StoreDamaged("kluis_mist", {"sha256": sha256[:12]}, place=sha256) from error
        try:
            if hashlib.file_digest(stream, "sha256").hexdigest() != sha256:
                raise StoreDamaged("kluis", {"n": 1}, place=sha256)
            stream.seek(0)
        except OSError as error:
            stream.close()
            raise StoreDamaged("kluis_onleesbaar", place=sha256) from error
        except BaseException:
            stream.close()
            raise
        return stream

    def read_verified(self, sha256: str) -> bytes:
        """Give the bytes of a small blob, hashed as they were read. Raises `StoreDamaged`."""
        try:
            data = self.path(sha256).read_bytes()
        except OSError as error:
            raise StoreDamaged("kluis_onleesbaar", place=sha256) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise StoreDamaged("kluis", {"n": 1}, place=sha256)
        return data

    def slice(self, sha256: str, start: int, end: int) -> bytes:
        """Give the bytes [start, end) of a blob; the caller checks them against their own hash.

        Raises `StoreDamaged` when the blob is missing or shorter.
        """
        try:
            with self.path(sha256).open("rb") as stream:
                stream.seek(start)
                data = stream.read(end - start)
        except OSError as error:
            raise StoreDamaged("kluis_onleesbaar", place=sha256) from error
        if len(data) != end - start:
            raise StoreDamaged("kluis", {"n": 1}, place=sha256)
        return data

    def verify(self, expected: Iterable[tuple[str, int]], progress: Progress) -> Iterator[Finding]:
        """Hash every blob again; name what is missing, changed, of another size, linked or surplus.

        `expected` gives SHA-256 and size in bytes as the register has them. `place` is the SHA-256.
        """
        seen: set[str] = set()
        for done, (sha256, size) in enumerate(expected):
            check_cancelled(progress)
            progress.step(done, None, sha256[:12])
            seen.add(sha256)
            if (code := self._differs(sha256, size)) is not None:
                yield Finding(code, {"sha256": sha256[:12]}, sha256, Severity.FOUT)
        for entry in self._places.all():
            if entry.is_symlink():
                yield Finding(
                    "kluis.koppeling", {"naam": entry.name[:12]}, entry.name, Severity.FOUT
                )
            elif entry.name not in seen:
                yield Finding("kluis.te_veel", {"naam": entry.name[:12]}, entry.name)

    def sweep(self, known: Callable[[str], bool]) -> Swept:
        """Clean up after a crash, before anything is added: nothing of this was ever acknowledged.

        Temporary files go. Blobs that no row knows move to ``wees/``; a blob there that a row does
        know (a register put back from a copy) comes back when its bytes are right.
        """
        temporary = orphans = restored = 0
        for leftover in list(self._places.tmp.iterdir()):
            if leftover.is_dir() and not leftover.is_symlink():
                continue
            disk.remove(leftover)
            temporary += 1
        aside = self._places.aside
        for entry in self._places.all():
            ordinary = entry.is_file(follow_symlinks=False) and is_name(entry.name)
            if ordinary and not known(entry.name):
                aside.mkdir(exist_ok=True)
                Path(entry).replace(aside / entry.name)
                orphans += 1
        if aside.is_dir() and not aside.is_symlink():
            for waiting in sorted(aside.iterdir()):
                if is_name(waiting.name) and known(waiting.name) and self._put_back(waiting):
                    restored += 1
        return Swept(temporary, orphans, restored)

    def _put_back(self, waiting: Path) -> bool:
        place = self._places.of(waiting.name)
        if os.path.lexists(place) or waiting.is_symlink() or digest_of(waiting) != waiting.name:
            return False
        place.parent.mkdir(parents=True, exist_ok=True)
        self._places.refuse_links(place)
        disk.name_once(waiting, place)
        for folder in (place.parent, place.parent.parent, self._places.blobs):
            disk.flush_folder(folder)
        return True

    def _differs(self, sha256: str, size: int) -> str | None:
        try:
            place = self.path(sha256)
            if place.stat().st_size != size:
                return "kluis.omvang"
            return None if digest_of(place) == sha256 else "kluis.veranderd"
        except StoreDamaged as damage:
            return (
                "kluis.mist" if damage.code in ("kluis_mist", "kluis_naam") else "kluis.veranderd"
            )
        except OSError:
            return "kluis.onleesbaar"
