"""Everything that only SQLite knows: driver, pragmas, error codes, version stamp, raw cursors."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as driver
from sqlalchemy import Engine, create_engine, event

from archiver.errors import ArchiverError, BugError, DiskFull, StoreDamaged, StoreRefused

# SQLite before this version can corrupt a WAL when two connections write and checkpoint at once.
SAFE_WAL = (3, 51, 3)

_FULL = {sqlite3.SQLITE_FULL}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR}
_REFUSED = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_AUTH,
}


def make_engine(path: Path, key: str | None) -> Engine:
    """Make the engine; every connection gets the pragmas that durability needs."""

    def connect() -> Any:
        connection = driver.connect(
            str(path), isolation_level=None, check_same_thread=False, timeout=30
        )
        cursor = connection.cursor()
        if key is not None:
            cursor.execute("PRAGMA key = '{}'".format(key.replace("'", "''")))
        wal = driver.sqlite_version_info >= SAFE_WAL
        cursor.execute("PRAGMA busy_timeout = 30000")
        cursor.execute(f"PRAGMA journal_mode = {'WAL' if wal else 'DELETE'}")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA trusted_schema = OFF")
        cursor.close()
        return connection

    engine = create_engine("sqlite://", module=driver, creator=connect, pool_size=4)

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        mode = connection.get_execution_options().get("transaction", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


def user_version(connection: Any) -> tuple[int, int]:
    """Give (major, minor) packed in ``PRAGMA user_version``; (0, 0) for a new file."""
    value = connection.exec_driver_sql("PRAGMA user_version").scalar() or 0
    return int(value) >> 16, int(value) & 0xFFFF


def set_user_version(connection: Any, major: int, minor: int) -> None:
    """Stamp the schema version inside the running transaction."""
    connection.exec_driver_sql(f"PRAGMA user_version = {major << 16 | minor}")


def integrity(connection: Any) -> list[str]:
    """Give SQLite's own findings about the file; empty when it is sound."""
    rows = connection.exec_driver_sql("PRAGMA integrity_check(20)").fetchall()
    return [str(r[0]) for r in rows if str(r[0]) != "ok"]


def translate(error: BaseException) -> ArchiverError:
    """Turn a driver error into ours: what is outside the program is known, the rest a bug."""
    code = getattr(error, "sqlite_errorcode", None)
    text = str(error)
    if code is None:
        code = _code_from(text)
    primary = code & 0xFF if code is not None else None
    if primary in _FULL:
        return DiskFull("schijf_vol", {"ruimte": "64 MB"})
    if primary in _DAMAGED:
        return StoreDamaged("register_beschadigd")
    if primary in _REFUSED:
        return StoreRefused("register_niet_te_openen")
    return BugError("register_fout", {"soort": type(error).__name__})


def _code_from(text: str) -> int | None:
    # The driver gives no codes; the wording of SQLite's own messages is part of its interface.
    for words, code in (
        ("disk is full", sqlite3.SQLITE_FULL),
        ("malformed", sqlite3.SQLITE_CORRUPT),
        ("not a database", sqlite3.SQLITE_NOTADB),
        ("disk I/O error", sqlite3.SQLITE_IOERR),
        ("locked", sqlite3.SQLITE_BUSY),
        ("readonly", sqlite3.SQLITE_READONLY),
        ("unable to open", sqlite3.SQLITE_CANTOPEN),
    ):
        if words in text:
            return code
    return None


driver_errors: tuple[type[Exception], ...] = (driver.DatabaseError, driver.InterfaceError)
