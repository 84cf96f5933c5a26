"""Messages that belong together, found by the keys that they have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from archiver.links import keys_of
from archiver.model import EmailMessage
from archiver.store import rows
from archiver.store.canonical import storable
from archiver.store.schema import ItemTable, LinkTable, SourceTable
from archiver.store.transaction import Tx
from archiver.wire import from_wire

_CHUNK = 500
_I, _L, _S = ItemTable.__table__, LinkTable.__table__, SourceTable.__table__


@dataclass(frozen=True, slots=True)
class LinkedRow:
    """What is shown of a message beside another; `path` is the container it came in."""

    id: str
    title: str
    sender: str | None
    date: str | None
    date_key: str
    owner: str | None
    path: str
    sha256: str
    record: EmailMessage


def rows_of(item_id: str, record: EmailMessage) -> Iterator[dict[str, Any]]:
    """Give the rows of the table `link` for one message."""
    for position, key in enumerate(keys_of(record)):
        yield {"item_id": item_id, "position": position, "key": key}


def kin(tx: Tx, keys: Iterable[str], limit: int) -> tuple[set[str], bool]:
    """Give the items that share a key with these, and those that share one with them, and so on.

    Nearest first until there are `limit`; then the second value is True: there are more.
    """
    found: set[str] = set()
    asked: set[str] = set()
    waiting = list(dict.fromkeys(keys))
    while waiting:
        batch, waiting = waiting[:_CHUNK], waiting[_CHUNK:]
        asked.update(batch)
        query = select(_L.c.item_id).where(_L.c.key.in_(batch)).distinct()
        # One more than fits of those that are known already tells whether there are more.
        near = set(tx.connection.execute(query.limit(len(found) + limit + 1)).scalars()) - found
        if len(found) + len(near) > limit:
            room = limit - len(found)
            return found | set(sorted(near)[:room]), True
        found |= near
        further = dict.fromkeys(waiting)
        for some in _chunks(sorted(near)):
            more = select(_L.c.key).where(_L.c.item_id.in_(some)).distinct()
            further.update(dict.fromkeys(tx.connection.execute(more).scalars()))
        waiting = [key for key in further if key not in asked]
    return found, False


def holding(tx: Tx, key: str, limit: int) -> list[str]:
    """Give the items that have this key themselves."""
    query = select(_L.c.item_id).where(_L.c.key == key).order_by(_L.c.item_id)
    return list(tx.connection.execute(query.limit(limit)).scalars())


def same_bytes(tx: Tx, sha256: str, limit: int) -> list[str]:
    """Give the items that are, byte for byte, this message."""
    query = select(_I.c.id).where(_I.c.sha256 == sha256, _I.c.kind == "email").order_by(_I.c.id)
    return list(tx.connection.execute(query.limit(limit)).scalars())


def read(tx: Tx, ids: Iterable[str]) -> list[LinkedRow]:
    """Give these messages, oldest first. Raises `StoreDamaged` for a row that was changed."""
    found: list[LinkedRow] = []
    for some in _chunks(sorted(ids)):
        stored = list(rows.read(tx, ItemTable, _I.c.id.in_([storable(i) for i in some])))
        wanted = {row["source_id"] for row in stored}
        query = select(_S.c.id, _S.c.path).where(_S.c.id.in_(wanted))
        paths = {source: path for source, path in tx.connection.execute(query)}
        for row in stored:
            record = from_wire(row["record"])
            if isinstance(record, EmailMessage):
                shown = {n: row[n] for n in ("id", "title", "sender", "date", "date_key", "owner")}
                path = paths.get(row["source_id"], "")
                found.append(LinkedRow(**shown, path=path, sha256=row["sha256"], record=record))
    # What has no date comes last, as in a list that starts with the oldest.
    return sorted(found, key=lambda row: (not row.date_key, row.date_key, row.id))


def _chunks(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]
