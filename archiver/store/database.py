"""Open the register and hand out transactions."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Engine

from archiver.errors import StoreDamaged
from archiver.store import audit, sqlite
from archiver.store.migrations import migrate
from archiver.store.place import refuse_unsafe, take_lock
from archiver.store.schema import VERSION
from archiver.store.trail import Trail
from archiver.store.transaction import Tx

__all__ = ["Register", "Tx"]


class Register:
    """One register file, for one program at a time; threads may read while one writes."""

    def __init__(self, engine: Engine, path: Path, lock: BinaryIO, trail: Trail) -> None:
        self._engine = engine
        self._lock = lock
        self._trail = trail
        self.path = path

    @classmethod
    def open(cls, path: Path, key: str | None = None) -> Register:
        """Open or make the register at `path`; with `key` the file is encrypted (SQLCipher 4).

        Raises `StoreRefused` (network or synchronised folder, in use, newer version, no access),
        `StoreDamaged` (not whole, not a register, wrong key, gone, older than the trail beside it)
        or `DiskFull`.
        """
        refuse_unsafe(path.parent)
        lock = take_lock(path.with_suffix(".slot"))
        engine = sqlite.make_engine(path, key)
        register = cls(engine, path, lock, Trail(path.with_suffix(".spoor.txt")))
        try:
            register._check()
            with sqlite.translated():
                migrate(engine, path, register._trail)
            with register.read() as tx:
                sqlite.check_structure(tx.connection)
                audit.check_end(tx)
        except BaseException:
            register.close()
            raise
        return register

    def close(self) -> None:
        """Close all connections and give the folder free."""
        self._engine.dispose()
        self._lock.close()

    @contextlib.contextmanager
    def write(self) -> Iterator[Tx]:
        """One write transaction: committed and on disk when the block ends, else rolled back.

        The new end of the audit chain is written beside the register before the commit and
        confirmed after it, so that a crash in between is told apart from tampering.
        """
        with sqlite.translated(), self._engine.connect() as plain:
            connection = plain.execution_options(transaction="IMMEDIATE")
            tx = Tx(connection, self._trail)
            with connection.begin():
                yield tx
                if tx.head is not None:
                    self._trail.intend(*tx.head)
            if tx.head is not None:
                self._trail.confirm(*tx.head)

    @contextlib.contextmanager
    def read(self) -> Iterator[Tx]:
        """One consistent view of the register."""
        with sqlite.translated(), self._engine.connect() as connection, connection.begin():
            yield Tx(connection, self._trail)

    def _check(self) -> None:
        """Look at the file before anything may change it."""
        with self.read() as tx:
            if not sqlite.quick_check(tx.connection):
                raise StoreDamaged("register_beschadigd")
            version = sqlite.user_version(tx.connection)
            empty = not sqlite.has_tables(tx.connection)
            if version == (0, 0) and (not empty or self._trail.exists()):
                # An emptied file looks new to SQLite; starting afresh would hide that all is gone.
                raise StoreDamaged("register_weg")
            if version != (0, 0) and (empty or version[0] < VERSION[0]):
                raise StoreDamaged("register_beschadigd", place="versie")
