"""Persons in the register, and the labels that someone decided are theirs."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import select

from archiver.store import rows
from archiver.store.canonical import fold, json_text, storable
from archiver.store.schema import PersonLabelTable, PersonTable
from archiver.store.transaction import Tx

_P, _L = PersonTable.__table__, PersonLabelTable.__table__


@dataclass(frozen=True, slots=True)
class Label:
    """How a person appears: kind is naam, nummer, e-mail or account.

    A name in an address book means something on that phone only: `scope` is its owner then. A number,
    an address and an account (``platform:id``) mean the same everywhere: `scope` is empty.
    """

    kind: str
    label: str
    scope: str = ""

    @property
    def key(self) -> str:
        """Give the key of the row: a hash, because a label in a hostile export may have any length."""
        name = json_text([self.kind, _plain(self.label), _plain(self.scope)])
        return hashlib.blake2b(name.encode("utf-8"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A label with who decided whose it is, when and why. Withdrawn rows stay."""

    label: Label
    person_id: str
    actor: str
    at: str
    reason: str
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with the labels that count now."""

    id: str
    naam: str
    labels: tuple[LabelRow, ...] = field(default=())


def add(tx: Tx, person: Person) -> None:
    """Write one person; labels are put on by `put`."""
    rows.insert(tx, PersonTable, ({"id": person.id, "naam": person.naam},))


def get(tx: Tx, person_id: str) -> Person:
    """Give one person. Raises `RuleRefused` when nobody made that id."""
    found = next((p for p in all(tx) if p.id == person_id), None)
    if found is None:
        raise rows.unknown(tx, person_id)
    return found


def all(tx: Tx) -> list[Person]:
    """Give every person by name, with the labels that count now."""
    labels: dict[str, list[LabelRow]] = {}
    for row in _labels(rows.read(tx, PersonLabelTable, order=_L.c.key)):
        if not row.withdrawn:
            labels.setdefault(row.person_id, []).append(row)
    return [
        Person(found["id"], found["naam"], tuple(labels.get(found["id"], ())))
        for found in sorted(rows.read(tx, PersonTable), key=lambda r: (fold(r["naam"]), r["id"]))
    ]


def put(tx: Tx, row: LabelRow) -> LabelRow | None:
    """Say whose a label is; gives what was decided about it before, or None."""
    before = next(_labels(rows.read(tx, PersonLabelTable, _L.c.key == row.label.key)), None)
    if before is None:
        rows.insert(tx, PersonLabelTable, (_columns(row),))
    else:
        changed = _columns(row)
        del changed["key"]
        rows.change(tx, PersonLabelTable, row.label.key, changed)
    return before


def of_labels(tx: Tx, labels: Iterable[Label]) -> dict[str, Person]:
    """Give the persons of these labels, by the key of the label; unknown labels are left out."""
    wanted = {label.key for label in labels}
    if not wanted or tx.connection.execute(select(_L.c.key).limit(1)).first() is None:
        return {}
    return {
        row.label.key: person
        for person in all(tx)
        for row in person.labels
        if row.label.key in wanted
    }


def to_json(row: LabelRow) -> dict[str, Any]:
    """Give a row as the audit trail keeps it, to undo with."""
    return asdict(row)


def from_json(found: Mapping[str, Any]) -> LabelRow:
    """Read what `to_json` gave."""
    return LabelRow(**{**found, "label": Label(**found["label"])})


def _plain(text: str) -> str:
    """Give a label without what nobody sees: capitals, direction marks, kinds of white space."""
    seen = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return " ".join(unicodedata.normalize("NFC", seen).casefold().split())


def _labels(found: Iterable[Mapping[str, Any]]) -> Iterator[LabelRow]:
    for row in found:
        label = Label(row["kind"], row["label"], row["scope"])
        yield LabelRow(
            label, row["person_id"], row["actor"], row["at"], row["reason"], bool(row["withdrawn"])
        )


def _columns(row: LabelRow) -> dict[str, Any]:
    return {
        "key": row.label.key,
        "person_id": row.person_id,
        "kind": row.label.kind,
        "label": storable(row.label.label),
        "scope": storable(row.label.scope),
        "actor": row.actor,
        "at": row.at,
        "reason": row.reason,
        "withdrawn": row.withdrawn,
    }
