"""The vault: original bytes under their SHA-256, written once, read back checked.

Layout: ``sha256/ab/cd/<64 hex>``; ``tmp/`` for what is being written; ``wees/`` for blobs that a crash
left without a row (never acknowledged, set aside). Order of durability (DESIGN section 7b): temporary
name, fsync of the file, link to the final name (which refuses to overwrite), fsync of the folders; only
then may the register name the blob.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from archiver.errors import DiskFull, StoreDamaged
from archiver.findings import Finding, Severity
from archiver.identity import new_id
from archiver.progress import Progress, check_cancelled

PIECE = 1024 * 1024
MARGIN = 64 * 1024 * 1024  # free space that must stay, for the register and the system
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True)
class Stored:
    """What the batch knows of one added file; `new` is False when the vault had these bytes."""

    sha256: str
    size: int
    new: bool


@dataclass(frozen=True, slots=True)
class Swept:
    """What a start found: temporary files removed, orphan blobs set aside."""

    temporary: int
    orphans: int


class Vault:
    """One vault folder. Not for two writing processes at once; the register's lock guards that."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._blobs = root / "sha256"
        self._tmp = root / "tmp"
        for folder in (self._blobs, self._tmp):
            folder.mkdir(parents=True, exist_ok=True)

    def batch(self) -> Batch:
        """Start a batch; leaving it without `commit` leaves nothing behind."""
        return Batch(self._tmp, self._place)

    def path(self, sha256: str) -> Path:
        """Give the path of a blob, for reading only. Raises `StoreDamaged` when it is not there."""
        place = self._place(sha256)
        try:
            ordinary = stat.S_ISREG(place.lstat().st_mode)
        except FileNotFoundError:
            ordinary = False
        if not ordinary:
            raise StoreDamaged("kluis_mist", {"sha256": sha256})
        return place

    def open(self, sha256: str) -> BinaryIO:
        """Open a blob after hashing it whole. Raises `StoreDamaged` when its bytes changed."""
        stream = self.path(sha256).open("rb")
        if _hash(stream) != sha256:
            stream.close()
            raise StoreDamaged("kluis", {"n": 1}, place=sha256)
        stream.seek(0)
        return stream

    def slice(self, sha256: str, start: int, end: int) -> bytes:
        """Give the bytes [start, end) of a blob; the caller checks them against their own hash."""
        with self.path(sha256).open("rb") as stream:
            stream.seek(start)
            data = stream.read(end - start)
        if len(data) != end - start:
            raise StoreDamaged("kluis", {"n": 1}, place=sha256)
        return data

    def verify(
        self, expected: Iterable[tuple[str, int]], progress: Progress
    ) -> Iterator[Finding]:
        """Hash every blob again; name what is missing, changed or not known to the register."""
        seen: set[str] = set()
        for done, (sha256, size) in enumerate(expected):
            check_cancelled(progress)
            progress.step(done, None, sha256[:12])
            seen.add(sha256)
            try:
                with self.path(sha256).open("rb") as stream:
                    actual = os.fstat(stream.fileno()).st_size
                    changed = actual != size or _hash(stream) != sha256
            except StoreDamaged:
                yield Finding("kluis.mist", {"sha256": sha256}, sha256, Severity.FOUT)
                continue
            if changed:
                yield Finding("kluis.veranderd", {"sha256": sha256}, sha256, Severity.FOUT)
        for surplus in self._all():
            if surplus.name not in seen:
                yield Finding("kluis.te_veel", {"sha256": surplus.name}, surplus.name)

    def sweep(self, known: Callable[[str], bool]) -> Swept:
        """Clean up after a crash: nothing of this was ever acknowledged."""
        temporary = orphans = 0
        for leftover in self._tmp.iterdir():
            leftover.unlink()
            temporary += 1
        for blob in self._all():
            if not known(blob.name):
                aside = self.root / "wees"
                aside.mkdir(exist_ok=True)
                os.replace(blob, aside / blob.name)
                orphans += 1
        return Swept(temporary, orphans)

    def _place(self, sha256: str) -> Path:
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise StoreDamaged("kluis_mist", {"sha256": sha256[:64]})
        return self._blobs / sha256[:2] / sha256[2:4] / sha256

    def _all(self) -> Iterator[Path]:
        for first in sorted(self._blobs.iterdir()):
            for second in sorted(first.iterdir()):
                yield from sorted(second.iterdir())


class Batch:
    """Files that become durable together with one fsync pass."""

    def __init__(self, tmp: Path, place: Callable[[str], Path]) -> None:
        self._tmp = tmp
        self._place = place
        self._waiting: dict[str, Path] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._discard()

    def add(self, source: Path) -> Stored:
        """Copy a file into the batch while hashing it.

        Raises `DiskFull` (the batch is emptied) or OSError when the source cannot be read.
        """
        with source.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            if shutil.disk_usage(self._tmp).free < size + MARGIN:
                self._discard()
                raise DiskFull("schijf_vol", {"ruimte": _megabytes(size + MARGIN)})
            return self._copy(stream)

    def commit(self) -> None:
        """Make everything in the batch durable. Raises `DiskFull`; then nothing of it is named."""
        placed: list[Path] = []
        folders: set[Path] = set()
        try:
            for temporary in self._waiting.values():
                with temporary.open("rb") as stream:
                    os.fsync(stream.fileno())
            for sha256, temporary in self._waiting.items():
                final = self._place(sha256)
                folders |= _make_folders(final.parent, self._tmp.parent)
                try:
                    os.link(temporary, final)
                except FileExistsError:
                    continue
                placed.append(final)
            for folder in folders:
                _fsync_folder(folder)
        except OSError as error:
            for final in placed:
                final.unlink(missing_ok=True)
            self._discard()
            if error.errno in _FULL:
                raise DiskFull("schijf_vol", {"ruimte": _megabytes(MARGIN)}) from error
            raise
        self._discard()

    def _copy(self, stream: BinaryIO) -> Stored:
        temporary = self._tmp / new_id()
        digest = hashlib.sha256()
        size = 0
        try:
            with temporary.open("xb", buffering=0) as target:
                while piece := stream.read(PIECE):
                    digest.update(piece)
                    size += len(piece)
                    view = memoryview(piece)
                    while view:
                        view = view[target.write(view) :]
                os.fchmod(target.fileno(), 0o444)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            if error.errno in _FULL:
                self._discard()
                raise DiskFull("schijf_vol", {"ruimte": _megabytes(MARGIN)}) from error
            raise
        sha256 = digest.hexdigest()
        if sha256 in self._waiting or self._have(sha256, size):
            temporary.unlink()
            return Stored(sha256, size, new=False)
        self._waiting[sha256] = temporary
        return Stored(sha256, size, new=True)

    def _have(self, sha256: str, size: int) -> bool:
        place = self._place(sha256)
        try:
            found = place.lstat()
        except FileNotFoundError:
            return False
        if not stat.S_ISREG(found.st_mode) or found.st_size != size:
            raise StoreDamaged("kluis", {"n": 1}, place=sha256)
        with place.open("rb") as stream:
            if _hash(stream) != sha256:
                raise StoreDamaged("kluis", {"n": 1}, place=sha256)
        return True

    def _discard(self) -> None:
        for temporary in self._waiting.values():
            temporary.unlink(missing_ok=True)
        self._waiting.clear()


def _hash(stream: BinaryIO) -> str:
    return hashlib.file_digest(stream, "sha256").hexdigest()


def _make_folders(folder: Path, root: Path) -> set[Path]:
    """Make the folders down to `folder`; give every folder whose entries changed."""
    folder.mkdir(parents=True, exist_ok=True)
    return {folder, folder.parent, folder.parent.parent, root}


def _fsync_folder(folder: Path) -> None:
    # Windows has no fsync of folders; its rename is durable by the journal of NTFS.
    with contextlib.suppress(PermissionError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _megabytes(size: int) -> str:
    return f"{max(size // 1_000_000, 1)} MB"
