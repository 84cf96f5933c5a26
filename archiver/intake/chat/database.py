"""SQLite databases of chat apps, read without touching the original.

The file (with the write-ahead log beside it, which may hold the newest messages) is copied to a
temporary folder and opened there, so that SQLite can apply the log. Rows are asked for by the
columns that exist: apps change their tables with every version. A message of a database has no byte
range: its `place` is ``table:row``.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from archiver.errors import InputRefused
from archiver.findings import Finding
from archiver.intake.chat import exports, media
from archiver.intake.chat.export_text import ExportText
from archiver.intake.protocol import Head, ParseContext
from archiver.model import Record

MAGIC = b"SQLite format 3\0"
# The driver decodes the words of a complaint itself, and fails when they quote a broken name.
DAMAGED = (sqlite3.Error, UnicodeDecodeError)
LOGS = ("-wal", "-journal")
_PAGE = 2_000  # rows held at once
Row = Mapping[str, Any]


@dataclass(slots=True)
class Database:
    """An opened copy. `tables` are the names of columns per table, in lower case."""

    connection: sqlite3.Connection
    source: exports.Text
    tables: dict[str, frozenset[str]] = field(default_factory=dict)

    def has(self, table: str, *columns: str) -> bool:
        """Tell whether a table exists and has all these columns."""
        return table in self.tables and set(columns) <= self.tables[table]

    def rows(
        self, table: str, columns: tuple[str, ...], rest: str = "", *values: Any
    ) -> Iterator[Row]:
        """Give rows with the wanted columns; one that does not exist is None.

        `rest` is SQL of ours (WHERE, ORDER BY); only `values` come from data.
        """
        if table not in self.tables:
            return
        have = self.tables[table]
        wanted = [f'"{c}"' if c in have else f'NULL AS "{c}"' for c in columns]
        cursor = self.connection.execute(
            f'SELECT rowid AS "row", {", ".join(wanted)} FROM "{table}" {rest}', values
        )
        names = ("row", *columns)
        while page := cursor.fetchmany(_PAGE):
            for row in page:
                yield dict(zip(names, row, strict=True))


def score(path: Path, head: Head, *shapes: tuple[str, ...]) -> int:
    """Score a database, or a zip that holds one, by a table and columns of it; one shape is enough."""
    if head.data[:16] != MAGIC and head.data[:4] != exports.ZIP:
        return 0
    try:
        with opened(path, ParseContext(), hashed=False) as found:
            return 96 if found is not None and any(found.has(*one) for one in shapes) else 0
    except (InputRefused, OSError, *DAMAGED):
        return 0


def parse(path: Path, context: ParseContext, read: Any) -> Iterator[Record]:
    """Open a database and give the records of `read(database)`; trouble becomes `Unreadable`."""

    def records() -> Iterator[Record]:
        try:
            with opened(path, context) as found:
                if found is not None:
                    yield from read(found)
        except DAMAGED as error:
            params: dict[str, str | int] = {"naam": path.name, "fout": type(error).__name__}
            raise InputRefused("chat.database_beschadigd", params, path.name) from error

    return exports.guarded(path, records)


@contextlib.contextmanager
def opened(path: Path, context: ParseContext, hashed: bool = True) -> Iterator[Database | None]:
    """Open a copy of a database, or of the first one in a zip; None when there is none.

    Raises InputRefused, OSError or one of `DAMAGED`.
    """
    with tempfile.TemporaryDirectory(prefix="archiefklaar-") as folder:
        copy = Path(folder) / "chat.db"
        member, shelf = _copy(path, copy, context)
        if not copy.exists():
            yield None
            return
        digest = exports.file_hash(path) if hashed else ""
        text = ExportText(b"", exports.file_hash(copy) if hashed else "", copy.stat().st_size)
        source = exports.Text(path, member, text, shelf, digest, context)
        connection = sqlite3.connect(f"file:{quote(str(copy))}?mode=rw", uri=True)
        try:
            connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
            connection.execute("PRAGMA trusted_schema=OFF")
            connection.execute("PRAGMA cell_size_check=ON")
            yield Database(connection, source, _tables(connection))
        finally:
            connection.close()


def _tables(connection: sqlite3.Connection) -> dict[str, frozenset[str]]:
    names = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table','view')")
    found: dict[str, frozenset[str]] = {}
    for (name,) in names.fetchall():
        with contextlib.suppress(*DAMAGED):  # a virtual table of an extension we lack
            info = connection.execute(f'PRAGMA table_info("{str(name).replace(chr(34), "")}")')
            found[str(name)] = frozenset(str(column[1]) for column in info.fetchall())
    return found


def _copy(path: Path, copy: Path, context: ParseContext) -> tuple[str | None, media.Shelf]:
    """Copy the database and its log; give the member of the zip, and the media beside it."""
    with path.open("rb") as stream:
        if stream.read(4) != exports.ZIP:
            shutil.copyfile(path, copy)
            for log in LOGS:
                beside = path.with_name(path.name + log)
                if beside.is_file() and not beside.is_symlink():
                    shutil.copyfile(beside, copy.with_name(copy.name + log))
            return None, media.folder_shelf(path, context.limits)
    with media.open_export(path, context.limits) as archive:
        for member in archive.infolist():
            if not media.usable(member) or member.file_size < 512:
                continue
            if next(media.chunks(archive, member), b"")[:16] != MAGIC:
                continue
            logs = {member.filename + log: log for log in LOGS}
            for part in archive.infolist():
                target = logs.get(part.filename, "" if part is member else None)
                if target is not None:
                    with copy.with_name(copy.name + target).open("wb") as out:
                        out.writelines(media.chunks(archive, part))
            base = member.filename.rpartition("/")[0]
            names = frozenset({member.filename, *logs, member.filename + "-shm"})
            return member.filename, media.zip_shelf(archive, names, context.limits, base)
    return None, media.Shelf({})


def said(database: Database) -> tuple[Finding, ...]:
    """Say that a log beside the database holds messages, which a database alone does not."""
    source = database.source
    wal = source.path.with_name(source.path.name + LOGS[0])
    if source.member is None and wal.is_file() and wal.stat().st_size:
        return (Finding("chat.wal_ernaast", {"naam": wal.name}, source.place),)
    return ()
