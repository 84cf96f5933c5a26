"""What the inspector shows of one message or conversation: its facts, each with where it comes from."""

from __future__ import annotations

from archiver.findings import Finding
from archiver.model import Conversation, EmailMessage, Item, Value
from ui.models.row import Row
from ui.operations.core import Fact
from ui.words import class_word, moment, n, size, t, zone_word

# What a mail is by what was noticed about its parts, the first that holds.
_KINDS = (
    "mail.bezorging_mislukt",
    "mail.bezorging_vertraagd",
    "mail.bezorgd",
    "mail.leesbevestiging",
    "agenda.uitnodiging",
    "mail.deel_van_bericht",
)

_TYPED = ("platform", "participants", "period", "reason")


def remarks_of(
    record: EmailMessage | Conversation, findings: tuple[Finding, ...]
) -> tuple[Finding, ...]:
    """Give what was noticed, with the code page of old text that is attached to the message."""
    from archiver.services import codepage

    asked = codepage.asked_about(record)
    return (*findings, asked) if asked is not None and asked not in findings else findings


def kind_of(record: EmailMessage | Conversation) -> str:
    """Say what it is: E-mail met 2 bijlagen, Afspraak, Niet bezorgd."""
    if isinstance(record, Conversation):
        if record.message_count == 0 and record.extract is None:
            return t("soort.niet_geduid")
        return n("soort.gesprek", record.message_count)
    if word := class_word(record.item_class or ""):
        return word[:1].upper() + word[1:]
    codes = {finding.code for finding in record.findings}
    for code in _KINDS:
        if code in codes:
            return t(f"soort.{code}")
    if record.post is not None:
        return t("soort.teams_bericht")
    count = sum(not a.inline for a in record.attachments)
    return n("soort.email_bijlagen", count) if count else t("soort.email")


def preview_facts(row: Row, record: EmailMessage | Conversation, owner: str) -> tuple[Fact, ...]:
    """Give the facts of what is not stored yet."""
    dossier = row.dossier or t("lijst.geen_dossier")
    mark = "" if not row.dossier else t("bron.voorgesteld")
    if row.preview is not None and row.dossier and row.dossier != row.preview.dossier_naam:
        mark = t("gegeven.bron.jij")
    return (
        Fact("gegeven.dossier", dossier, mark),
        Fact("gegeven.soort", kind_of(record), t("bron.bericht")),
        _owner_fact(record, owner),
        *_zone_fact(record),
        *_typed_facts(record),
        Fact("gegeven.openbaarheid", t("gegeven.nader"), t("bron.sjabloon")),
        Fact("gegeven.bron", row.preview.path.name if row.preview else "", ""),
        Fact("gegeven.grootte", size(record.size), t("bron.bericht")),
        *_place_facts(record),
    )


def item_facts(item: Item) -> tuple[Fact, ...]:
    """Give the facts of an item of the register."""
    dossier = item.values.get("dossier")
    name = item.dossier.naam if item.dossier else t("lijst.geen_dossier")
    access = item.values.get("openbaarheid")
    shown = access.value if access else t("gegeven.nader")
    return (
        Fact("gegeven.dossier", name, _mark(dossier)),
        Fact("gegeven.soort", kind_of(item.record), t("bron.bericht")),
        _owner_fact(item.record, item.owner),
        *_zone_fact(item.record),
        *_typed_facts(item.record),
        Fact("gegeven.openbaarheid", shown, _mark(access)),
        Fact("gegeven.vastgelegd", moment(item.secured_at, year=True), ""),
        Fact("gegeven.grootte", size(item.record.size), t("bron.bericht")),
        *_place_facts(item.record),
    )


def _place_facts(record: EmailMessage | Conversation) -> tuple[Fact, ...]:
    """Say in which folder of its mailbox a message was, and which labels Gmail gave it."""
    if not isinstance(record, EmailMessage):
        return ()
    folder = (Fact("gegeven.map", record.folder, t("bron.bericht")),) if record.folder else ()
    words = ", ".join(record.labels)
    return (*folder, *((Fact("gegeven.labels", words, t("bron.bericht")),) if words else ()))


def _owner_fact(record: EmailMessage | Conversation, owner: str | None) -> Fact:
    from archiver.services import questions

    name = questions.owner_of(record, owner)
    mark = _answer_mark(record, questions.OWNER) or (t("bron.sjabloon") if name else "")
    return Fact("gegeven.eigenaar", name or t("gegeven.geen"), mark)


def _zone_fact(record: EmailMessage | Conversation) -> tuple[Fact, ...]:
    from archiver.services import questions

    zone = questions.value_of(record, questions.ZONE) if isinstance(record, Conversation) else None
    if zone is None:
        return ()
    word = zone_word(zone)
    return (Fact("gegeven.tijdzone", word, _answer_mark(record, questions.ZONE)),)


def _typed_facts(record: EmailMessage | Conversation) -> tuple[Fact, ...]:
    """Give what a person told of an original that nobody reads."""
    answers = record.answers if isinstance(record, Conversation) else ()
    return tuple(
        Fact(f"gegeven.{a.question}", a.value, t(f"antwoord.{a.basis}"))
        for a in answers
        if a.question in _TYPED
    )


def _answer_mark(record: EmailMessage | Conversation, question: str) -> str:
    answers = record.answers if isinstance(record, Conversation) else ()
    basis = next((a.basis for a in answers if a.question == question), "")
    return t(f"antwoord.{basis}") if basis else ""


def _mark(value: Value | None) -> str:
    if value is None:
        return ""
    if value.source == "medewerker":
        return t("gegeven.bron.jij")
    return t(f"bron.{value.source}")
