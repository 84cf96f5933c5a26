"""Open the database of Signal Desktop (``sql/db.sqlite``, SQLCipher 4) with its key of 64 characters.

The key stands in ``config.json`` of the app, or in the key store of the system; it is asked. Only the
tables with messages and people are taken over; keys inside their JSON are left out. Files lie in
``attachments.noindex`` beside the folder ``sql``, each encrypted with a key of its own (AES-256-CBC, HMAC),
older ones not encrypted.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlcipher3

from archiver.errors import InputRefused
from archiver.intake.chat import media
from archiver.intake.chat.derived_zip import DerivedZip
from archiver.intake.chat.open_signal_local import opened_file
from archiver.intake.protocol import Limits

METHOD = "Signal Desktop: SQLCipher 4"
DATABASE = "signal-desktop.db"
FILES = "attachments.noindex"
MAX_MEDIA = 100_000
_TABLES = ("conversations", "messages", "message_attachments", "reactions")
_SECRET = re.compile(
    r"key|secret|token|credential|password|digest|^iv$|^epoch$|publicparams|senderkeyinfo", re.I
)
_PIECE = 1 << 18
_COLUMN = re.compile(r"\w{1,60}")


def unseal(path: Path, key: str, target: Path, limits: Limits) -> None:
    """Write the tables with messages into a derived zip. InputRefused."""
    digits = re.sub(r"[\s-]", "", key)
    if not re.fullmatch(r"[0-9A-Fa-f]{64}", digits):
        raise InputRefused("chat.sleutel_vorm_signal_desktop", {"naam": path.name}, path.name)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        made = Path(folder) / DATABASE
        copy = Path(folder) / "db.sqlite"
        for suffix in ("", "-wal"):
            beside = path.with_name(path.name + suffix)
            if beside.is_file() and not beside.is_symlink():
                shutil.copyfile(beside, copy.with_name(copy.name + suffix))
        files: dict[str, Mapping[str, Any]] = {}
        with DerivedZip(target, path, METHOD, limits) as derived:
            try:
                with (
                    closing(sqlcipher3.connect(str(copy))) as source,
                    closing(sqlite3.connect(made)) as out,
                ):
                    _unlock(source, digits, path)
                    for table in _TABLES:
                        _take(source, out, table, derived)
                    _name_files(source, files)
                    out.commit()
            except (sqlcipher3.Error, sqlite3.Error) as error:
                raise InputRefused(
                    "chat.verzegeld_beschadigd", {"naam": path.name}, path.name
                ) from error
            with made.open("rb") as stream:
                derived.add(DATABASE, iter(lambda: stream.read(_PIECE), b""))
            for one in files.values():
                _add(one, path.parent.parent / FILES, derived)


def _unlock(source: Any, digits: str, path: Path) -> None:
    source.execute(f"PRAGMA key = \"x'{digits}'\"")  # hexadecimal digits only, checked above
    source.execute("PRAGMA trusted_schema=OFF")
    try:
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlcipher3.Error as error:
        raise InputRefused("chat.sleutel_verkeerd", {"naam": path.name}, path.name) from error


def _name_files(source: Any, files: dict[str, Mapping[str, Any]]) -> None:
    """Collect what the database says of every file: its place, its key, its size."""
    columns = {str(c[1]) for c in source.execute('PRAGMA table_info("message_attachments")')}
    if {"path", "localKey", "size", "version"} <= columns:
        rows = source.execute("SELECT path, localKey, size, version FROM message_attachments")
        for values in rows:
            _name(dict(zip(("path", "localKey", "size", "version"), values, strict=True)), files)
    info = {str(c[1]) for c in source.execute('PRAGMA table_info("messages")')}
    if "json" in info:
        for (text,) in source.execute("SELECT json FROM messages WHERE json LIKE '%attachments%'"):
            try:
                found = json.loads(text)
            except (TypeError, ValueError, RecursionError):
                continue
            listed = found.get("attachments") if isinstance(found, dict) else None
            for one in listed if isinstance(listed, list) else ():
                if isinstance(one, dict):
                    _name(one, files)


def _name(one: Mapping[str, Any], files: dict[str, Mapping[str, Any]]) -> None:
    place = one.get("path")
    if isinstance(place, str) and place and len(files) < MAX_MEDIA:
        files.setdefault(place.replace("\\", "/"), {**one, "path": place.replace("\\", "/")})


def _add(one: Mapping[str, Any], folder: Path, derived: DerivedZip) -> None:
    """Add one file, opened; a name never leads out of the folder of the app."""
    beside = media.file_beside(folder, str(one["path"]))
    if beside is None:
        return
    with tempfile.TemporaryFile(dir=derived.target.parent) as plain:
        if one.get("version") == 2:
            try:
                key = base64.b64decode(str(one.get("localKey")), validate=True)
            except ValueError:
                key = b""
            size = one.get("size")
            whole = len(key) == 64 and isinstance(size, int)
            if not whole or not opened_file(beside, key, None, int(size or 0), plain):
                derived.leave_out("beschadigde bestanden")
                return
        else:
            with beside.open("rb") as source:
                shutil.copyfileobj(source, plain)
        plain.seek(0)
        derived.add(f"{FILES}/{one['path']}", iter(lambda: plain.read(_PIECE), b""))


def _take(source: Any, out: sqlite3.Connection, table: str, derived: DerivedZip) -> None:
    info = source.execute(f'PRAGMA table_info("{table}")').fetchall()
    names = [str(c[1]) for c in info if _COLUMN.fullmatch(str(c[1]))]
    kept = [n for n in names if not _SECRET.search(n)]
    derived.leave_out("sleutelvelden", len(names) - len(kept))
    if not kept:
        return
    columns = ", ".join(f'"{name}"' for name in kept)
    out.execute(f'CREATE TABLE "{table}" ({columns})')
    marks = ", ".join("?" * len(kept))
    rows = source.execute(f'SELECT {columns} FROM "{table}" ORDER BY rowid')
    out.executemany(f'INSERT INTO "{table}" VALUES ({marks})', _cleaned(rows, kept, derived))


def _cleaned(rows: Any, names: list[str], derived: DerivedZip) -> Iterator[list[Any]]:
    place = names.index("json") if "json" in names else None
    for row in rows:
        values = list(row)
        if place is not None and isinstance(values[place], str):
            try:
                values[place] = json.dumps(_without(json.loads(values[place]), derived))
            except (ValueError, RecursionError):
                values[place] = None
                derived.leave_out("onleesbare velden")
        yield values


def _without(value: Any, derived: DerivedZip) -> Any:
    """Leave keys out of JSON, at any depth."""
    if isinstance(value, dict):
        kept = {k: _without(v, derived) for k, v in value.items() if not _SECRET.search(k)}
        derived.leave_out("sleutelvelden", len(value) - len(kept))
        return kept
    return [_without(one, derived) for one in value] if isinstance(value, list) else value
