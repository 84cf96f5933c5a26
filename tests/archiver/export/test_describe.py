"""From item to Informatieobject: what is known is said, what is not known is never guessed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from archiver.export import describe
from archiver.export.describe import Context
from archiver.export.model import Organisatie
from archiver.model import (
    Address,
    Conversation,
    Decision,
    EmailMessage,
    Identification,
    Item,
    ItemKind,
    ItemStatus,
    Ledger,
    Participant,
    Source,
    SourceStatus,
    Span,
    Value,
)
from metadata import rules, schema
from metadata.mdto import Informatieobject
from metadata.xml import to_xml

MOMENT = "2026-11-26T10:00:00+01:00"
CONTEXT = Context(Organisatie("Gemeente Veldermeer", "gm9999"), "Archiefklaar, Veldermeer", MOMENT)
JORIS = Address("Joris Blankert", "j.blankert@veldermeer.example")
MIRA = Address("Mira van Oosterhof", "m.vanoosterhof@veldermeer.example")
SOURCE = Source(
    "01a21638-e81c-7bab-8b6e-fdb19fcf6000",
    "b",
    "los.eml",
    "0" * 64,
    10,
    Identification("eml", "message/rfc822", "fmt/278", "mail", "inlezen"),
    SourceStatus.OPGENOMEN,
    "2026-11-25T09:00:00+01:00",
    "Mira van Oosterhof",
    None,
    Ledger(messages=1),
)
MAIL = EmailMessage(
    format="eml",
    index=0,
    span=Span(0, 10),
    size=10,
    sha256="0" * 64,
    message_id="<1@veldermeer.example>",
    subject="Vraag",
    sender=JORIS,
    to=(MIRA,),
    cc=(Address(None, "cc@veldermeer.example"),),
    date="2026-11-17T14:52:00+01:00",
    received="2026-11-17T14:52:09+01:00",
    language="nl",
)
CHAT = Conversation(
    id="c",
    format="whatsapp",
    platform="whatsapp",
    index=0,
    size=10,
    sha256="0" * 64,
    title="Team Brug",
    participants=(Participant("Joris", "Joris"), Participant("Mira", "Mira")),
    message_count=2,
    first="2026-11-17T09:12:01",
    last="2026-11-18T08:00:10",
)


def item(record: EmailMessage | Conversation = MAIL, **change: Any) -> Item:
    made = Item(
        id="01a21638-e81c-7bab-8b6e-fdb19fcf61f4",
        kind=ItemKind.EMAIL if isinstance(record, EmailMessage) else ItemKind.CONVERSATION,
        source_id=SOURCE.id,
        source_sha256="0" * 64,
        index=0,
        span=Span(0, 10),
        sha256="0" * 64,
        title="Vraag",
        sender="Joris Blankert",
        date="2026-11-17",
        status=ItemStatus.GETAGD,
        record=record,
        secured_at="2026-11-25T09:00:00+01:00",
    )
    return replace(made, **change)


def described(made: Item) -> Informatieobject:
    obj = describe.item_object(made, SOURCE, CONTEXT, [])
    assert schema.validate(to_xml(obj)) == ()
    assert [v for v in rules.check(obj) if not v.advice] == []
    return obj


def decision(**change: Any) -> Decision:
    return Decision(
        **{
            "waardering": "V",
            "actor": "Mira van Oosterhof",
            "at": MOMENT,
            "reason": "volgens voorstel",
            "lijst": "E-mail gemeenten",
            "lijst_versie": "2024",
            "categorie": "MAIL-GEM-02",
            "categorie_naam": "Overige functies",
            "termijn": "P7Y",
            "startdatum": "2026-11-17",
            "einddatum": "2033-11-17",
            **change,
        }
    )


def test_a_mail_says_who_when_and_from_where() -> None:
    obj = described(item())
    roles = [
        (b.betrokkeneTypeRelatie.begripLabel, b.betrokkeneActor.verwijzingNaam)
        for b in obj.betrokkene
    ]
    assert roles == [
        ("Afzender", "Joris Blankert"),
        ("Ontvanger", "Mira van Oosterhof"),
        ("Ontvanger cc", "cc@veldermeer.example"),
    ]
    events = [(e.eventType.begripLabel, e.eventTijd) for e in obj.event]
    assert events == [
        ("Creatie", "2026-11-17T14:52:00+01:00"),
        ("Ontvangst", "2026-11-17T14:52:09+01:00"),
        ("Opname", "2026-11-25T09:00:00+01:00"),
        ("Export", MOMENT),
    ]
    assert obj.taal == ("nl",)


def test_labels_of_gmail_are_trefwoorden_of_the_message() -> None:
    labels = ("Inbox", "Werk/Kadebrug", " ", "Doorsturen naar jan@veldermeer.example", "Inbox")
    made = item(replace(MAIL, labels=labels))
    assert described(made).trefwoord == ("Inbox", "Werk/Kadebrug", labels[3])
    context = replace(CONTEXT, addresses=False)
    kept = describe.item_object(made, SOURCE, context, []).trefwoord
    assert kept == ("Inbox", "Werk/Kadebrug")


def test_the_owner_who_sent_it_makes_it_a_verzending() -> None:
    obj = described(item(owner="j.blankert@veldermeer.example"))
    assert [e.eventType.begripLabel for e in obj.event] == ["Verzending", "Opname", "Export"]


def test_a_message_id_is_tied_to_the_account_it_came_from() -> None:
    obj = described(item(owner="Mira van Oosterhof"))
    assert obj.identificatie[1].identificatieKenmerk == "<1@veldermeer.example>"
    assert obj.identificatie[1].identificatieBron.endswith("postvak Mira van Oosterhof")


def test_without_a_decision_it_is_n_and_nader_te_bepalen() -> None:
    obj = described(item())
    assert obj.waardering is not None
    assert (obj.waardering.begripCode, obj.bewaartermijn) == ("N", None)
    assert obj.beperkingGebruik[0].beperkingGebruikType.begripLabel == "Nader te bepalen"


def test_v_carries_term_and_category_and_b_carries_none() -> None:
    obj = described(item(decision=decision()))
    assert obj.bewaartermijn is not None
    assert obj.bewaartermijn.termijnEinddatum == "2033-11-17"
    assert obj.informatiecategorie is not None
    assert obj.informatiecategorie.begripCode == "MAIL-GEM-02"
    kept = described(item(decision=decision(waardering="B")))
    assert kept.bewaartermijn is None


@pytest.mark.parametrize(
    ("change", "einddatum"),
    [
        ({"einddatum": "2099-01-01"}, "2033-11-17"),  # start + looptijd decides
        ({"startdatum": None, "einddatum": None, "trigger": "afsluiting dossier"}, None),
        ({"termijn": None}, "2033-11-17"),
        ({"termijn": "P10W", "einddatum": None}, "2027-01-26"),  # weeks are not in xs:duration
        ({"termijn": "onzin"}, "2033-11-17"),
        ({"startdatum": "2026-01-31", "termijn": "P1M", "einddatum": None}, "2026-02-28"),
    ],
)
def test_a_term_always_adds_up(change: dict[str, Any], einddatum: str | None) -> None:
    obj = described(item(decision=decision(**change)))
    assert obj.bewaartermijn is not None
    assert obj.bewaartermijn.termijnEinddatum == einddatum


def test_what_a_person_typed_wins() -> None:
    values = {
        "naam": Value("Eigen naam", "medewerker"),
        "omschrijving": Value("Over de brug", "medewerker"),
        "openbaarheid": Value("Geen beperking", "medewerker"),
    }
    obj = described(item(values=values))
    assert obj.naam == "Eigen naam"
    assert obj.omschrijving == ("Over de brug",)
    assert obj.beperkingGebruik[0].beperkingGebruikType.begripLabel == "Geen beperking"


def test_addresses_can_stay_out() -> None:
    context = replace(CONTEXT, addresses=False)
    obj = describe.item_object(item(), SOURCE, context, [])
    assert "veldermeer.example" not in "".join(str(b.betrokkeneActor) for b in obj.betrokkene)
    assert [b.betrokkeneActor.verwijzingNaam for b in obj.betrokkene] == [
        "Joris Blankert",
        "Mira van Oosterhof",
    ]


def test_a_chat_has_its_period_and_people() -> None:
    obj = described(item(CHAT, title="Team Brug"))
    assert obj.dekkingInTijd[0].dekkingInTijdBegindatum == "2026-11-17"
    assert obj.dekkingInTijd[0].dekkingInTijdEinddatum == "2026-11-18"
    assert [b.betrokkeneActor.verwijzingNaam for b in obj.betrokkene] == ["Joris", "Mira"]


@pytest.mark.parametrize(
    "record",
    [
        replace(
            MAIL, subject=None, message_id=None, sender=None, to=(), cc=(), date=None, received=None
        ),
        replace(
            MAIL, subject="\x00\x1b[31m " * 50, date="2026-11-17T25:00:00", language="nederlands"
        ),
        replace(MAIL, sender=Address("\ud800", "\x07"), to=(Address("", ""),), message_id="\u200b"),
        replace(CHAT, first=None, last=None, participants=(), title=None),
        replace(CHAT, first="2026-11-18", last="2026-11-17"),
    ],
)
def test_poor_and_hostile_records_give_valid_mdto(record: EmailMessage | Conversation) -> None:
    obj = described(item(record, title=""))
    assert obj.naam
    assert len(obj.naam) <= 80
