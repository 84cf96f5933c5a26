"""From 1.0 to 1.1: columns to sort and search by, seals, media as blobs, the trail."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from archiver.errors import StoreDamaged
from archiver.store import sqlite
from archiver.store.canonical import date_key, fold
from archiver.store.trail import Trail

_SHORT, _LONG = "VARCHAR(32) DEFAULT '' NOT NULL", "VARCHAR(40) DEFAULT '' NOT NULL"
_STATEMENTS = (
    f"ALTER TABLE source ADD COLUMN seal {_SHORT}",
    f"ALTER TABLE dossier ADD COLUMN seal {_SHORT}",
    f"ALTER TABLE item ADD COLUMN date_key {_LONG}",
    "ALTER TABLE item ADD COLUMN fold TEXT DEFAULT '' NOT NULL",
    f"ALTER TABLE item ADD COLUMN seal {_SHORT}",
    "ALTER TABLE attachment ADD COLUMN in_vault BOOLEAN DEFAULT '0' NOT NULL",
    f"ALTER TABLE attachment ADD COLUMN seal {_SHORT}",
    f"ALTER TABLE decision ADD COLUMN seal {_SHORT}",
    f"ALTER TABLE package ADD COLUMN seal {_SHORT}",
    "DROP INDEX item_queue",
    "CREATE INDEX item_queue_date ON item (status, date_key, id)",
    "CREATE INDEX item_date ON item (date_key, id)",
)
_OLD_HEAD = "spoor-stand.txt"


def step(connection: Connection, path: Path, trail: Trail) -> None:
    """Change the tables, fill what is new, and carry the end of the audit chain over."""
    if any(column["name"] == "seal" for column in inspect(connection).get_columns("source")):
        # The stamp says 1.0 and the tables do not: a damaged stamp, not an older register.
        raise StoreDamaged("register_beschadigd", place="versie")
    for statement in _STATEMENTS:
        connection.execute(text(statement))
    sqlite.protect_audit(connection)
    for id_, title, sender, date, record in connection.execute(
        text("SELECT id, title, sender, date, record FROM item")
    ).fetchall():
        connection.execute(
            text("UPDATE item SET date_key = :date, fold = :fold WHERE id = :id"),
            {"id": id_, "date": date_key(date), "fold": fold(title, sender)},
        )
        content = json.loads(record)
        if content.get("kind") == "conversation" and content.get("text_member") is None:
            connection.execute(
                text("UPDATE attachment SET in_vault = 1 WHERE item_id = :id AND part <> ''"),
                {"id": id_},
            )
    head = path.parent / _OLD_HEAD
    if head.exists():
        try:
            _, size, digest, *_ = head.read_text(encoding="ascii").split("\n")
            trail.confirm(int(size), digest)
        except ValueError as error:
            raise StoreDamaged("register_beschadigd", place=_OLD_HEAD) from error
