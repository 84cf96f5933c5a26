"""What a report says to who reads it: not delivered to whom and why, opened by whom, content where."""

from __future__ import annotations

from archiver.intake.mime import read_message
from archiver.intake.protocol import Limits
from archiver.intake.reports import said, without_files
from archiver.model import Span
from archiver.services.reading import read_mail
from tests.helpers import outlook

HEAD = b"From: post@b.example\r\nDate: Tue, 17 Nov 2026 14:52:00 +0100\r\nMIME-Version: 1.0\r\n"


def told(kind: bytes, body: bytes) -> list[tuple[str, dict[str, str | int]]]:
    raw = HEAD + b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\r\nTekst.\r\n"
    raw += b"--b\r\nContent-Type: " + kind + b"\r\n\r\n" + body + b"\r\n--b--\r\n"
    record = read_message(raw, format="eml", index=0, span=Span(0, len(raw)), limits=Limits())
    return [(f.code, dict(f.params)) for f in said(record, raw, Limits())]


def test_a_delivery_report_names_each_address_with_the_reason() -> None:
    body = (
        b"Reporting-MTA: dns; mail.b.example\r\n\r\n"
        b"Final-Recipient: rfc822; jan@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        b"Diagnostic-Code: smtp; 550 5.1.1 no such\r\n  user here\r\n\r\n"
        b"Original-Recipient: rfc822;piet@b.example\r\nAction: delayed\r\nStatus: 4.4.7\r\n\r\n\r\n"
        b"Final-Recipient: rfc822; els@b.example\r\nAction: relayed\r\nStatus: 2.0.0\r\n"
    )
    expected = [
        (
            "rapport.niet_bezorgd",
            {"adres": "jan@b.example", "reden": "550 5.1.1 no such user here"},
        ),
        ("rapport.vertraagd", {"adres": "piet@b.example", "reden": "4.4.7"}),
        ("rapport.bezorgd", {"adres": "els@b.example"}),
    ]
    assert told(b"message/delivery-status", body) == expected
    assert told(b"message/global-delivery-status", body) == expected


def test_a_report_without_an_action_is_read_by_its_status() -> None:
    body = (
        b"Reporting-MTA: dns; x\r\n\r\nOriginal-Recipient:rfc822;jan@b.example\r\nStatus:5.5.0\r\n"
    )
    assert told(b"message/delivery-status", body) == [
        ("rapport.niet_bezorgd", {"adres": "jan@b.example", "reden": "5.5.0"})
    ]
    assert told(b"message/delivery-status", b"\xff\xfe") == []
    many = b"\r\n\r\n".join(
        b"Final-Recipient: rfc822; %d@b.example\r\nAction: failed" % n for n in range(500)
    )
    assert len(told(b"message/delivery-status", many)) == 20


def test_a_read_receipt_says_who_opened_it_or_deleted_it() -> None:
    body = b"Final-Recipient: rfc822;jan@b.example\r\nDisposition: manual-action/MDN-sent-manually; %s\r\n"
    for word, code in (
        (b"displayed", "rapport.gelezen"),
        (b"deleted/error", "rapport.ongelezen_gewist"),
        (b"processed", "rapport.ontvangen"),
    ):
        found = told(b"message/disposition-notification", body % word)
        assert found == [(code, {"adres": "jan@b.example"})]


def test_content_elsewhere_has_its_place() -> None:
    ftp = b'message/external-body; access-type=ANON-FTP; site="ftp.b.example"; directory="/pub/"; name="a.ps"'
    url = b'message/external-body; access-type=URL; url="https://b.example/a b"'
    assert told(ftp, b"Content-Type: text/plain\r\n\r\n") == [
        ("rapport.elders", {"plaats": "ftp.b.example/pub/a.ps"})
    ]
    assert told(url, b"Content-Type: text/plain\r\n\r\n") == [
        ("rapport.elders", {"plaats": "https://b.example/a b"})
    ]


def test_a_report_that_outlook_kept_says_the_same() -> None:
    report = b"Final-Recipient: rfc822;jan@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    part = outlook.file("details.txt", report, p370E="message/delivery-status")
    raw = outlook.msg({0x001A: "REPORT.IPM.Note.NDR", 0x0037: "x"}, (), [part])
    from archiver.intake import msg

    reading = read_mail(msg.read_message(raw), raw)
    assert [f.code for f in reading.said] == ["rapport.niet_bezorgd"]


def test_a_file_in_the_text_is_not_read_as_text() -> None:
    text = "Dag,\n=ybegin line=128 size=3 name=a.bin\nR\x9b\x9c\n=yend size=3\nGroet\n"
    text += "begin 644 b.txt\n#:&]I\n`\nend\n"
    raw = HEAD + b"\r\n" + text.encode("latin-1")
    record = read_message(raw, format="eml", index=0, span=Span(0, len(raw)), limits=Limits())
    assert [a.name for a in record.attachments] == ["b.txt", "a.bin"]
    assert without_files(text, record.attachments) == "Dag,\n[a.bin]\nGroet\n[b.txt]\n"
    assert without_files(text, ()) == text, "what was not found as a file stays"
