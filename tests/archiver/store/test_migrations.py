"""Older registers: a stored one per schema version opens whole, with a copy made first."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from archiver.errors import StoreDamaged, StoreRefused
from archiver.links import keys_of
from archiver.model import EmailMessage
from archiver.store import (
    audit,
    database,
    decisions,
    items,
    links,
    migrations,
    soundness,
    sources,
    sqlite,
)
from archiver.store.database import Register
from archiver.store.schema import VERSION
from archiver.store.sqlite import driver
from archiver.store.trail import Trail
from tests.archiver.store import made

VERSIONS = sorted(p.stem.removeprefix("register-") for p in made.STORED.glob("*.db"))
OLDER = [v for v in VERSIONS if tuple(map(int, v.split("."))) < VERSION]


def test_there_is_a_stored_register_of_every_version() -> None:
    steps = {(1, 0), *migrations.STEPS}
    assert {tuple(map(int, v.split("."))) for v in VERSIONS} == steps
    assert max(steps) == VERSION


@pytest.mark.parametrize("version", VERSIONS)
def test_a_stored_register_opens_with_everything_in_it(tmp_path: Path, version: str) -> None:
    register = Register.open(made.stored(version, tmp_path))
    with register.read() as tx:
        assert sqlite.user_version(tx.connection) == VERSION
        assert list(soundness.verify(tx)) == []
        # In order of the moment itself: 09:30Z is later than 10:00+01:00.
        assert items.ids(tx) == ["0190-i2", "0190-i3", "0190-i1"]
        assert items.ids(tx, search="EENMALIGE") == ["0190-i1"]
        found = items.get(tx, "0190-i1")
        assert found.title == "Éénmalige vraag"
        assert found.dossier is not None
        assert found.dossier.naam == "Straatvaart"
        assert [d.waardering for d, _ in decisions.history(tx, "0190-i2")] == ["B"]
        for source in sources.all(tx):
            assert source.ledger.difference(items.ledger(tx, source.id)) == {}
        # The medium beside the chat text is a blob of its own and must never be swept away.
        assert dict(sources.blobs(tx)) == {"a" * 64: 600, "f" * 64: 700, "1" * 64: 33}
        assert [e.event.action for e in audit.entries(tx)] == [
            "opname",
            "opname",
            "besluit",
            "pakket",
        ]
    with register.write() as tx:
        items.update(tx, "0190-i1", title="Nieuw")
        audit.append(tx, made.event(object="item:0190-i1"))
    register.close()
    again = Register.open(tmp_path / "register.db")
    with again.read() as tx:
        assert list(soundness.verify(tx)) == []
    again.close()


@pytest.mark.parametrize("version", OLDER)
def test_migrating_makes_a_whole_copy_first_and_the_same_tables(
    tmp_path: Path, version: str
) -> None:
    path = made.stored(version, tmp_path)
    before = dump(path)
    Register.open(path).close()
    assert dump(tmp_path / f"register-voor-{version}.db") == before
    fresh = Register.open(tmp_path / "vers.db")
    migrated = Register.open(path)
    with fresh.read() as new, migrated.read() as old:
        assert sqlite.structure(old.connection) == sqlite.structure(new.connection)
    fresh.close()
    migrated.close()


def test_a_step_that_fails_changes_nothing_and_can_be_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made.stored("1.0", tmp_path)
    before = dump(path)

    def half(connection: Connection, where: Path, trail: Trail) -> None:
        connection.execute(text("DELETE FROM attachment"))
        raise OSError("stroom weg")

    with monkeypatch.context() as patch:
        patch.setattr(database, "migrate", lambda *a: migrations.migrate(*a, steps={(1, 1): half}))
        with pytest.raises(OSError, match="stroom weg"):
            Register.open(path)
    assert dump(path) == before
    Register.open(path).close()
    assert dump(tmp_path / "register-voor-1.0.db") == before


def test_a_cut_trail_stays_noticed_after_migrating(tmp_path: Path) -> None:
    path = made.stored("1.0", tmp_path)
    connection = driver.connect(str(path))
    connection.execute("DELETE FROM audit WHERE seq = 4")
    connection.commit()
    connection.close()
    with pytest.raises(StoreDamaged) as caught:
        Register.open(path)
    assert caught.value.code == "spoor_achter"
    assert caught.value.params == {"nr": 4, "tot": 4, "regels": "4"}


def test_messages_of_an_older_register_find_each_other(tmp_path: Path) -> None:
    register = Register.open(made.stored("1.1", tmp_path))
    with register.read() as tx:
        for item_id in ("0190-i1", "0190-i3"):
            record = items.get(tx, item_id).record
            assert isinstance(record, EmailMessage)
            assert item_id in links.kin(tx, keys_of(record), 10)[0]
    register.close()


def test_migrating_hides_no_damage_that_was_there_before(tmp_path: Path) -> None:
    path = made.stored("1.1", tmp_path)
    connection = driver.connect(str(path))
    connection.execute("UPDATE item SET title = 'anders' WHERE id = '0190-i2'")
    connection.commit()
    connection.close()
    register = Register.open(path)
    with register.read() as tx:
        assert [f.place for f in soundness.verify(tx)] == ["item:0190-i2"]
    register.close()


def test_a_newer_major_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = made.stored(VERSIONS[-1], tmp_path)
    stamp(path, VERSION[0] + 1, 3)
    before = path.read_bytes()
    with pytest.raises(StoreRefused) as caught:
        Register.open(path)
    assert caught.value.code == "nieuwere_versie"
    assert caught.value.params["versie"] == f"{VERSION[0] + 1}.3"
    assert path.read_bytes() == before


def test_a_newer_minor_opens(tmp_path: Path) -> None:
    path = made.stored(VERSIONS[-1], tmp_path)
    stamp(path, VERSION[0], VERSION[1] + 1)
    connection = driver.connect(str(path))
    connection.execute("CREATE TABLE later (id INTEGER PRIMARY KEY)")
    connection.close()
    register = Register.open(path)
    with register.read() as tx:
        assert list(soundness.verify(tx)) == []
    register.close()


@pytest.mark.parametrize("version", [(0, 0), (0, 7), (1, 0), (1, 1)])
def test_a_version_stamp_that_cannot_be_is_damage(tmp_path: Path, version: tuple[int, int]) -> None:
    path = made.stored(VERSIONS[-1], tmp_path)
    stamp(path, *version)
    with pytest.raises(StoreDamaged):
        Register.open(path)


def stamp(path: Path, major: int, minor: int) -> None:
    connection = driver.connect(str(path))
    connection.execute(f"PRAGMA user_version = {major << 16 | minor}")
    connection.close()


def dump(path: Path) -> dict[str, list[tuple[object, ...]]]:
    connection = driver.connect(str(path))
    schema = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    found = {"": sorted(schema, key=repr)}
    for kind, name, _ in schema:
        if kind == "table":
            rows = connection.execute(f"SELECT * FROM {name}").fetchall()
            found[name] = sorted(rows, key=repr)
    connection.close()
    return found
