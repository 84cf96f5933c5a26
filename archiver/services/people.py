"""Persons behind names, numbers and accounts: linked once by someone, with the reason, and remembered.

Nothing is linked by itself: `suggestions` says what may be one person and why. A name in an address book
counts on the phone it is from, a number, an e-mail address and an account everywhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from archiver.errors import RuleRefused
from archiver.identity import new_id
from archiver.model import Changes, Conversation, Item, ItemKind, Participant
from archiver.services.archive import Archive, now
from archiver.store import audit, items, persons
from archiver.store.database import Tx
from archiver.store.persons import Label as Label
from archiver.store.persons import LabelRow as LabelRow
from archiver.store.persons import Person as Person

OWN = "self"  # the participant that some parsers make of the owner of the export
_NUMBER = re.compile(r"\+?[0-9]{8,15}")
_MAIL = re.compile(r"[^@\s<>]{1,64}@[^@\s<>]{1,255}\.[^@\s<>.]{2,}")


@dataclass(frozen=True, slots=True)
class LinkPerson:
    """The command: these labels are this person, because. `person` is an id; without it a new one."""

    labels: tuple[Label, ...]
    naam: str
    reason: str
    person: str | None = None


@dataclass(frozen=True, slots=True)
class UnlinkPerson:
    """The command: these labels are not the person they were linked to, because."""

    labels: tuple[Label, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A participant of a conversation: the label as it stands there, and who it is (or None)."""

    participant: Participant
    label: Label
    person: Person | None = None
    decided: LabelRow | None = None


@dataclass(frozen=True, slots=True)
class SamePerson:
    """Labels that may be one person: they have the same number or e-mail address (`basis`)."""

    basis: str
    value: str
    labels: tuple[Label, ...]


def label_of(participant: Participant, record: Conversation, phone: str) -> Label:
    """Tell as what a participant is known: a number, an address, an account, or a name on a phone.

    `phone` says whose address book a name is from, see `phone_of`.
    """
    name = participant.name or participant.id
    if participant.id != OWN and _bare(participant.id) != _bare(name):
        return Label("account", f"{record.platform}:{participant.id}")
    if number := number_of(name):
        return Label("nummer", number)
    if address := address_of(name):
        return Label("e-mail", address)
    return Label("naam", name, phone)


def phone_of(item: Item) -> str:
    """Say whose phone an export is from: the owner, else this export alone (``#`` and its id).

    Two exports of which nobody knows whose they are need not be of one phone, so that a name in the
    one says nothing about the same name in the other.
    """
    return item.owner or f"#{item.id}"


def number_of(text: str) -> str | None:
    """Give a telephone number without what is between its digits; None when the text is none."""
    plain = re.sub(r"[\s().\-/]", "", _bare(text))
    if not _NUMBER.fullmatch(plain):
        return None
    return f"+{plain[2:]}" if plain.startswith("00") else plain


def address_of(text: str) -> str | None:
    """Give an e-mail address in small letters; None when the text is none."""
    plain = _bare(text).casefold()
    return plain if _MAIL.fullmatch(plain) else None


def people(archive: Archive) -> tuple[Person, ...]:
    """Give every person by name, with the labels and who decided each."""
    with archive.register.read() as tx:
        return tuple(person for person in persons.all(tx) if person.labels)


def seen_in(archive: Archive, item_id: str) -> tuple[Seen, ...]:
    """Give the participants of a conversation and who they are. Raises `RuleRefused` for a mail."""
    with archive.register.read() as tx:
        return participants(tx, items.get(tx, item_id))


def participants(tx: Tx, item: Item) -> tuple[Seen, ...]:
    """Give the participants of an item and who they are."""
    record = item.record
    if not isinstance(record, Conversation):
        raise RuleRefused("koppel_geen_gesprek", place=item.id)
    found = [(p, label_of(p, record, phone_of(item))) for p in record.participants]
    known = persons.of_labels(tx, (label for _, label in found))
    return tuple(_seen(p, label, known.get(label.key)) for p, label in found)


def pairs(left: Sequence[Seen], right: Sequence[Seen]) -> tuple[tuple[str, str], ...]:
    """Give the names, left and right, that someone decided are one person: for a comparison."""
    there: dict[str, list[str]] = {}
    for one in right:
        if one.person is not None:
            there.setdefault(one.person.id, []).append(one.participant.name)
    return tuple(
        (one.participant.name, name)
        for one in left
        if one.person is not None
        for name in there.get(one.person.id, ())
    )


def link_person(archive: Archive, command: LinkPerson) -> Changes:
    """Record whose labels these are; undone with the ordinary undo.

    Raises `RuleRefused` without a label, a name or a reason, or for a person that nobody made.
    """
    _checked(command.labels, command.reason)
    if not command.naam.strip() and command.person is None:
        raise RuleRefused("persoon_zonder_naam")
    with archive.register.write() as tx:
        if command.person is not None:
            person = persons.get(tx, command.person)
        else:
            person = Person(new_id(), " ".join(command.naam.split()))
            persons.add(tx, person)
        rows = [
            LabelRow(label, person.id, archive.actor, now(), command.reason)
            for label in dict.fromkeys(command.labels)
        ]
        return _write(archive, tx, rows, person, command.reason)


def unlink_person(archive: Archive, command: UnlinkPerson) -> Changes:
    """Withdraw whose labels these are; what was decided stays visible in the trail.

    Raises `RuleRefused` without a label or a reason, or when a label is of nobody.
    """
    _checked(command.labels, command.reason)
    with archive.register.write() as tx:
        known = persons.of_labels(tx, command.labels)
        rows = []
        for label in dict.fromkeys(command.labels):
            person = known.get(label.key)
            if person is None:
                raise RuleRefused("persoon_niet_gekoppeld", {"label": label.label})
            row = LabelRow(label, person.id, archive.actor, now(), command.reason, withdrawn=True)
            rows.append((row, person))
        first = rows[0][1]
        return _write(archive, tx, [row for row, _ in rows], first, command.reason)


def restore(tx: Tx, before: Iterable[dict[str, object]]) -> None:
    """Put labels back as they were before a step: for undo."""
    for found in before:
        persons.put(tx, persons.from_json(found))


def suggestions(archive: Archive) -> tuple[SamePerson, ...]:
    """Say which labels of all conversations may be one person; nothing is linked.

    The same number (06 is read as +31 6 for this) or the same e-mail address, in a name, an account or
    by itself. What is linked to one person already is left out.
    """
    found: dict[tuple[str, str], dict[str, Label]] = {}
    with archive.register.read() as tx:
        for item_id in items.ids(tx, kind=ItemKind.CONVERSATION):
            item = items.get(tx, item_id)
            assert isinstance(item.record, Conversation)
            for participant in item.record.participants:
                label = label_of(participant, item.record, phone_of(item))
                for trait in _traits(participant, label):
                    found.setdefault(trait, {})[label.key] = label
        known = persons.of_labels(tx, (x for group in found.values() for x in group.values()))
    result = []
    for (basis, value), group in sorted(found.items()):
        owners = {known[key].id if key in known else "" for key in group}
        if len(group) > 1 and (len(owners) > 1 or "" in owners):
            result.append(SamePerson(basis, value, tuple(group.values())))
    return tuple(result)


def _traits(participant: Participant, label: Label) -> Iterable[tuple[str, str]]:
    texts = {participant.id, participant.name, label.label, label.label.partition(":")[2]}
    for text in texts:
        if number := number_of(text):
            local = number.startswith("0") and len(number) == 10
            yield "nummer", f"+31{number[1:]}" if local else number
        if address := address_of(text):
            yield "e-mail", address


def _seen(participant: Participant, label: Label, person: Person | None) -> Seen:
    decided = None
    if person is not None:
        decided = next((row for row in person.labels if row.label.key == label.key), None)
    return Seen(participant, label, person, decided)


def _checked(labels: Sequence[Label], reason: str) -> None:
    if not labels:
        raise RuleRefused("persoon_zonder_label")
    if not reason.strip():
        raise RuleRefused("persoon_zonder_reden")


def _write(
    archive: Archive, tx: Tx, rows: Sequence[LabelRow], person: Person, reason: str
) -> Changes:
    token = new_id()
    before = []
    for row in rows:
        was = persons.put(tx, row)
        # A label that nobody knew is taken back by withdrawing it: rows are never erased.
        before.append(persons.to_json(was or replace(row, withdrawn=True)))
    audit.append(
        tx,
        archive.event(
            "persoon",
            f"person:{person.id}",
            before={"labels": before, "token": token},
            after={
                "naam": person.naam,
                "labels": [persons.to_json(row) for row in rows],
                "token": token,
            },
            reason=reason,
        ),
    )
    return Changes("persons", (person.id,), token)


def _bare(text: str) -> str:
    """Give a text without marks that nobody sees and the ~ of an unknown sender."""
    seen = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return " ".join(seen.split()).removeprefix("~ ").removeprefix("~")
