"""From 1.2 to 1.3: the tables `person` and `person_label`, empty."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from archiver.errors import StoreDamaged
from archiver.store.trail import Trail

_STATEMENTS = (
    "CREATE TABLE person (id VARCHAR(36) NOT NULL, naam TEXT NOT NULL,"
    " seal VARCHAR(32) DEFAULT '' NOT NULL, PRIMARY KEY (id))",
    'CREATE TABLE person_label ("key" VARCHAR(32) NOT NULL, person_id VARCHAR(36) NOT NULL,'
    " kind VARCHAR(16) NOT NULL, label TEXT NOT NULL, scope TEXT NOT NULL, actor TEXT NOT NULL,"
    ' "at" VARCHAR(40) NOT NULL, reason TEXT NOT NULL, withdrawn BOOLEAN NOT NULL,'
    " seal VARCHAR(32) DEFAULT '' NOT NULL, PRIMARY KEY (\"key\"),"
    " FOREIGN KEY(person_id) REFERENCES person (id))",
)


def step(connection: Connection, path: Path, trail: Trail) -> None:
    """Make the tables. Raises `StoreDamaged` when the stamp and the tables disagree."""
    if "person" in inspect(connection).get_table_names():
        # The stamp says 1.2 and the tables do not: a damaged stamp, not an older register.
        raise StoreDamaged("register_beschadigd", place="versie")
    for statement in _STATEMENTS:
        connection.execute(text(statement))
