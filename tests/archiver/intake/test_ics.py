from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.intake import content, ics, mime
from archiver.intake.protocol import Head, ParseContext
from archiver.ledger import count
from archiver.model import Address, EmailMessage, Span, Unreadable

INVITE = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Amsterdam\r\n"
    b"BEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    b"BEGIN:VEVENT\r\nUID:1@voorbeeld.nl\r\nDTSTAMP:20240305T093000Z\r\n"
    b'ORGANIZER;CN="Vries, Jan de":mailto:jan@voorbeeld.nl\r\n'
    b'ATTENDEE;CN=Fatma;DELEGATED-FROM="mailto:x@v.nl","mailto:y@v.nl";PARTSTAT=NEEDS-ACTION:MAILTO:fatma@voorbeeld.nl\r\n'
    b"ATTENDEE:mailto:bob@voorbeeld.nl\r\n"
    b"DTSTART;TZID=Europe/Amsterdam:20240312T100000\r\nDTEND;TZID=Europe/Amsterdam:20240312T110000\r\n"
    b"SUMMARY:Overleg over de dak\r\n kapel\\, deel 2\r\nLOCATION:Raadzaal\r\n"
    b"DESCRIPTION:Agenda:\\n1. opening\r\n"
    b"ATTACH;ENCODING=BASE64;VALUE=BINARY;FMTTYPE=text/plain;FILENAME=plan.txt:cGxhbg==\r\n"
    b"BEGIN:VALARM\r\nDESCRIPTION:wekker\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def read(raw: bytes, folder: Path) -> EmailMessage:
    path = folder / "uitnodiging.ics"
    path.write_bytes(raw)
    (record,) = ics.parse(path, ParseContext())
    assert isinstance(record, EmailMessage)
    return record


def test_it_is_recognised_by_its_first_line() -> None:
    assert ics.score(Head(INVITE, len(INVITE), "x")) == 90
    assert ics.score(Head(b"\xef\xbb\xbf\r\n" + INVITE, len(INVITE), "x")) == 90
    assert ics.score(Head(b"BEGIN:VCARD\r\n", 13, "x.ics")) == 0


def test_an_invitation(tmp_path: Path) -> None:
    record = read(INVITE, tmp_path)
    assert record.subject == "Overleg over de dakkapel, deel 2"
    assert record.sender == Address("Vries, Jan de", "jan@voorbeeld.nl")
    assert record.to == (Address("Fatma", "fatma@voorbeeld.nl"), Address(None, "bob@voorbeeld.nl"))
    assert record.date == "2024-03-05T09:30:00+00:00"
    assert {f.code: dict(f.params) for f in record.findings} == {
        "agenda.afspraak": {
            "begin": "2024-03-12T10:00:00 (Europe/Amsterdam)",
            "eind": "2024-03-12T11:00:00 (Europe/Amsterdam)",
            "plaats": "Raadzaal",
        },
        "agenda.uitnodiging": {
            "methode": "REQUEST",
            "organisator": "Vries, Jan de",
            "onderwerp": "Overleg over de dakkapel, deel 2",
        },
    }
    (attachment,) = record.attachments
    assert (attachment.name, attachment.media_type) == ("plan.txt", "text/plain")
    assert attachment.sha256 == hashlib.sha256(b"plan").hexdigest()
    assert content.part_bytes(INVITE, "1") == b"plan"
    assert count(record).attachments == 1
    text = content.readable(INVITE).plain
    assert "1. opening" in text
    assert "wekker" not in text
    assert ("LOCATION", "Raadzaal") in content.all_fields(INVITE)


def test_a_task_and_a_whole_day() -> None:
    raw = b"BEGIN:VCALENDAR\nBEGIN:VTODO\nDUE;VALUE=DATE:20240415\nSUMMARY:Aangifte\nEND:VTODO\nEND:VCALENDAR"
    findings = {f.code: dict(f.params) for f in ics.findings_of(ics.read_calendar(raw))}
    assert findings["agenda.taak"] == {"begin": "", "eind": "2024-04-15"}


def test_more_than_one_and_a_missing_end_are_said(tmp_path: Path) -> None:
    one = b"BEGIN:VEVENT\r\nSUMMARY:a\r\nEND:VEVENT\r\n"
    record = read(b"BEGIN:VCALENDAR\r\n" + one * 3, tmp_path)
    assert [f.code for f in record.findings] == [
        *("agenda.afspraak", "agenda.uitnodiging", "agenda.meer", "agenda.afgekapt"),
        "mail.datum_ontbreekt",
    ]


def test_a_calendar_without_appointments_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "leeg.ics"
    path.write_bytes(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    (refused,) = ics.parse(path, ParseContext())
    assert isinstance(refused, Unreadable)
    assert [f.code for f in refused.findings] == ["agenda.leeg"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("20240305T093000Z", "2024-03-05T09:30:00+00:00"),
        ("20240305T093000", "2024-03-05T09:30:00"),
        ("20240305", "2024-03-05"),
        ("20241305", None),
        ("gisteren", None),
    ],
)
def test_times(value: str, expected: str | None) -> None:
    part = ics.Component("VEVENT", [ics.Property("DTSTART", {}, value)])
    assert ics.time_of(part, "DTSTART") == expected


def test_an_invitation_in_a_mail_gives_its_facts() -> None:
    raw = b"From: a@b.nl\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\n" + INVITE
    record = mime.read_message(raw, format="eml", index=0, span=Span(0, len(raw)))
    assert record.attachments[0].kind == "calendar"
    found = {f.code: f for f in record.findings}
    assert found["agenda.uitnodiging"].params["onderwerp"] == "Overleg over de dakkapel, deel 2"
    assert found["agenda.afspraak"].place == record.attachments[0].part


@given(
    st.binary(max_size=400)
    | st.text('BEGIN:VCALENDARVEVENT;="\\\r\n T', max_size=400).map(str.encode)
)
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read(data: bytes) -> None:
    raw = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + data
    list(ics.findings_of(ics.read_calendar(raw)))
    content.readable(raw)
