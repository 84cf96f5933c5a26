"""Every row has a seal: a value changed behind our back is named, and never used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from archiver.errors import StoreDamaged
from archiver.findings import Finding
from archiver.store import decisions, dossiers, items, packages, rows, soundness, sources
from archiver.store.database import Register
from archiver.store.schema import SEALED
from archiver.store.sqlite import driver

COLUMNS = [
    (table.__tablename__, column.name)
    for table in SEALED
    for column in table.__table__.columns
    if (table.__tablename__, column.name) != ("decision", "id")  # a number without meaning
]
READERS: dict[str, Callable[[Any], object]] = {
    "source": sources.all,
    "dossier": dossiers.all,
    "item": lambda tx: [items.get(tx, i) for i in items.ids(tx)],
    "decision": lambda tx: decisions.history(tx, "bron-1-0"),
    "package": packages.all,
}


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_value_changed_from_outside_is_named_and_not_used(
    filled: Register, table: str, column: str
) -> None:
    execute(
        filled,
        f"UPDATE {table} SET {column} = CASE WHEN typeof({column}) = 'integer' "
        f"THEN {column} = 0 ELSE coalesce({column}, '') || 'x' END "
        f"WHERE rowid = (SELECT max(rowid) FROM {table})",
    )
    with filled.read() as tx:
        named = [f for f in rows.verify(tx) if f.code == "register.rij_veranderd"]
    assert [f.params["soort"] for f in named] == [table]
    if table in READERS and (table, column) != ("decision", "item_id"):
        with pytest.raises(StoreDamaged), filled.read() as tx:
            READERS[table](tx)


@pytest.mark.parametrize(
    "value", ["x'c3'", "x'00ff'", "1e300", "'[' || record", '\'{"kind":"email"}\'']
)
def test_a_record_that_is_none_is_damage_and_no_traceback(filled: Register, value: str) -> None:
    execute(filled, "PRAGMA ignore_check_constraints = 1", "DROP TABLE IF EXISTS weg")
    try:
        execute(filled, f"UPDATE item SET record = CAST({value} AS TEXT) WHERE id = 'bron-1-2'")
    except driver.IntegrityError:
        assert value == "NULL"
        return
    with pytest.raises(StoreDamaged), filled.read() as tx:
        items.get(tx, "bron-1-2")
    with filled.read() as tx:
        assert "item:bron-1-2" in [f.place for f in rows.verify(tx)]


def test_a_status_that_cannot_be_is_damage(filled: Register) -> None:
    execute(filled, "UPDATE item SET status = 'vernietigd' WHERE id = 'bron-1-2'")
    with pytest.raises(StoreDamaged), filled.read() as tx:
        items.counts(tx)


@pytest.mark.parametrize(
    ("sql", "code", "place"),
    [
        ("DELETE FROM decision", "register.rij_ontbreekt", "item:bron-1-0"),
        ("DELETE FROM package", "register.rij_ontbreekt", "package:pakket-1"),
        (
            "DELETE FROM attachment WHERE item_id = 'bron-2-0';DELETE FROM item WHERE id = 'bron-2-0';"
            "DELETE FROM source WHERE id = 'bron-2'",
            "register.rij_ontbreekt",
            "source:bron-2",
        ),
        (
            "INSERT INTO package SELECT 'pakket-9', content, seal FROM package",
            "register.rij_zonder_spoor",
            "package:pakket-9",
        ),
        ("PRAGMA foreign_keys = 0;DELETE FROM dossier", "register.bestand_beschadigd", "register"),
    ],
)
def test_rows_that_came_or_went_are_named(
    filled: Register, sql: str, code: str, place: str
) -> None:
    execute(filled, *sql.split(";"))
    with filled.read() as tx:
        assert (code, place) in [(f.code, f.place) for f in soundness.verify(tx)]


@pytest.mark.parametrize(
    "sql",
    [
        "DROP INDEX item_date",
        "DROP TRIGGER audit_no_UPDATE",
        "ALTER TABLE item RENAME COLUMN owner TO eigenaar",
        "DROP TABLE package",
        "PRAGMA writable_schema = 1;"
        "UPDATE sqlite_master SET sql = replace(sql, 'VARCHAR(64)', 'INTEGER') WHERE name = 'source'",
    ],
)
def test_a_schema_changed_from_outside_does_not_open(filled: Register, sql: str) -> None:
    filled.close()
    execute(filled, *sql.split(";"))
    with pytest.raises(StoreDamaged) as caught:
        Register.open(filled.path)
    assert caught.value.code == "register_beschadigd"


def test_a_sound_register_has_nothing_to_name(filled: Register) -> None:
    found: list[Finding] = []
    with filled.read() as tx:
        found += soundness.verify(tx)
    assert found == []


def execute(register: Register, *statements: str) -> None:
    connection = driver.connect(str(register.path), isolation_level=None)
    try:
        for statement in statements:
            connection.execute(statement)
    finally:
        connection.close()
