"""Files that become durable together: hashed while copied, one fsync pass, then final names."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, ParamSpec, Self, TypeVar, cast

from archiver.errors import BugError, InputRefused, StoreDamaged
from archiver.identity import new_id
from archiver.vault import disk
from archiver.vault.places import PIECE, Places, Watch, digest_of

_P = ParamSpec("_P")
_T = TypeVar("_T")
FLUSHERS = 8  # files made durable side by side
_NO_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Stored:
    """What the batch knows of one added file; `new` is False when the vault had these bytes."""

    sha256: str
    size: int
    new: bool


class Batch:
    """One group of files. Leaving the block without `commit` leaves nothing behind.

    A full disk or an error of the vault's own disk empties the batch at once; after that, and after
    `commit`, nothing can be added.
    """

    def __init__(self, places: Places, margin: int) -> None:
        self._places = places
        self._margin = margin
        self._waiting: dict[str, Path] = {}
        self._checked: set[str] = set()
        self._over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._discard()

    def add(self, source: Path | BinaryIO, watch: Watch | None = None) -> Stored:
        """Copy a file or stream into the batch in pieces of 1 MiB while hashing it.

        `watch` hears how many bytes are done; an error that it raises (`Cancelled`) stops the copy
        between two pieces, nothing of it is left, and the batch goes on with what it had.

        Raises `DiskFull` or `StoreRefused` (the vault cannot be written: the batch is emptied),
        `InputRefused` (no ordinary file), `StoreDamaged` (the vault has a blob of this name with
        other bytes) or OSError when the source cannot be read; after the last three the batch goes
        on with what it had.
        """
        if self._over:
            raise BugError("batch_gesloten")
        if not isinstance(source, Path):
            self._room(0)
            return self._copy(source, watch)
        with _opened(source) as stream:
            self._room(os.fstat(stream.fileno()).st_size)
            return self._copy(stream, watch)

    def holds(self, sha256: str, size: int, watch: Watch | None = None) -> bool:
        """Tell whether the vault has these bytes; they are hashed again, and copied nowhere.

        `watch` is as in `add`. Raises `StoreDamaged` when the blob of this name has other bytes.
        """
        if self._over:
            raise BugError("batch_gesloten")
        return self._have(sha256, size, watch)

    def commit(self) -> None:
        """Make all of it durable under its final name; only after this may a row name the blobs.

        Raises `DiskFull`, `StoreRefused` or `StoreDamaged`; then no new name of this batch is left.
        """
        if self._over:
            raise BugError("batch_gesloten")
        placed: list[Path] = []
        try:
            _each(disk.flush_file, self._waiting.values())
            folders: set[Path] = set()
            for sha256, temporary in self._waiting.items():
                final = self._places.of(sha256)
                final.parent.mkdir(parents=True, exist_ok=True)
                self._places.refuse_links(final)
                folders |= {final.parent, final.parent.parent}
                try:
                    disk.name_once(temporary, final)
                except FileExistsError:
                    # Another batch of this program was first; its bytes must be these bytes.
                    self._have(sha256, temporary.stat().st_size)
                    continue
                placed.append(final)
            if folders:
                folders |= {self._places.blobs, self._places.root}
            _each(disk.flush_folder, folders)
        except BaseException as error:
            for final in placed:
                disk.remove(final)
            self._discard()
            if isinstance(error, OSError):
                raise disk.failure(error, self._margin) from error
            raise
        self._discard()

    def _room(self, size: int) -> None:
        try:
            disk.need_room(self._places.tmp, size, self._margin)
        except BaseException:
            self._discard()
            raise

    def _copy(self, stream: BinaryIO, watch: Watch | None) -> Stored:
        temporary = self._places.tmp / new_id()
        digest = hashlib.sha256()
        size = 0
        kept = False
        try:
            descriptor = self._write(disk.create, temporary)
            try:
                while piece := stream.read(PIECE):
                    digest.update(piece)
                    size += len(piece)
                    self._write(disk.write_all, descriptor, piece)
                    if watch is not None:
                        watch(size)
            finally:
                os.close(descriptor)
            sha256 = digest.hexdigest()
            if sha256 in self._waiting or self._have(sha256, size, watch):
                return Stored(sha256, size, new=False)
            self._waiting[sha256] = temporary
            kept = True
            return Stored(sha256, size, new=True)
        finally:
            if not kept:
                disk.remove(temporary)

    def _write(self, act: Callable[_P, _T], *arguments: _P.args, **named: _P.kwargs) -> _T:
        """Do something on the vault's disk; when that fails the whole batch is void."""
        try:
            return act(*arguments, **named)
        except OSError as error:
            self._discard()
            raise disk.failure(error, self._margin) from error

    def _have(self, sha256: str, size: int, watch: Watch | None = None) -> bool:
        """Tell whether the vault has these bytes, hashed again on first contact in this batch."""
        if sha256 in self._checked:
            return True
        place = self._places.of(sha256)
        self._places.refuse_links(place)
        try:
            found = place.lstat()
        except FileNotFoundError:
            return False
        right = stat.S_ISREG(found.st_mode) and found.st_size == size
        if not right or digest_of(place, watch) != sha256:
            raise StoreDamaged("kluis", {"n": 1}, place=sha256)
        self._checked.add(sha256)
        return True

    def _discard(self) -> None:
        self._over = True
        for temporary in self._waiting.values():
            disk.remove(temporary)
        self._waiting.clear()


def _each(act: Callable[[Path], None], places: Collection[Path]) -> None:
    """Do this with every place before going on, side by side: a disk makes many durable in one go.

    Raises the first error, after all that was begun has ended.
    """
    with ThreadPoolExecutor(min(FLUSHERS, len(places) or 1)) as pool:
        for _ in pool.map(act, places):
            pass


@contextlib.contextmanager
def _opened(source: Path) -> Iterator[BinaryIO]:
    """Open an ordinary file; a pipe or device would wait for ever or never end."""
    descriptor = os.open(source, os.O_RDONLY | _NO_WAIT)
    with os.fdopen(descriptor, "rb", buffering=0) as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise InputRefused("geen_gewoon_bestand", {"bestand": source.name})
        yield cast("BinaryIO", stream)
