"""What msgreader and tika say in their own tests of .msg files, beside what we read."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from archiver.intake import msg
from archiver.intake.protocol import ParseContext
from archiver.model import Address, EmailMessage


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a peer says of a file, and what we say."""

    file: str
    what: str
    theirs: str
    ours: str
    agrees: bool


def facts(corpus: Path) -> Iterator[Fact]:
    """Give every fact about the .msg files of the corpus, those of items inside items included."""
    with (corpus / "MANIFEST.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["format"] in ("msg", "oft")]
    for row in rows:
        record = read(corpus / row["file"])
        expected = [name for name in row["expected_files"].split(";") if name.endswith(".json")]
        if expected:
            said = json.loads((corpus / expected[0]).read_text(encoding="utf-8"))
            yield from _item(row["file"], "", said, record)
        elif row["facts_json"]:
            yield from _tika(row["file"], json.loads(row["facts_json"]), record)


def read(path: Path) -> EmailMessage:
    """Read one file, which must give a message."""
    (record,) = msg.parse(path, ParseContext())
    assert isinstance(record, EmailMessage), path.name
    return record


def _fact(file: str, what: str, theirs: object, ours: object, agrees: bool | None = None) -> Fact:
    same = theirs == ours if agrees is None else agrees
    return Fact(file, what, _shown(theirs), _shown(ours), same)


def _item(file: str, place: str, said: dict[str, Any], record: EmailMessage) -> Iterator[Fact]:
    """Compare one item, then what is attached to it."""
    if "subject" in said:
        yield _fact(file, f"{place}onderwerp", said["subject"], record.subject or "")
    if "messageClass" in said:
        yield _fact(file, f"{place}soort", said["messageClass"], record.item_class)
    if "messageId" in said:
        yield _fact(file, f"{place}bericht-id", said["messageId"], record.message_id)
    if said.get("senderName"):
        yield _fact(file, f"{place}naam afzender", said["senderName"], _name(record.sender))
    if said.get("senderEmail"):
        ours = record.sender.address if record.sender else None
        yield _fact(
            file,
            f"{place}afzender",
            said["senderEmail"],
            ours,
            _same(said, said["senderEmail"], ours),
        )
    moment = said.get("clientSubmitTime") or said.get("messageDeliveryTime")
    if moment:
        theirs = parsedate_to_datetime(moment)
        ours_at = datetime.fromisoformat(record.date) if record.date else None
        yield _fact(file, f"{place}datum", theirs.isoformat(), record.date, theirs == ours_at)
    if said.get("messageDeliveryTime") and said.get("clientSubmitTime") and record.received:
        theirs = parsedate_to_datetime(said["messageDeliveryTime"])
        ours_at = datetime.fromisoformat(record.received)
        yield _fact(
            file, f"{place}ontvangen", theirs.isoformat(), record.received, theirs == ours_at
        )
    if said.get("body"):
        yield _fact(file, f"{place}lengte tekst", len(said["body"]), record.body.text_length)
    yield from _people(file, place, said, record)
    theirs_attached = said.get("attachments", [])
    yield _fact(file, f"{place}aantal bijlagen", len(theirs_attached), len(record.attachments))
    for number, (their, our) in enumerate(
        zip(theirs_attached, record.attachments, strict=False), 1
    ):
        where = f"{place}bijlage {number} "
        name = their.get("fileName") or their.get("fileNameShort") or their.get("name")
        yield _fact(file, f"{where}naam", name, our.name)
        if "contentLength" in their:
            yield _fact(file, f"{where}grootte", their["contentLength"], our.size)
        if their.get("attachMimeTag"):
            yield _fact(file, f"{where}type", their["attachMimeTag"], our.media_type)
        if "innerMsgContentFields" in their:
            assert our.message is not None, (file, where)
            yield from _item(file, where, their["innerMsgContentFields"], our.message)


def _people(file: str, place: str, said: dict[str, Any], record: EmailMessage) -> Iterator[Fact]:
    for kind, ours in (("to", record.to), ("cc", record.cc), ("bcc", record.bcc)):
        theirs = [r for r in said.get("recipients", []) if r.get("recipType") == kind]
        if not theirs:
            continue
        yield _fact(file, f"{place}aantal {kind}", len(theirs), len(ours))
        for number, (their, our) in enumerate(zip(theirs, ours, strict=False), 1):
            yield _fact(file, f"{place}{kind} {number} naam", their.get("name"), our.name)
            email = their.get("smtpAddress") or their.get("email")
            same = _same(said, email, our.address)
            yield _fact(file, f"{place}{kind} {number} adres", email, our.address, same)


def _same(said: dict[str, Any], theirs: str | None, ours: str | None) -> bool:
    """An SMTP address that the peer itself names elsewhere in the item is as good as the X500 one."""
    if theirs == ours or (theirs or "").lower() == (ours or "").lower():
        return True
    named = json.dumps(said, ensure_ascii=False).lower()
    return (theirs or "").lower().startswith("/o=") and bool(ours) and f'"{ours}"'.lower() in named


def _tika(file: str, said: dict[str, Any], record: EmailMessage) -> Iterator[Fact]:
    if "subject" in said:
        yield _fact(file, "onderwerp", said["subject"], record.subject)
    if isinstance(said.get("from"), str):
        sender = f"{_name(record.sender)} <{record.sender.address if record.sender else ''}>"
        yield _fact(file, "afzender", said["from"], sender)
    elif "from" in said:
        pair = [record.sender.name, record.sender.address] if record.sender else []
        yield _fact(file, "afzender", said["from"][0], pair)
    if "from_representing_name" in said:
        yield _fact(file, "naam afzender", said["from_representing_name"], _name(record.sender))
    if "display_to" in said:
        yield _fact(file, "to 1 naam", said["display_to"], "; ".join(map(_name, record.to)))
    if said.get("to_email"):
        ours = "; ".join((a.address or "").lower() for a in record.to)
        yield _fact(file, "to 1 adres", said["to_email"], ours)
    if "date" in said:
        theirs = datetime.fromisoformat(said["date"])
        ours_at = datetime.fromisoformat(record.date) if record.date else None
        yield _fact(file, "datum", theirs.isoformat(), record.date, theirs == ours_at)
    if "submit_date_prefix" in said:
        prefix = said["submit_date_prefix"]
        yield _fact(file, "datum", prefix, record.date, (record.date or "").startswith(prefix))
    if "message_id" in said:
        yield _fact(file, "bericht-id", said["message_id"], record.message_id)
    if "message_class" in said:
        ours = (
            (record.item_class or "")
            .removeprefix("IPM.")
            .replace("StickyNote", "STICKY_NOTE")
            .upper()
        )
        yield _fact(file, "soort", said["message_class"], ours)
    if "conversation_index" in said:
        yield _fact(file, "gespreksindex", said["conversation_index"], record.thread_index)
    if "has_attachments" in said:
        yield _fact(file, "bijlagen", said["has_attachments"], bool(record.attachments))
    if "attachment_names" in said:
        ours_names = [
            f"{a.name} (embedded .msg)" if a.kind == "message" else a.name
            for a in record.attachments
        ]
        yield _fact(file, "namen bijlagen", said["attachment_names"], ours_names)
    if said.get("rtf_contains_encapsulated_html"):
        yield _fact(file, "html", True, record.body.has_html)
    facts_of = {f.code: f.params for f in record.findings}
    for key, param in (("start_prefix", "begin"), ("end_prefix", "eind")):
        if key in said:
            ours = str(facts_of["agenda.afspraak"][param])
            yield _fact(file, param, said[key], ours, ours.startswith(said[key]))


def _name(address: Address | None) -> str:
    return (address.name or "") if address is not None else ""


def _shown(value: object) -> str:
    text = "-" if value is None else str(value)
    text = text if text.isprintable() else text.encode("unicode_escape").decode()
    return (text if len(text) <= 60 else text[:57] + "...").replace("|", "¦")
