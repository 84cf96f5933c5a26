"""A conversation that came in more exports, and the persons behind its labels, in the words of MDTO.

Every export stays an informatieobject of its own with its own original. Exports that a person linked
stand under one level for the conversation, "Refereert aan" each other, and say how many of their messages
an earlier export has too: no message is claimed twice. That level is an Archiefstuk with the waardering and
beperking of its parts. MDTO has no inheritance and receivers take no Dossier in a Dossier, so that an
export with another waardering or beperking stands beside that level, in the same dossier.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from archiver.export import describe
from archiver.export.describe import Context
from archiver.export.model import PackageObject
from archiver.export.naming import clean, derived_urn
from archiver.model import Conversation, Item
from metadata import begrippen
from metadata.mdto import (
    BetrokkeneGegevens,
    IdentificatieGegevens,
    Informatieobject,
    VerwijzingGegevens,
)

KIND = "Gesprek in delen"


@dataclass(frozen=True, slots=True)
class PartAccount:
    """What one export is of its conversation: which of how many, and how many messages are not new.

    `earlier` of its `total` messages stand in an earlier export too, `alone` in no other.
    """

    number: int
    of: int
    total: int
    earlier: int
    alone: int


@dataclass(frozen=True, slots=True)
class ConversationAccount:
    """What is known of a conversation beyond its own export.

    `persons` gives by label (exactly as it stands in the export) who someone decided it is.
    """

    persons: Mapping[str, str] = field(default_factory=dict)
    part: PartAccount | None = None


def told(obj: Informatieobject, item: Item, account: ConversationAccount) -> Informatieobject:
    """Add persons to the betrokkenen, beside the label as it stood, and what the export repeats."""
    record = item.record
    if not isinstance(record, Conversation):
        return obj
    if account.persons:
        obj = replace(obj, betrokkene=_betrokkenen(record, item, account.persons))
    if account.part is not None:
        obj = replace(obj, omschrijving=(*obj.omschrijving, _words(account.part)))
    return obj


def families(given: Sequence[tuple[str, tuple[str, ...]]]) -> dict[str, list[str]]:
    """Give by id the ids of its conversation that are here; `given` is each id with what is linked to it."""
    found: dict[str, list[str]] = {}
    for one, linked in given:
        joined = [one]
        for group in [found[other] for other in linked if other in found]:
            joined += [member for member in group if member not in joined]
        for member in joined:
            found[member] = joined
    order = {one: place for place, (one, _) in enumerate(given)}
    for group in {id(g): g for g in found.values()}.values():
        group.sort(key=lambda member: order[member])
    return found


def level(
    first: Item,
    naam: str,
    here: int,
    exports: int,
    children: Iterable[PackageObject],
    context: Context,
    key: str,
) -> PackageObject:
    """Make the level above exports of one conversation that are kept equally long and are equally public.

    `first` is the first of them and `naam` its name; `here` of all `exports` stand below it.
    """
    words = (
        f"Eén gesprek uit {exports} exports. Elke export is een deel met een eigen origineel; "
        "een bericht kan in meer delen staan, zie de omschrijving per deel."
    )
    if here < exports:
        words += (
            f" Hier staan er {here}. De andere hebben een andere waardering of beperking en "
            "staan ernaast in hetzelfde dossier."
        )
    about = describe.level(
        derived_urn(first.id, "gesprek"),
        naam,
        "Archiefstuk",
        context,
        describe.retention(first, context),
        KIND,
        words,
    )
    return PackageObject(about, key, (), children)


def _words(part: PartAccount) -> str:
    words = f"Export {part.number} van {part.of} van hetzelfde gesprek; {part.total} berichten."
    if part.number > 1:
        words += f" Daarvan staan er {part.earlier} ook in een eerdere export."
    return f"{words} {part.alone} staan alleen in deze export."


def _betrokkenen(
    record: Conversation, item: Item, persons: Mapping[str, str]
) -> tuple[BetrokkeneGegevens, ...]:
    """Name the person, with the label as it stood; who is not known keeps the label as the name."""
    owner = clean(item.owner)
    where = f"Naam in de export van {owner}" if owner else "Naam in de export"
    found = []
    for participant in record.participants:
        label = clean(participant.name) or clean(participant.id)
        person = clean(persons.get(participant.name))
        if not label:
            continue
        actor = VerwijzingGegevens(label)
        if person:
            actor = VerwijzingGegevens(person, IdentificatieGegevens(label, where))
        found.append(BetrokkeneGegevens(begrippen.bericht("Deelnemer"), actor))
    return tuple(dict.fromkeys(found))
