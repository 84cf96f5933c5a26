"""From 1.1 to 1.2: the table `link`, filled from the messages that are there."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from archiver.errors import StoreDamaged
from archiver.links import keys_of
from archiver.model import EmailMessage
from archiver.store.canonical import seal
from archiver.store.trail import Trail
from archiver.wire import from_wire

_CHUNK = 500
_STATEMENTS = (
    "CREATE TABLE link (item_id VARCHAR(36) NOT NULL, position INTEGER NOT NULL,"
    " \"key\" VARCHAR(32) NOT NULL, seal VARCHAR(32) DEFAULT '' NOT NULL,"
    " PRIMARY KEY (item_id, position), FOREIGN KEY(item_id) REFERENCES item (id))",
    'CREATE INDEX link_key ON link ("key", item_id)',
)
_INSERT = text(
    'INSERT INTO link (item_id, position, "key", seal) VALUES (:item, :place, :key, :seal)'
)


def step(connection: Connection, path: Path, trail: Trail) -> None:
    """Make the table and fill it. Raises `StoreDamaged` when the stamp and the tables disagree."""
    if "link" in inspect(connection).get_table_names():
        # The stamp says 1.1 and the tables do not: a damaged stamp, not an older register.
        raise StoreDamaged("register_beschadigd", place="versie")
    for statement in _STATEMENTS:
        connection.execute(text(statement))
    after = ""
    # A page at a time: a register has a hundred thousand records, and memory stays flat.
    page = text("SELECT id, record FROM item WHERE id > :after ORDER BY id LIMIT :most")
    while found := connection.execute(page, {"after": after, "most": _CHUNK}).fetchall():
        after = found[-1][0]
        rows = [row for id_, record in found for row in _rows(id_, record)]
        if rows:
            connection.execute(_INSERT, rows)


def _rows(item_id: str, record: str) -> list[dict[str, object]]:
    try:
        message = from_wire(json.loads(record))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreDamaged("register_beschadigd", place=f"item:{item_id}") from error
    if not isinstance(message, EmailMessage):
        return []
    return [
        {"item": item_id, "place": place, "key": key, "seal": seal((item_id, place, key))}
        for place, key in enumerate(keys_of(message))
    ]
