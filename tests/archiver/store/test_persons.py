"""Persons and their labels: one decision per label, withdrawn and never erased."""

from __future__ import annotations

from pathlib import Path

import pytest

from archiver.errors import RuleRefused
from archiver.store import persons
from archiver.store.database import Register
from archiver.store.persons import Label, LabelRow, Person
from tests.archiver.store import made


def row(label: Label, person: str = "p1", **more: object) -> LabelRow:
    return LabelRow(label, person, "zoe", "2026-11-26T10:00:00+01:00", "collega", **more)  # type: ignore[arg-type]


def test_a_label_belongs_to_one_person_and_what_was_decided_comes_back(tmp_path: Path) -> None:
    register = Register.open(tmp_path / "register.db")
    label = Label("naam", "Zoë werk", "Mira")
    with register.write() as tx:
        persons.add(tx, Person("p1", "Zoë de Vries"))
        persons.add(tx, Person("p2", "Anna Bos"))
        assert persons.put(tx, row(label)) is None
        assert persons.put(tx, row(label, "p2")) == row(label)
        assert [p.naam for p in persons.all(tx)] == ["Anna Bos", "Zoë de Vries"]
        assert persons.of_labels(tx, [label])[label.key].naam == "Anna Bos"
        persons.put(tx, row(label, "p2", withdrawn=True))
        assert persons.of_labels(tx, [label]) == {}
        assert persons.get(tx, "p2").labels == ()
        with pytest.raises(RuleRefused):
            persons.get(tx, "niemand")
    register.close()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Label("naam", "Zoë  Werk", "Mira"), Label("naam", "zoë werk", "mira"), True),
        (Label("nummer", "\u202a+31\u00a06 1\u202c"), Label("nummer", "+31 6 1"), True),
        (Label("naam", "Zoë", "Mira"), Label("naam", "Zoë", "Joris"), False),
        (Label("naam", "André", "Mira"), Label("naam", "Andre", "Mira"), False),
        (Label("naam", "1"), Label("nummer", "1"), False),
        (Label("naam", "a\0b"), Label("naam", "a", "b\0"), False),
    ],
)
def test_the_same_label_is_the_same_key(one: Label, other: Label, same: bool) -> None:
    assert (one.key == other.key) is same


def test_a_stored_register_keeps_its_persons(tmp_path: Path) -> None:
    register = Register.open(made.stored("1.3", tmp_path))
    with register.read() as tx:
        (found,) = persons.all(tx)
        assert (found.naam, [r.label.label for r in found.labels]) == ("Zoë de Vries", ["Zoë werk"])
    register.close()
