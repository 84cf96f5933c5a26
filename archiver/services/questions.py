"""What is still open about a chat export, and what was answered to it: by whom, when and on what basis.

Whose phone or account it was, the time zone of times without one, and the order of day and month
(which `archiver.intake.chat.whatsapp_dates` weighs). Only what the export does not say is asked; what
was answered about an earlier drop is used again where it fits, and marked so. An answer is kept with
the conversation, in the audit trail and in the package. Nothing is guessed: unanswered stays unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Protocol

from archiver.intake.chat import uninterpreted
from archiver.model import Answer, AuditEvent, Conversation, EmailMessage, Participant
from archiver.services.answers import is_zone
from archiver.services.archive import Archive
from archiver.store import audit

OWNER, ZONE, DATE_ORDER = "owner", "zone", "date_order"
# What only a person can tell of a sealed original, which nobody reads.
TITLE, PARTICIPANTS, PERIOD = "title", "participants", "period"
PLATFORM, REASON = "platform", "reason"
PLATFORMS = ("whatsapp", "signal", "telegram", "teams")
# Of a backup that was opened only this is kept, never the key itself.
KEY_GIVEN, YES = "key_given", "ja"
UNKNOWN = "onbekend"  # the answer of someone who does not know it either
ZONES = ("Europe/Amsterdam", "America/Kralendijk", "UTC")
ASKED, REMEMBERED, SOURCE = "gevraagd", "onthouden", "export"
# The platforms of which an export is the view of one phone or account.
_OF_ONE_PERSON = ("whatsapp", "signal", "telegram", "sms", "imessage", "threema")
_OPENED = "chat.ontsleuteld"
_NAMELESS = ("screenshot", uninterpreted.FORMAT)  # not even the platform is known
_BACK = 500  # entries of the audit trail in which an earlier answer is looked for
_MOST = 4  # names that are offered
_MOST_NAMES = 200
_LONGEST = 60  # characters of the name of a program
_DAY = re.compile(r"\b(?:(\d{4})-(\d{2})-(\d{2})|(\d{1,2})-(\d{1,2})-(\d{4}))\b")


@dataclass(frozen=True, slots=True)
class Question:
    """An open question about one conversation, with the answers that are most likely."""

    name: str
    options: tuple[str, ...]


class Drop(Protocol):
    """A command that looks at files or takes them in."""

    @property
    def owner(self) -> str | None:
        """Whose files they are."""

    @property
    def owner_stated(self) -> bool:
        """Whether somebody said so."""

    @property
    def answers(self) -> Mapping[str, str]:
        """The answers by question."""


def given_with(drop: Drop) -> dict[str, str]:
    """Give the answers of a drop: an owner that somebody stated is whose phone it was."""
    return ({OWNER: drop.owner} if drop.owner and drop.owner_stated else {}) | dict(drop.answers)


def remembered(archive: Archive) -> dict[str, str]:
    """Give what this person answered last, by question."""
    found: dict[str, str] = {}
    with archive.register.read() as tx:
        for entry in islice(audit.newest(tx), _BACK):
            said = entry.event.after or {}
            if entry.event.action == "antwoord" and entry.event.actor == archive.actor:
                found.setdefault(str(said.get("vraag")), str(said.get("antwoord")))
    return found


def answered(
    archive: Archive,
    record: EmailMessage | Conversation,
    given: Mapping[str, str],
    earlier: Mapping[str, str],
    at: str,
) -> EmailMessage | Conversation:
    """Lay the answers over a conversation; a mail stays as it is.

    `given` are the answers of this drop, `earlier` those that are remembered, `at` the moment.
    """
    if not isinstance(record, Conversation):
        return record

    def answer(question: str, value: str, basis: str) -> Answer:
        return Answer(question, value, archive.actor, at, basis)

    answers: list[Answer] = []
    owner = _owner(archive, record, given, earlier)
    if owner is not None:
        answers.append(answer(OWNER, *owner))
    zone, basis = record.zone_basis, ASKED
    said = given.get(ZONE)
    if zone_is_open(record):
        if said is None and earlier.get(ZONE) not in (None, UNKNOWN):
            said, basis = earlier[ZONE], REMEMBERED
        if said is not None and (said == UNKNOWN or is_zone(said)):
            answers.append(answer(ZONE, said, basis))
            zone = "user" if said != UNKNOWN else zone
    if record.date_order and record.date_order_basis == "user":
        answers.append(answer(DATE_ORDER, record.date_order, ASKED))
    if given.get(KEY_GIVEN) == YES and any(f.code == _OPENED for f in record.findings):
        answers.append(answer(KEY_GIVEN, YES, ASKED))
    if kept_whole(record):
        answers.append(answer(uninterpreted.KEEP, uninterpreted.YES, ASKED))
    if sealed(record):
        typed = _said(given, record)
        answers += [answer(question, value, ASKED) for question, value in typed.items()]
        record = _typed(record, typed)
    return replace(record, zone_basis=zone, answers=tuple(answers))


def sealed(record: Conversation) -> bool:
    """Tell whether a conversation is kept whole without being read: nothing in it is known."""
    return record.message_count == 0 and record.extract is None and not record.participants


def kept_whole(record: Conversation) -> bool:
    """Tell whether somebody asked to keep a file that no reader understands."""
    return record.format == uninterpreted.FORMAT


def names(value: str) -> tuple[str, ...]:
    """Give the names of a list with semicolons or commas, each once."""
    found = (" ".join(part.split()) for part in re.split(r"[;,\n]", value))
    return tuple(dict.fromkeys(name for name in found if name))[:_MOST_NAMES]


def period(value: str) -> tuple[str, str] | None:
    """Read ``2026-03-01/2026-03-05``, ``1-3-2026 t/m 5-3-2026`` or one day; None when it is none."""
    days: list[str] = []
    for found in _DAY.finditer(value):
        year, month, day = (found[n] or found[n + 3] for n in (1, 2, 3))
        if not found[1]:
            year, day = day, year
        try:
            days.append(date(int(year), int(month), int(day)).isoformat())
        except ValueError:
            return None
    if not 1 <= len(days) <= 2 or days[0] > days[-1]:
        return None
    return days[0], days[-1]


def _said(given: Mapping[str, str], record: Conversation) -> dict[str, str]:
    """Give the facts that were typed, in one form: names with semicolons, a period as ISO 8601."""
    when = period(given.get(PERIOD, ""))
    program = " ".join(given.get(PLATFORM, "").split())[:_LONGEST]
    known = program.casefold() if program.casefold() in PLATFORMS else program
    said = {
        REASON: " ".join(given.get(REASON, "").split()) if kept_whole(record) else "",
        PLATFORM: known if record.format in _NAMELESS else "",
        TITLE: " ".join(given.get(TITLE, "").split()),
        PARTICIPANTS: "; ".join(names(given.get(PARTICIPANTS, ""))),
        PERIOD: "/".join(when) if when else "",
    }
    return {question: value for question, value in said.items() if value}


def _typed(record: Conversation, said: Mapping[str, str]) -> Conversation:
    people = names(said.get(PARTICIPANTS, ""))
    when = period(said.get(PERIOD, ""))
    return replace(
        record,
        title=said.get(TITLE) or record.title,
        platform=said.get(PLATFORM) or record.platform,
        participants=tuple(Participant(name, name) for name in people) or record.participants,
        first=when[0] if when else record.first,
        last=when[1] if when else record.last,
    )


def _owner(
    archive: Archive, record: Conversation, given: Mapping[str, str], earlier: Mapping[str, str]
) -> tuple[str, str] | None:
    """Give whose phone or account it was and how that is known; None when it is open."""
    if given.get(OWNER):
        return given[OWNER], ASKED
    if record.platform not in _OF_ONE_PERSON:
        return None
    for person in record.participants:  # Signal names the account itself
        if person.id.startswith("self:") and person.name not in ("", "self"):
            return person.name, SOURCE
    there = {person.name.casefold(): person.name for person in record.participants}
    for name, basis in ((archive.actor, SOURCE), (earlier.get(OWNER), REMEMBERED)):
        if name and name.casefold() in there:
            return there[name.casefold()], basis
    return None


def zone_is_open(record: Conversation) -> bool:
    """Tell whether the times of this export have no zone."""
    return record.message_count > 0 and record.zone_basis in ("unknown", "assumed")


def owner_of(record: EmailMessage | Conversation, default: str | None) -> str | None:
    """Give whose mailbox, phone or account it came from, as far as it is known.

    `default` is the owner of the drop; of a phone export that is not enough, because a civil servant
    also hands in the phones of others.
    """
    if not isinstance(record, Conversation):
        return default
    said = value_of(record, OWNER)
    asked = record.platform in _OF_ONE_PERSON or kept_whole(record)
    return said if said or asked else default


def value_of(record: Conversation, question: str) -> str | None:
    """Give the answer to a question."""
    return next((a.value for a in record.answers if a.question == question), None)


def open_questions(
    archive: Archive, record: EmailMessage | Conversation, earlier: Mapping[str, str]
) -> tuple[Question, ...]:
    """Give what must still be asked about whose phone it was and the zone; nothing for a mail."""
    if not isinstance(record, Conversation):
        return ()
    said = {answer.question for answer in record.answers}
    asked: list[Question] = []
    if kept_whole(record) and REASON not in said:
        asked.append(Question(REASON, ()))
    if record.format in _NAMELESS:
        if PLATFORM not in said:
            asked.append(Question(PLATFORM, PLATFORMS))
        if TITLE not in said:
            asked.append(Question(TITLE, ()))
    if OWNER not in said and (record.platform in _OF_ONE_PERSON or kept_whole(record)):
        people = [p.name for p in record.participants if p.id != "self"]
        likely = dict.fromkeys([earlier.get(OWNER) or archive.actor, archive.actor, *people])
        asked.append(Question(OWNER, tuple(islice(likely, _MOST))))
    if ZONE not in said and zone_is_open(record):
        asked.append(Question(ZONE, (*ZONES, UNKNOWN)))
    if record.message_count == 0 and record.extract is None:
        typed = (PARTICIPANTS, PERIOD)
        known = {PARTICIPANTS: bool(record.participants), PERIOD: record.first is not None}
        asked += [Question(q, ()) for q in typed if q not in said and not known[q]]
    return tuple(asked)


def events(archive: Archive, item_id: str, record: Conversation) -> list[AuditEvent]:
    """Say in the audit trail what was answered about a conversation, and on what basis."""
    about = f"item:{item_id}"
    said = [
        archive.event(
            "antwoord",
            about,
            after={"vraag": a.question, "antwoord": a.value, "basis": a.basis},
        )
        for a in record.answers
        if a.question not in (uninterpreted.KEEP, REASON)
    ]
    if kept_whole(record):
        why = next(f.params["reden"] for f in record.findings if f.code == uninterpreted.KEPT)
        after = {"sha256": record.sha256, "niet_gelezen": why}
        reason = value_of(record, REASON)
        said.insert(0, archive.event("toch_bewaard", about, after=after, reason=reason))
    return said
