"""Open the register, hand out transactions, and turn driver errors into ours."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from archiver.errors import StoreDamaged, StoreRefused
from archiver.store import sqlite
from archiver.store.migrations import migrate

if sys.platform != "win32":
    import fcntl
else:
    import msvcrt

_NETWORK = {"nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "davfs"}
_SYNC = ("onedrive", "dropbox", "google drive", "googledrive", "icloud", "nextcloud", "owncloud")


@dataclass(slots=True)
class Tx:
    """One transaction. `after_commit` runs when it is durable (the checkpoint of the audit trail)."""

    connection: Connection
    folder: Path
    after_commit: list[Callable[[], None]] = field(default_factory=list)


class Register:
    """One register file, for one program at a time; threads may read while one writes."""

    def __init__(self, engine: Engine, path: Path, lock: BinaryIO) -> None:
        self._engine = engine
        self._lock = lock
        self.path = path

    @classmethod
    def open(cls, path: Path, key: str | None = None) -> Register:
        """Open or make the register at `path`; with `key` the file is encrypted.

        Raises `StoreRefused` (network folder, in use, newer version, no access) or `StoreDamaged`.
        """
        refuse_unsafe_folder(path.parent)
        lock = _take_lock(path.with_suffix(".slot"))
        engine = sqlite.make_engine(path, key)
        try:
            with _translated():
                migrate(engine, path)
        except BaseException:
            engine.dispose()
            lock.close()
            raise
        return cls(engine, path, lock)

    def close(self) -> None:
        """Close all connections and give the folder free."""
        self._engine.dispose()
        self._lock.close()

    @contextlib.contextmanager
    def write(self) -> Iterator[Tx]:
        """One write transaction: committed and on disk when the block ends, else rolled back."""
        with _translated(), self._engine.connect() as plain:
            connection = plain.execution_options(transaction="IMMEDIATE")
            tx = Tx(connection, self.path.parent)
            with connection.begin():
                yield tx
            for act in tx.after_commit:
                act()

    @contextlib.contextmanager
    def read(self) -> Iterator[Tx]:
        """One consistent view of the register."""
        with _translated(), self._engine.connect() as connection, connection.begin():
            yield Tx(connection, self.path.parent)

    def check_integrity(self) -> None:
        """Let SQLite check its own file. Raises `StoreDamaged`."""
        with self.read() as tx:
            if sqlite.integrity(tx.connection):
                raise StoreDamaged("register_beschadigd")


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise sqlite.translate(getattr(error, "orig", None) or error) from error
    except sqlite.driver_errors as error:
        raise sqlite.translate(error) from error


def refuse_unsafe_folder(folder: Path) -> None:
    """Raise `StoreRefused` for a folder on a network or in a synchronised tree: WAL breaks there."""
    resolved = folder.resolve()
    names = [part.casefold() for part in resolved.parts]
    if any(name.startswith(sync) for name in names for sync in _SYNC):
        raise StoreRefused("werkmap_netwerk")
    if str(resolved).startswith("\\\\") or _mount_type(resolved) in _NETWORK:
        raise StoreRefused("werkmap_netwerk")


def _mount_type(folder: Path, mounts: Path = Path("/proc/self/mounts")) -> str | None:
    if not mounts.exists():
        return None
    best: tuple[int, str] | None = None
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        fields_: list[str] = line.split(" ")
        if len(fields_) < 3:
            continue
        point = fields_[1].replace("\\040", " ")
        inside = str(folder) == point or str(folder).startswith(point.rstrip("/") + "/")
        if inside and (best is None or len(point) >= best[0]):
            best = (len(point), fields_[2])
    return best[1] if best else None


def _take_lock(path: Path) -> BinaryIO:
    """Hold an operating-system lock; it goes away with the process, also after kill -9."""
    try:
        stream = path.open("ab")
    except OSError as error:
        raise StoreRefused("register_niet_te_openen", {"soort": os.strerror(error.errno or 0)}) from (
            error
        )
    try:
        if sys.platform != "win32":
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
    except OSError as error:
        stream.close()
        raise StoreRefused("in_gebruik") from error
    return stream
