"""From an item of the register to an MDTO Informatieobject: a pure mapping, nothing is guessed.

Hierarchy and references to files are not filled in here; see `archiver.export.mdto`. Every level gets
its own waardering and beperkingGebruik, because MDTO has no inheritance on exchange.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from archiver.export.model import Organisatie
from archiver.export.naming import NAME_LIMIT, clean, day, item_name, moment
from archiver.model import (
    Address,
    Attachment,
    Conversation,
    Decision,
    Dossier,
    EmailMessage,
    Item,
    Source,
)
from metadata import begrippen
from metadata.duration import as_xsd, end_date, parse_duration
from metadata.mdto import (
    BegripGegevens,
    BeperkingGebruikGegevens,
    BetrokkeneGegevens,
    DekkingInTijdGegevens,
    EventGegevens,
    IdentificatieGegevens,
    Informatieobject,
    TermijnGegevens,
    VerwijzingGegevens,
)

TEXT_LIMIT = 3_000
NO_NAME = "(zonder naam)"
PROGRAM = "Archiefklaar"
_TYPED = {  # what a person told of an original that nobody reads
    "platform": "platform",
    "title": "titel",
    "participants": "deelnemers",
    "period": "periode",
    "owner": "van wie de telefoon was",
}
TRIGGERS = "Begrippenlijst triggers Archiefklaar versie 1"


@dataclass(frozen=True, slots=True)
class Context:
    """What all objects of one delivery share. `addresses` False leaves e-mail addresses out."""

    organisatie: Organisatie
    bron: str
    moment: str
    addresses: bool = True


@dataclass(frozen=True, slots=True)
class Retention:
    """The part of the metadata that follows from the decision and goes down to every child."""

    waardering: BegripGegevens
    bewaartermijn: TermijnGegevens | None
    informatiecategorie: BegripGegevens | None
    beperking: BeperkingGebruikGegevens


def undecided() -> Retention:
    """What holds when nothing was decided: N and Nader te bepalen."""
    open_ = BeperkingGebruikGegevens(begrippen.beperking("Nader te bepalen"))
    return Retention(begrippen.waardering("N"), None, None, open_)


def retention(item: Item, context: Context) -> Retention:
    """Give waardering, term and restriction of an item."""
    decision = item.decision
    beperking = _beperking(item, context)
    if decision is None or decision.waardering not in ("B", "V"):
        return replace(undecided(), beperking=beperking)
    return Retention(
        begrippen.waardering(decision.waardering),
        _termijn(decision) if decision.waardering == "V" else None,
        _categorie(decision),
        beperking,
    )


def common(retentions: Sequence[Retention]) -> Retention:
    """Give what all parts share, else N and Nader te bepalen."""
    if retentions and all(r == retentions[0] for r in retentions):
        return retentions[0]
    return undecided()


def item_object(
    item: Item, source: Source, context: Context, left_out: Sequence[str]
) -> Informatieobject:
    """Describe an e-mail or conversation. `left_out` names parts that are not in the package."""
    if isinstance(item.record, EmailMessage):
        return _email_object(item, item.record, source, context, left_out)
    return _chat_object(item, item.record, source, context, left_out)


def attached_message(
    kenmerk: str,
    attachment: Attachment,
    item: Item,
    context: Context,
) -> Informatieobject:
    """Describe a message that is an attachment of another message."""
    record = attachment.message
    if record is None:
        obj = part_object(kenmerk, attachment.name, "Bijgevoegd bericht", item, context)
        return obj
    obj = part_object(
        kenmerk, record.subject or attachment.name, "Bijgevoegd bericht", item, context
    )
    found = _message_id(record, item)
    events = _written(record, None)
    return replace(
        obj,
        identificatie=(*obj.identificatie, *found),
        taal=_taal(record.language),
        event=(*events, *obj.event),
        betrokkene=_betrokkenen(record, context),
    )


def part_object(
    kenmerk: str, name: str | None, kind: str, item: Item, context: Context
) -> Informatieobject:
    """Describe an attachment, chat medium or other part; it follows the item it belongs to."""
    return _base(
        kenmerk,
        clean(name, NAME_LIMIT) or NO_NAME,
        "Archiefstuk",
        context,
        retention(item, context),
        kind,
    )


def level(
    kenmerk: str,
    name: str,
    niveau: str,
    context: Context,
    held: Retention,
    kind: str | None = None,
    omschrijving: str | None = None,
) -> Informatieobject:
    """Describe a level above the items (Archief, Dossier, Postbus) or the documentation."""
    obj = _base(kenmerk, clean(name, NAME_LIMIT) or NO_NAME, niveau, context, held, kind)
    return replace(obj, omschrijving=(omschrijving,)) if omschrijving else obj


def dossier_object(
    kenmerk: str, dossier: Dossier | None, context: Context, held: Retention
) -> Informatieobject:
    """Describe a Dossier; without one the items stand in "Zonder dossier"."""
    if dossier is None:
        return level(kenmerk, "Zonder dossier", "Dossier", context, held)
    obj = level(kenmerk, dossier.naam, "Dossier", context, held)
    proces = clean(dossier.proces)
    if not proces:
        return obj
    lijst = VerwijzingGegevens("Procescategorieën van de gebruikte selectielijst")
    return replace(obj, classificatie=(BegripGegevens(proces, None, lijst),))


def reference(target: Informatieobject) -> VerwijzingGegevens:
    """Refer to an object by its name and first identification."""
    return VerwijzingGegevens(target.naam, target.identificatie[0])


def _email_object(
    item: Item,
    record: EmailMessage,
    source: Source,
    context: Context,
    left_out: Sequence[str],
) -> Informatieobject:
    obj = _base(
        f"urn:uuid:{item.id}",
        item_name(item),
        "Archiefstuk",
        context,
        retention(item, context),
        "E-mailbericht",
    )
    language = _value(item, "taal") or record.language
    return replace(
        obj,
        identificatie=(*obj.identificatie, *_message_id(record, item)),
        omschrijving=_omschrijving(item),
        trefwoord=_trefwoorden(record, context),
        taal=_taal(language),
        event=(
            *_written(record, item.owner),
            *_captured(item, source),
            *_exported(context, left_out),
        ),
        betrokkene=_betrokkenen(record, context),
    )


def _chat_object(
    item: Item,
    record: Conversation,
    source: Source,
    context: Context,
    left_out: Sequence[str],
) -> Informatieobject:
    said = {answer.question for answer in record.answers}
    unknown = (
        "kept_whole" in said and "platform" not in said
    )  # nobody said that it is a conversation
    obj = _base(
        f"urn:uuid:{item.id}",
        item_name(item),
        "Archiefstuk",
        context,
        retention(item, context),
        "Niet geduid bestand" if unknown else "Chatgesprek",
    )
    deelnemers = tuple(
        BetrokkeneGegevens(begrippen.bericht("Deelnemer"), VerwijzingGegevens(label))
        for label in dict.fromkeys(clean(p.name) or clean(p.id) for p in record.participants)
        if label
    )
    return replace(
        obj,
        omschrijving=(*_omschrijving(item), *_not_interpreted(record)),
        dekkingInTijd=_periode(record),
        taal=_taal(_value(item, "taal") or record.language),
        event=(
            *_extracted(item, record, source),
            *_opened(item, record, source),
            *_captured(item, source),
            *_exported(context, left_out),
        ),
        betrokkene=deelnemers,
    )


def _base(
    kenmerk: str, naam: str, niveau: str, context: Context, held: Retention, kind: str | None
) -> Informatieobject:
    organisatie = context.organisatie
    actor = VerwijzingGegevens(
        clean(organisatie.naam) or NO_NAME,
        IdentificatieGegevens(clean(organisatie.identificatie), clean(organisatie.register))
        if clean(organisatie.identificatie)
        else None,
    )
    return Informatieobject(
        identificatie=(IdentificatieGegevens(kenmerk, context.bron),),
        naam=naam,
        aggregatieniveau=begrippen.aggregatieniveau(niveau),
        classificatie=(begrippen.bericht(kind),) if kind else (),
        waardering=held.waardering,
        bewaartermijn=held.bewaartermijn,
        informatiecategorie=held.informatiecategorie,
        archiefvormer=(actor,),
        beperkingGebruik=(held.beperking,),
    )


def _value(item: Item, name: str) -> str:
    value = item.values.get(name)
    return clean(value.value) if value is not None else ""


def _omschrijving(item: Item) -> tuple[str, ...]:
    text = clean(_value(item, "omschrijving"), TEXT_LIMIT)
    return (text,) if text else ()


def _not_interpreted(record: Conversation) -> tuple[str, ...]:
    """Say of an original that nobody could read that its content is not described, and who says so."""
    if not any(f.code == "chat.toch_bewaard" for f in record.findings):
        return ()
    said = {a.question: clean(a.value, TEXT_LIMIT) for a in record.answers}
    by = next((clean(a.actor) for a in record.answers if a.question == "kept_whole"), "")
    note = "De inhoud is niet geduid: Archiefklaar kon dit bestand niet lezen. "
    note += f"Het bestand is als geheel bewaard op verzoek van {by or NO_NAME}."
    if said.get("reason"):
        note += f" Reden: {said['reason']}."
    known = [word for question, word in _TYPED.items() if question in said]
    if known:
        note += f" Opgegeven door {by or NO_NAME}: {', '.join(known)}."
    return (clean(note, TEXT_LIMIT),)


def _trefwoorden(record: EmailMessage, context: Context) -> tuple[str, ...]:
    """Give the labels of Gmail: words that the owner, or the mail program for them, gave the message."""
    found = (clean(label, NAME_LIMIT) for label in record.labels)
    kept = (label for label in found if label and (context.addresses or "@" not in label))
    return tuple(dict.fromkeys(kept))


def _message_id(record: EmailMessage, item: Item) -> tuple[IdentificatieGegevens, ...]:
    found = clean(record.message_id, 998)
    account = clean(item.owner) or f"bron {item.source_id}"
    bron = f"E-mail Message-ID (RFC 5322), postvak {account}"
    return (IdentificatieGegevens(found, bron),) if found else ()


def _taal(language: str | None) -> tuple[str, ...]:
    found = re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", (language or "").strip())
    return (found.group(0),) if found else ()


def _written(record: EmailMessage, owner: str | None) -> tuple[EventGegevens, ...]:
    """Sent by the owner, received by the owner, or (not known which) only written by its sender."""
    sender = record.sender
    actor = _label(sender) if sender else ""
    who = VerwijzingGegevens(actor) if actor else None
    sent, received = moment(record.date), moment(record.received)
    if owner and sender and _is(sender, owner):
        return (EventGegevens(begrippen.event_type("Verzending"), sent, who),)
    events = []
    if sent is not None:
        events.append(EventGegevens(begrippen.event_type("Creatie"), sent, who))
    if received is not None:
        events.append(EventGegevens(begrippen.event_type("Ontvangst"), received))
    return tuple(events)


def _extracted(item: Item, record: Conversation, source: Source) -> tuple[EventGegevens, ...]:
    """Say that private messages were taken out before securing, how many, and the proof."""
    extract = record.extract
    if extract is None:
        return ()
    counts = ", ".join(f"{reason}: {n}" for reason, n in extract.left_out.items())
    kept = extract.total - sum(extract.left_out.values())
    result = (
        f"Uittreksel: {kept} van {extract.total} berichten bewaard; weggelaten: {counts or 'geen'}. "
        f"Wortel van de Merkle-boom: {extract.root}. SHA-256 van de bron: {extract.source_sha256}."
    )
    actor = clean(source.actor)
    return (
        EventGegevens(
            begrippen.event_type("Kopie"),
            moment(item.secured_at),
            VerwijzingGegevens(actor) if actor else None,
            clean(result, TEXT_LIMIT),
        ),
    )


def _opened(item: Item, record: Conversation, source: Source) -> tuple[EventGegevens, ...]:
    """Say that a conversation was read from a backup that was opened with its key, and which."""
    said = next((f for f in record.findings if f.code == "chat.ontsleuteld"), None)
    if said is None:
        return ()
    result = (
        f"Ontsleuteld uit {said.params.get('naam')} ({said.params.get('werkwijze')}). "
        f"SHA-256 van het versleutelde origineel: {said.params.get('sha256')}. "
        "De sleutel is niet bewaard."
    )
    actor = clean(source.actor)
    return (
        EventGegevens(
            begrippen.event_type("Conversie"),
            moment(item.secured_at),
            VerwijzingGegevens(actor) if actor else None,
            clean(result, TEXT_LIMIT),
        ),
    )


def _captured(item: Item, source: Source) -> tuple[EventGegevens, ...]:
    actor = clean(source.actor)
    return (
        EventGegevens(
            begrippen.event_type("Opname"),
            moment(item.secured_at) or moment(source.taken_in_at),
            VerwijzingGegevens(actor) if actor else None,
        ),
    )


def _exported(context: Context, left_out: Sequence[str]) -> tuple[EventGegevens, ...]:
    result = None
    if left_out:
        result = clean("Niet als bestand in het pakket: " + "; ".join(left_out), TEXT_LIMIT)
    return (
        EventGegevens(
            begrippen.event_type("Export"), context.moment, VerwijzingGegevens(PROGRAM), result
        ),
    )


def _periode(record: Conversation) -> tuple[DekkingInTijdGegevens, ...]:
    days = sorted(d for d in (day(record.first), day(record.last)) if d is not None)
    if not days:
        return ()
    return (DekkingInTijdGegevens(begrippen.bericht("Periode gesprek"), days[0], days[-1]),)


def _betrokkenen(record: EmailMessage, context: Context) -> tuple[BetrokkeneGegevens, ...]:
    roles: tuple[tuple[str, tuple[Address, ...]], ...] = (
        ("Afzender", (record.sender,) if record.sender else ()),
        ("Ontvanger", record.to),
        ("Ontvanger cc", record.cc),
        ("Ontvanger bcc", record.bcc),
    )
    found = (
        BetrokkeneGegevens(begrippen.bericht(role), actor)
        for role, addresses in roles
        for address in addresses
        if (actor := _actor(address, context)) is not None
    )
    return tuple(dict.fromkeys(found))


def _actor(address: Address, context: Context) -> VerwijzingGegevens | None:
    name, mail = clean(address.name, 200), clean(address.address, 320)
    if not context.addresses:
        # A sender often has the address as the name.
        return VerwijzingGegevens(name) if name and "@" not in name else None
    if not (name or mail):
        return None
    known = IdentificatieGegevens(mail, "E-mailadres (RFC 5322)") if mail else None
    return VerwijzingGegevens(name or mail, known)


def _label(address: Address) -> str:
    name = clean(address.name, 200)
    return name if "@" not in name else ""


def _is(address: Address, owner: str) -> bool:
    return owner.strip().casefold() in {
        (address.address or "").strip().casefold(),
        (address.name or "").strip().casefold(),
    }


def _termijn(decision: Decision) -> TermijnGegevens | None:
    start, end = day(decision.startdatum), day(decision.einddatum)
    looptijd = _looptijd(decision.termijn)
    if start and looptijd:
        # The norm: start + looptijd = einddatum, so the sum decides.
        end = _end(start, looptijd)
        if end is None:
            start = None
    if start and end and end < start:
        start = None
    if end is None and looptijd is None:
        return None
    trigger = clean(decision.trigger)
    if not trigger and end is None:
        trigger = "Nader te bepalen"
    lijst = VerwijzingGegevens(TRIGGERS)
    return TermijnGegevens(
        BegripGegevens(trigger, None, lijst) if trigger else None, start, looptijd, end
    )


def _end(start: str, looptijd: str) -> str | None:
    try:
        return end_date(start, looptijd)
    except ValueError:
        return None


def _looptijd(text: str | None) -> str | None:
    """Give the term as xs:duration (weeks as days), or None when it cannot be read."""
    if text is None:
        return None
    try:
        return as_xsd(parse_duration(text))
    except ValueError:
        return None


def _categorie(decision: Decision) -> BegripGegevens | None:
    code, label = clean(decision.categorie), clean(decision.categorie_naam)
    lijst = " ".join(filter(None, (clean(decision.lijst), clean(decision.lijst_versie))))
    if not (code or label) or not lijst:
        return None
    return BegripGegevens(label or code, code or None, VerwijzingGegevens(lijst))


def _beperking(item: Item, context: Context) -> BeperkingGebruikGegevens:
    label = _value(item, "openbaarheid") or "Nader te bepalen"
    beschrijving = _value(item, "openbaarheid_toelichting") or None
    if label in begrippen.lists()[begrippen.BEPERKINGEN]:
        if label == "Overig" and beschrijving is None:
            beschrijving = "Nog niet beschreven"
        return BeperkingGebruikGegevens(begrippen.beperking(label), beschrijving)
    lijst = VerwijzingGegevens(f"Beperkingen van {clean(context.organisatie.naam) or NO_NAME}")
    return BeperkingGebruikGegevens(BegripGegevens(label, None, lijst), beschrijving)
