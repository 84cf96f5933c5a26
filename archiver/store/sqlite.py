"""Everything that only SQLite knows: driver, pragmas, error codes, version stamp, own checks.

The driver is sqlcipher3: Python's own SQLite may have the WAL-reset bug, and with a key
the same driver encrypts the file.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final

import sqlcipher3.dbapi2 as driver
from sqlalchemy import Connection, Engine, QueuePool, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import SQLAlchemyError

from archiver.errors import ArchiverError, BugError, DiskFull, StoreDamaged, StoreRefused
from archiver.store.schema import Base

SAFE_WAL: Final = (3, 51, 3)
"""SQLite before this can corrupt a WAL when two connections write and checkpoint at once."""

BUSY_SECONDS = 30
_ROOM = "64 MB"

# Primary result codes (sqlite.org/rescode.html) that are not our fault; every other one is a bug.
KNOWN: Final[dict[int, tuple[type[ArchiverError], str]]] = {
    sqlite3.SQLITE_FULL: (DiskFull, "schijf_vol"),
    sqlite3.SQLITE_CORRUPT: (StoreDamaged, "register_beschadigd"),
    sqlite3.SQLITE_NOTADB: (StoreDamaged, "register_onleesbaar"),
    sqlite3.SQLITE_IOERR: (StoreDamaged, "register_schijffout"),
    sqlite3.SQLITE_BUSY: (StoreRefused, "in_gebruik"),
    sqlite3.SQLITE_LOCKED: (StoreRefused, "in_gebruik"),
    sqlite3.SQLITE_READONLY: (StoreRefused, "register_alleen_lezen"),
    sqlite3.SQLITE_CANTOPEN: (StoreRefused, "register_niet_te_openen"),
    sqlite3.SQLITE_PERM: (StoreRefused, "register_niet_te_openen"),
}
_WRITE_FAILED = 10 | 3 << 8  # SQLITE_IOERR_WRITE: what a quota or a file size limit gives

_ONLY_ADD = """
CREATE TRIGGER IF NOT EXISTS audit_no_{verb} BEFORE {verb} ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
"""


def make_engine(path: Path, key: str | None) -> Engine:
    """Make the engine; every connection gets the pragmas that durability needs."""

    def connect() -> Any:
        connection = driver.connect(
            str(path), isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS
        )
        try:
            cursor = connection.cursor()
            if key is not None:
                cursor.execute("PRAGMA key = '{}'".format(key.replace("'", "''")))
            wal = driver.sqlite_version_info >= SAFE_WAL
            cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
            cursor.execute(f"PRAGMA journal_mode = {'WAL' if wal else 'DELETE'}")
            cursor.execute("PRAGMA synchronous = FULL")
            cursor.execute("PRAGMA fullfsync = ON")
            cursor.execute("PRAGMA foreign_keys = ON")
            cursor.execute("PRAGMA trusted_schema = OFF")
            cursor.execute("PRAGMA cell_size_check = ON")
            cursor.close()
            # Damaged text must reach the seals, which name its row, and not stop the driver.
            connection.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")
        except UnicodeDecodeError as error:
            connection.close()
            raise StoreDamaged("register_beschadigd", place="schema") from error
        except BaseException:
            connection.close()
            raise
        return connection

    engine = create_engine("sqlite://", module=driver, creator=connect, poolclass=QueuePool)

    @event.listens_for(engine, "handle_error")
    def name_damage(context: ExceptionContext) -> None:
        # The driver cannot give SQLite's message when that quotes damaged text of the schema.
        if isinstance(context.original_exception, UnicodeDecodeError):
            raise StoreDamaged("register_beschadigd", place="schema")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("transaction", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn the errors of driver and disk inside the block into ours."""
    try:
        yield
    except SQLAlchemyError as error:
        raise translate(getattr(error, "orig", None) or error) from error
    except driver.Error as error:
        raise translate(error) from error


def translate(error: BaseException) -> ArchiverError:
    """Give our error for one of the driver: what is outside the program is known, else a bug."""
    code = getattr(error, "sqlite_errorcode", None)
    if code == _WRITE_FAILED:
        return DiskFull("schijf_vol", {"ruimte": _ROOM})
    if code is not None and code & 0xFF in KNOWN:
        kind, name = KNOWN[code & 0xFF]
        return kind(name, {"ruimte": _ROOM} if kind is DiskFull else {})
    if "unsupported file format" in str(error):
        # A damaged header; SQLite gives this the code of a wrong statement.
        return StoreDamaged("register_onleesbaar")
    return BugError("storing", {"soort": type(error).__name__, "code": code or 0})


def user_version(connection: Connection) -> tuple[int, int]:
    """Give (major, minor) packed in ``PRAGMA user_version``; (0, 0) for a new file."""
    value = int(connection.exec_driver_sql("PRAGMA user_version").scalar() or 0) & 0xFFFFFFFF
    return value >> 16, value & 0xFFFF


def set_user_version(connection: Connection, major: int, minor: int) -> None:
    """Stamp the schema version inside the running transaction."""
    connection.exec_driver_sql(f"PRAGMA user_version = {major << 16 | minor}")


def has_tables(connection: Connection) -> bool:
    """Tell whether the file has any table."""
    return bool(connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar())


def check_structure(connection: Connection) -> None:
    """Raise `StoreDamaged` when a table, column, reference, index or trigger of this version is not
    there as it was made; a newer minor version may have more."""
    if missing := _wanted() - structure(connection):
        raise StoreDamaged("register_beschadigd", place=f"schema:{min(missing)[1]}")


def structure(connection: Connection) -> frozenset[tuple[str, ...]]:
    """Describe tables, columns, references, indexes and triggers, without the order of columns."""
    found: set[tuple[str, ...]] = set()
    for kind, name, table, sql in connection.exec_driver_sql(
        "SELECT type, name, tbl_name, sql FROM sqlite_master"
    ).fetchall():
        if kind == "trigger":
            found.add((kind, name, table, sql))
        elif kind == "table":
            for pragma in ("table_info", "foreign_key_list", "index_list"):
                rows = connection.exec_driver_sql(f"SELECT * FROM pragma_{pragma}(?)", (name,))
                # The first number is a position, which a migration may give another value.
                found |= {(pragma, name, *map(str, row[1:])) for row in rows.fetchall()}
        elif kind == "index":
            rows = connection.exec_driver_sql("SELECT * FROM pragma_index_xinfo(?)", (name,))
            found |= {
                ("index", name, str(r[0]), *map(str, r[2:])) for r in rows.fetchall() if r[1] >= 0
            }
    return frozenset(found)


@lru_cache(maxsize=1)
def _wanted() -> frozenset[tuple[str, ...]]:
    engine = create_engine("sqlite://", module=driver)
    try:
        with engine.begin() as connection:
            Base.metadata.create_all(connection)
            protect_audit(connection)
            return structure(connection)
    finally:
        engine.dispose()


def protect_audit(connection: Connection) -> None:
    """Let SQLite itself refuse to change or delete an entry of the audit trail."""
    for verb in ("UPDATE", "DELETE"):
        connection.exec_driver_sql(_ONLY_ADD.format(verb=verb))


def quick_check(connection: Connection) -> bool:
    """Tell whether the file's structure is whole; half a second per GB."""
    return connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() == "ok"


def integrity(connection: Connection) -> list[str]:
    """Give SQLite's own findings about file, indexes and references; empty when it is sound."""
    found = [
        str(r[0])
        for r in connection.exec_driver_sql("PRAGMA integrity_check(20)").fetchall()
        if str(r[0]) != "ok"
    ]
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(20)
    return found + [f"foreign key of {r[0]} row {r[1]} to {r[2]}" for r in broken]


def copy_to(connection: Connection, target: Path) -> None:
    """Write a whole, consistent copy of the register to a new file, encrypted when this one is."""
    raw: Any = connection.connection.driver_connection
    raw.execute("VACUUM INTO ?", (str(target),))
