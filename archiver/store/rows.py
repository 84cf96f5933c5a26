"""Rows with a seal: the only place that writes and reads whole rows and computes their seals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table, bindparam, select, update
from sqlalchemy import insert as sql_insert

from archiver.errors import KnownError, RuleRefused, StoreDamaged
from archiver.findings import Finding, Severity
from archiver.store import sqlite
from archiver.store.canonical import from_json_text, json_text, seal, storable
from archiver.store.schema import SEALED, Base, Json
from archiver.store.transaction import Tx


@lru_cache(maxsize=16)
def _columns(table: type[Base]) -> tuple[tuple[str, ...], frozenset[str], tuple[str, ...]]:
    """Give the names that the seal covers, those that hold JSON, and the key."""
    made = table.__table__
    assert isinstance(made, Table)
    # A number that the database gives itself is not known when the seal is made.
    covered = tuple(c.name for c in made.c if c.name != "seal" and c.autoincrement is not True)
    json = frozenset(c.name for c in made.c if isinstance(c.type, Json))
    return covered, json, tuple(c.name for c in made.primary_key.columns)


def insert(tx: Tx, table: type[Base], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write new rows; JSON columns are given as plain values."""
    stored = [_sealed(table, row) for row in rows]
    if stored:
        tx.connection.execute(sql_insert(table), stored)


def change(tx: Tx, table: type[Base], key: Any, values: Mapping[str, Any]) -> None:
    """Change columns of the row with this key. Raises what `unknown` gives, or `StoreDamaged`."""
    covered, _, (name,) = _columns(table)
    column = table.__table__.c[name]
    key = storable(key) if isinstance(key, str) else key
    found = tx.connection.execute(select(table).where(column == key)).mappings().first()
    if found is None:
        raise unknown(tx, str(key))
    _check(table, found)
    whole = {n: found[n] for n in covered}
    row = _sealed(table, {**whole, **values}, frozenset(values))
    changed = {n: row[n] for n in (*values, "seal")}
    tx.connection.execute(update(table).where(column == key).values(changed))


def read(tx: Tx, table: type[Base], *where: Any, order: Any = None) -> Iterator[dict[str, Any]]:
    """Give whole rows with their JSON read. Raises `StoreDamaged` for one that was changed."""
    _, json, _ = _columns(table)
    query = select(table).where(*where)
    if order is not None:
        query = query.order_by(order)
    for found in tx.connection.execute(query).mappings():
        _check(table, found)
        yield {n: from_json_text(v) if n in json else v for n, v in found.items()}


def unknown(tx: Tx, key: str) -> KnownError:
    """Give the error for a key without a row: an index that lies is damage, else nobody made it."""
    if sqlite.integrity(tx.connection):
        return StoreDamaged("register_beschadigd")
    return RuleRefused("onbekend", {"id": key})


def verify(tx: Tx) -> Iterator[Finding]:
    """Name every row whose seal does not fit: the file was damaged or changed from outside."""
    for table in SEALED:
        _, _, key = _columns(table)
        for found in tx.connection.execute(select(table)).mappings():
            if not _fits(table, found):
                place = ":".join((table.__tablename__, *(str(found[n]) for n in key)))
                params = {"soort": table.__tablename__}
                yield Finding("register.rij_veranderd", params, storable(place), Severity.FOUT)


def seal_all(connection: Connection) -> None:
    """Give every row its seal: only after a migration, for it believes what stands there."""
    for table in SEALED:
        covered, _, key = _columns(table)
        columns = table.__table__.c
        seals = [
            {**{f"key_{n}": found[n] for n in key}, "made": seal(found[n] for n in covered)}
            for found in connection.execute(select(table)).mappings()
        ]
        if seals:
            same = (columns[n] == bindparam(f"key_{n}") for n in key)
            connection.execute(update(table).where(*same).values(seal=bindparam("made")), seals)


def _sealed(
    table: type[Base], row: Mapping[str, Any], fresh: frozenset[str] | None = None
) -> dict[str, Any]:
    """Give the row as it is stored; `fresh` are the columns that are not in that form yet (all)."""
    covered, json, _ = _columns(table)
    stored: dict[str, Any] = {}
    for name in covered:
        value = row[name]
        if fresh is None or name in fresh:
            if name in json:
                value = json_text(value)
            elif isinstance(value, str):
                value = storable(value)
        stored[name] = value
    stored["seal"] = seal(stored.values())
    return stored


def _fits(table: type[Base], found: Mapping[Any, Any]) -> bool:
    covered, _, _ = _columns(table)
    return bool(found["seal"] == seal(found[n] for n in covered))


def _check(table: type[Base], found: Mapping[Any, Any]) -> None:
    if not _fits(table, found):
        _, _, key = _columns(table)
        place = ":".join((table.__tablename__, *(str(found[n]) for n in key)))
        raise StoreDamaged("register_beschadigd", place=storable(place))
