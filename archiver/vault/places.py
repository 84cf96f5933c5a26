"""Where blobs stand in the vault: ``sha256/ab/cd/<64 hex>``, and how a blob is looked up safely."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from archiver.errors import StoreDamaged

PIECE = 1024 * 1024
Watch = Callable[[int], None]  # hears the bytes done so far after every piece; what it raises stops
_NAME = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of one vault. `tmp` holds what is being written, `aside` blobs without a row."""

    root: Path

    @property
    def blobs(self) -> Path:
        """The folder of the blobs."""
        return self.root / "sha256"

    @property
    def tmp(self) -> Path:
        """The folder of files that are being written."""
        return self.root / "tmp"

    @property
    def aside(self) -> Path:
        """The folder of blobs that no row knew at start-up."""
        return self.root / "wees"

    def of(self, sha256: str) -> Path:
        """Give the place of a blob. Raises `StoreDamaged` when the register gives no hash."""
        if not is_name(sha256):
            raise StoreDamaged("kluis_naam", place=sha256[:80])
        return self.blobs / sha256[:2] / sha256[2:4] / sha256

    def refuse_links(self, blob: Path) -> None:
        """Raise `StoreDamaged` when the blob or a folder above it is a symbolic link."""
        for place in (blob, blob.parent, blob.parent.parent, self.blobs):
            if place.is_symlink():
                raise StoreDamaged("kluis_koppeling", place=blob.name)

    def all(self) -> Iterator[os.DirEntry[str]]:
        """Give everything in the blob folders in order, and strange files above them too."""
        for first in _sorted(self.blobs):
            if not first.is_dir(follow_symlinks=False):
                yield first
                continue
            for second in _sorted(Path(first)):
                if not second.is_dir(follow_symlinks=False):
                    yield second
                    continue
                yield from _sorted(Path(second))


def is_name(name: str) -> bool:
    """Tell whether `name` can be the name of a blob."""
    return _NAME.fullmatch(name) is not None


def digest_of(path: Path, watch: Watch | None = None) -> str:
    """Hash an ordinary file in pieces. OSError when it cannot be read."""
    descriptor = os.open(
        path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    )
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise StoreDamaged("kluis", {"n": 1}, place=path.name)
        if watch is None:
            return hashlib.file_digest(stream, "sha256").hexdigest()
        digest, done = hashlib.sha256(), 0
        while piece := stream.read(PIECE):
            digest.update(piece)
            done += len(piece)
            watch(done)
        return digest.hexdigest()


def _sorted(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda e: e.name)
