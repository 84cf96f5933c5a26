from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.intake import codepages, content, mime, msg, rtf
from archiver.intake.compound import Entry
from archiver.intake.protocol import Head, Limits, ParseContext
from archiver.ledger import count
from archiver.model import Address, EmailMessage, Span, Unreadable
from archiver.wire import from_wire, to_wire
from tests.helpers import outlook

SENT = datetime(2024, 3, 5, 9, 30, tzinfo=UTC)
LATER = datetime(2024, 3, 5, 9, 31, tzinfo=UTC)
HEADER = (
    "Received: from mx.voorbeeld.nl by post.voorbeeld.nl; Tue, 5 Mar 2024 10:30:09 +0100\r\n"
    "From: Jan de Vries <jan@voorbeeld.nl>\r\nTo: Fatma Yilmaz <fatma@voorbeeld.nl>\r\n"
    "Date: Tue, 5 Mar 2024 10:30:02 +0100\r\nMessage-ID: <1@voorbeeld.nl>\r\n"
    "References: <0@voorbeeld.nl>\r\n\r\n"
)
MAIL = {
    0x001A: "IPM.Note",
    0x0037: "Besluit over de dakkapel",
    0x0039: SENT,
    0x0E06: LATER,
    0x0042: "Jan de Vries",
    0x0064: "SMTP",
    0x0065: "jan@voorbeeld.nl",
    0x1000: "Beste Fatma,\r\n\r\nHet besluit is genomen en de brief gaat vandaag uit.\r\n",
}
TO = {0x0C15: 1, 0x3001: "Fatma Yilmaz", 0x3002: "SMTP", 0x3003: "fatma@voorbeeld.nl"}
EX = "/o=Voorbeeld/ou=Groep/cn=Recipients/cn=fatma"


def read(raw: bytes, folder: Path, **answers: str) -> EmailMessage:
    path = folder / "bericht.msg"
    path.write_bytes(raw)
    context = ParseContext(answers=answers)
    (record,) = (codepages.answered(r, path, context) for r in msg.parse(path, context))
    assert isinstance(record, EmailMessage)
    assert from_wire(to_wire(record)) == record
    for attachment in record.attachments:
        data = content.part_bytes(raw, attachment.part)
        assert (len(data), hashlib.sha256(data).hexdigest()) == (attachment.size, attachment.sha256)
    return record


def codes(record: EmailMessage) -> list[str]:
    return [f.code for f in record.findings]


def test_it_is_recognised_by_content_and_never_by_name() -> None:
    raw = outlook.msg(MAIL)
    assert msg.score(Head(raw[:65_536], len(raw), "brief.doc")) == 90
    assert msg.score(Head(b"From: a@b.nl\r\n\r\nx", 20, "brief.msg")) == 0
    other = outlook.write_compound(Entry("", children={"worddocument": Entry("WordDocument")}))
    assert msg.score(Head(other, len(other), "brief.msg")) == 0


def test_an_item_whose_names_stand_late_in_the_file_is_recognised(tmp_path: Path) -> None:
    raw = outlook.msg(MAIL, attachments=[outlook.file("a.bin", b"\0" * 200_000)])
    # Writers are free to put the directory at the end.
    path = tmp_path / "x.bin"
    path.write_bytes(raw)
    head = Head(raw[:512], len(raw), "x.bin")
    assert msg.score(head) == 0
    assert msg.score_path(path, head) == 90


def test_a_mail_with_its_header_and_the_zone_of_the_sender(tmp_path: Path) -> None:
    raw = outlook.msg({**MAIL, 0x007D: HEADER, 0x0071: bytes(range(22))}, [TO])
    record = read(raw, tmp_path)
    assert (record.format, record.span) == ("msg", Span(0, len(raw)))
    assert record.sha256 == hashlib.sha256(raw).hexdigest()
    assert record.subject == "Besluit over de dakkapel"
    assert record.sender == Address("Jan de Vries", "jan@voorbeeld.nl")
    assert record.to == (Address("Fatma Yilmaz", "fatma@voorbeeld.nl"),)
    assert record.date == "2024-03-05T10:30:02+01:00"
    assert record.date_raw == "Tue, 5 Mar 2024 10:30:02 +0100"
    assert record.received == "2024-03-05T10:30:09+01:00"
    assert record.message_id == "<1@voorbeeld.nl>"
    assert record.references == ("<0@voorbeeld.nl>",)
    assert record.thread_index == bytes(range(22)).hex()
    assert record.item_class == "IPM.Note"
    assert record.language == "nl"
    assert codes(record) == []
    assert dict(msg.all_fields(raw))["Message-ID"] == "<1@voorbeeld.nl>"


def test_the_thread_index_of_a_mail_is_that_of_the_outlook_item() -> None:
    raw = b"From: a@b.nl\r\nThread-Index: AAECAwQFBgcICQoLDA0ODxAREhMUFQ==\r\n\r\nx"
    record = mime.read_message(raw, format="eml", index=0, span=Span(0, len(raw)))
    assert record.thread_index == bytes(range(22)).hex()
    broken = mime.read_message(raw.replace(b"==", b"*"), format="eml", index=0, span=Span(0, 1))
    assert broken.thread_index is None


def test_without_a_header_the_time_is_that_of_the_properties_in_utc(tmp_path: Path) -> None:
    record = read(outlook.msg(MAIL, [TO, {**TO, 0x0C15: 2}, {**TO, 0x0C15: 3}]), tmp_path)
    assert record.date == "2024-03-05T09:30:00+00:00"
    assert record.received == "2024-03-05T09:31:00+00:00"
    assert len(record.to) == len(record.cc) == len(record.bcc) == 1


def test_a_draft_gets_the_time_of_saving_and_says_so(tmp_path: Path) -> None:
    draft = {k: v for k, v in MAIL.items() if k != 0x0039}
    record = read(outlook.msg(draft), tmp_path)
    assert record.date == "2024-03-05T09:31:00+00:00"
    assert "msg.datum_uit_aflevering" in codes(record)


def test_the_year_4501_is_no_date(tmp_path: Path) -> None:
    never = {
        **MAIL,
        0x0039: datetime(4501, 1, 1, tzinfo=UTC),
        0x0E06: datetime(4501, 1, 1, tzinfo=UTC),
    }
    record = read(outlook.msg(never), tmp_path)
    assert record.date is None
    assert "mail.datum_ontbreekt" in codes(record)


def test_the_smtp_address_behind_an_exchange_address(tmp_path: Path) -> None:
    sender = {0x0C1A: "Jan", 0x0C1E: "EX", 0x0C1F: "/o=V/cn=jan", 0x5D01: "jan@voorbeeld.nl"}
    base = {0x001A: "IPM.Note", 0x0039: SENT}
    row = {0x0C15: 1, 0x3001: "Fatma", 0x3002: "EX", 0x3003: EX, 0x39FE: "fatma@voorbeeld.nl"}
    record = read(outlook.msg({**base, **sender}, [row]), tmp_path)
    assert record.sender == Address("Jan", "jan@voorbeeld.nl")
    assert record.to == (Address("Fatma", "fatma@voorbeeld.nl"),)


def test_an_exchange_address_is_looked_up_in_the_header_by_name(tmp_path: Path) -> None:
    row = {0x0C15: 1, 0x3001: "Fatma Yilmaz", 0x3002: "EX", 0x3003: EX}
    record = read(outlook.msg({**MAIL, 0x007D: HEADER}, [row]), tmp_path)
    assert record.to == (Address("Fatma Yilmaz", "fatma@voorbeeld.nl"),)


def test_an_exchange_address_that_nobody_explains_stays_and_is_said(tmp_path: Path) -> None:
    record = read(outlook.msg(MAIL, [{0x0C15: 1, 0x3001: "F", 0x3003: EX}]), tmp_path)
    assert record.to == (Address("F", EX),)
    assert "msg.adres_zonder_smtp" in codes(record)


def test_sent_on_behalf_of_somebody_is_said(tmp_path: Path) -> None:
    record = read(outlook.msg({**MAIL, 0x0C1A: "Secretariaat", 0x0C1F: "s@voorbeeld.nl"}), tmp_path)
    assert record.sender == Address("Jan de Vries", "jan@voorbeeld.nl")
    assert [dict(f.params) for f in record.findings if f.code == "msg.namens"] == [
        {"verzender": "Secretariaat", "namens": "Jan de Vries"}
    ]


def test_old_text_is_read_with_the_page_that_fits(tmp_path: Path) -> None:
    text = {0x001A: "IPM.Note", 0x0037: "会議の件 - 件名", 0x0039: SENT, 0x3FDE: 50220}
    record = read(outlook.msg(text, codec="cp932"), tmp_path)
    assert record.subject == "会議の件 - 件名"
    assert "msg.codepagina_geraden" not in codes(record)


def test_the_user_can_choose_the_page(tmp_path: Path) -> None:
    text = {0x001A: "IPM.Note", 0x0037: "Привет, мир", 0x3FDE: 1252}
    raw = outlook.msg(text, codec="cp1251")
    assert read(raw, tmp_path).subject == "Ïðèâåò, ìèð"
    chosen = read(raw, tmp_path, codepage="cp1251")
    assert chosen.subject == "Привет, мир"
    # The choice stays with the record, so that the text is read the same way later.
    assert content.chosen_codepage(chosen) == "cp1251"
    body = outlook.msg({**text, 0x1000: "Добрый день"}, codec="cp1251")
    assert content.readable(body, "cp1251").plain == "Добрый день"


def test_a_page_that_is_a_guess_is_said(tmp_path: Path) -> None:
    record = read(outlook.msg({0x0037: "Добрый день, коллеги"}, codec="cp1251"), tmp_path)
    assert record.subject == "Добрый день, коллеги"
    assert "msg.codepagina_geraden" in codes(record)


def test_a_nul_at_the_end_is_no_part_of_the_subject(tmp_path: Path) -> None:
    assert read(outlook.msg({**MAIL, 0x0037: "Onderwerp\0"}), tmp_path).subject == "Onderwerp"


def test_attachments_keep_every_byte_and_their_order(tmp_path: Path) -> None:
    files = [outlook.file(f"{n}.bin", bytes([n]) * (n * 1_000)) for n in range(12)]
    record = read(outlook.msg(MAIL, attachments=files), tmp_path)
    assert [a.name for a in record.attachments] == [f"{n}.bin" for n in range(12)]
    assert record.parts == 13
    assert record.attachments[5].sha256 == hashlib.sha256(bytes([5]) * 5_000).hexdigest()


def test_a_picture_that_the_body_shows_is_inline(tmp_path: Path) -> None:
    html = b'<p>Zie <img src="cid:een@x"></p>'
    files = [
        outlook.file("een.png", b"1", p370E="image/png", p3712="een@x"),
        outlook.file("twee.png", b"2", p370E="image/png", p3712="twee@x"),
        outlook.file("drie.png", b"3", p7FFE=True),
    ]
    record = read(outlook.msg({**MAIL, 0x1013: html}, attachments=files), tmp_path)
    assert [a.inline for a in record.attachments] == [True, False, True]
    assert record.body.has_html


def test_an_attachment_that_is_elsewhere_or_empty_is_said(tmp_path: Path) -> None:
    files = [
        outlook.attached({0x3705: 4, 0x3707: "plan.docx", 0x370D: "\\\\schijf\\plan.docx"}),
        outlook.attached({0x3705: 7, 0x3707: "wolk.docx"}),
        outlook.attached({0x3705: 1, 0x3707: "weg.docx"}),
    ]
    record = read(outlook.msg(MAIL, attachments=files), tmp_path)
    assert [a.size for a in record.attachments] == [0, 0, 0]
    assert codes(record).count("msg.bijlage_elders") == 2
    assert codes(record).count("msg.bijlage_leeg") == 1


def nested(levels: int) -> bytes:
    inner = outlook.item({**MAIL, 0x0037: "laag 0"}, [TO], [outlook.file("diep.txt", b"diep")])
    for level in range(1, levels):
        holder = outlook.attached({0x3705: 5}, inside=inner)
        inner = outlook.item({**MAIL, 0x0037: f"laag {level}"}, [TO], [holder])
    return outlook.msg(
        MAIL, [TO], [outlook.attached({0x3705: 5, 0x3001: "ingesloten"}, inside=inner)]
    )


def test_attached_items_are_messages_with_bytes_of_their_own(tmp_path: Path) -> None:
    raw = nested(3)
    record = read(raw, tmp_path)
    assert count(record).attached_messages == 3
    assert codes(record) == ["msg.bijlage_afgeleid"]
    data, message = raw, record
    for level in (2, 1, 0):
        (attachment,) = message.attachments
        assert attachment.kind == "message"
        data = content.part_bytes(data, attachment.part)
        assert hashlib.sha256(data).hexdigest() == attachment.sha256
        assert attachment.message is not None
        message = attachment.message
        assert message.subject == f"laag {level}"
        assert message.to == (Address("Fatma Yilmaz", "fatma@voorbeeld.nl"),)
        # The derived file read by itself says the same as the item read inside.
        assert msg.read_message(data) == message
    assert content.part_bytes(data, "1") == b"diep"


def test_a_derived_item_opens_in_another_program() -> None:
    import extract_msg

    data = msg.part_bytes(nested(2), "1")
    with extract_msg.openMsg(data) as opened:
        assert opened.subject == "laag 1"
        assert opened.attachments[0].data.subject == "laag 0"


def test_nesting_beyond_the_limit_is_said(tmp_path: Path) -> None:
    path = tmp_path / "diep.msg"
    path.write_bytes(nested(60))
    (record,) = msg.parse(path, ParseContext())
    assert isinstance(record, EmailMessage)
    assert count(record).attached_messages == 50
    found: list[str] = []
    while record.attachments and record.attachments[0].message is not None:
        record = record.attachments[0].message
        found += codes(record)
    assert "mail.te_diep" in found


def test_an_ole_object_is_a_file_of_its_own(tmp_path: Path) -> None:
    inside = Entry("", bytes(range(16)), {"contents": Entry("CONTENTS", size=3, data=b"abc")})
    holder = outlook.attached({0x3705: 6, 0x3001: "Tekening"}, inside=inside)
    raw = outlook.msg(MAIL, attachments=[holder])
    record = read(raw, tmp_path)
    assert record.attachments[0].media_type == "application/x-ole-storage"
    opened = outlook_root(msg.part_bytes(raw, "1"))
    assert opened["contents"] == b"abc"
    assert "msg.ole_object" in codes(record)


def outlook_root(raw: bytes) -> dict[str, bytes]:
    found = msg.open_compound(raw)
    return {k: found.read(e) for k, e in (found.root.children or {}).items()}


def test_mail_inside_is_read_further_whatever_it_is(tmp_path: Path) -> None:
    eml = b"From: a@voorbeeld.nl\r\nTo: b@voorbeeld.nl\r\nSubject: ingesloten\r\n\r\ntekst"
    attributes = [(1, 0x18004, b"uit winmail\0"), (2, 0x69002, bytes(14)), (2, 0x6800F, b"inhoud")]
    files = [
        outlook.file("brief.eml", eml),
        outlook.file("als-type", eml, p370E="message/rfc822"),
        outlook.file("kopie.msg", outlook.msg({**MAIL, 0x0037: "los bestand"})),
        outlook.file("winmail.dat", outlook.tnef(*attributes)),
        outlook.file("geen.msg", b"gewone tekst"),
        outlook.file(
            "invite.ics",
            b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Overleg\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        ),
    ]
    record = read(outlook.msg(MAIL, attachments=files), tmp_path)
    assert [a.kind for a in record.attachments] == [
        *("message", "message", "message", "tnef", "file", "calendar")
    ]
    assert [a.message.subject if a.message else None for a in record.attachments] == [
        *("ingesloten", "ingesloten", "los bestand", "uit winmail", None, None)
    ]
    assert count(record).attachments == 7
    assert count(record).attached_messages == 3
    assert "agenda.uitnodiging" in codes(record)


def test_an_outlook_item_attached_to_a_mail_is_read_further() -> None:
    import base64

    item = outlook.msg({**MAIL, 0x0037: "in de mail"}, attachments=[outlook.file("a.txt", b"a")])
    raw = (
        b"From: a@voorbeeld.nl\r\nMIME-Version: 1.0\r\nContent-Type: application/vnd.ms-outlook;\r\n"
        b' name="bericht.msg"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        + base64.encodebytes(item)
    )
    record = mime.read_message(raw, format="eml", index=0, span=Span(0, len(raw)))
    (attachment,) = record.attachments
    assert attachment.kind == "message"
    assert attachment.message is not None
    assert attachment.message.subject == "in de mail"
    assert content.part_bytes(content.part_bytes(raw, "1"), "1") == b"a"
    assert count(record).attachments == 2


SIGNED = bytes.fromhex("308006092a864886f70d010702a080") + b"inhoud"
ENVELOPED = bytes.fromhex("308006092a864886f70d010703a080") + b"inhoud"


@pytest.mark.parametrize(
    ("data", "signed", "encrypted"), [(SIGNED, "smime", None), (ENVELOPED, None, "smime")]
)
def test_the_raw_smime_file_is_kept(
    data: bytes, signed: str | None, encrypted: str | None, tmp_path: Path
) -> None:
    files = [outlook.file("smime.p7m", data, p370E="application/pkcs7-mime")]
    record = read(outlook.msg({**MAIL, 0x001A: "IPM.Note.SMIME"}, attachments=files), tmp_path)
    assert (record.signed, record.encrypted) == (signed, encrypted)
    assert [a.name for a in record.attachments] == ["smime.p7m"]
    assert ("mail.versleuteld" in codes(record)) == bool(encrypted)


def test_what_a_clear_signature_wraps_is_read_further(tmp_path: Path) -> None:
    wrapped = (
        b'Content-Type: multipart/signed; protocol="application/x-pkcs7-signature"; boundary=b\r\n\r\n'
        b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: text/plain\r\n\r\n"
        b"getekende tekst\r\n--c\r\nContent-Disposition: attachment; filename=plan.txt\r\n\r\nplan\r\n"
        b"--c--\r\n"
        b"--b\r\nContent-Type: application/x-pkcs7-signature; name=smime.p7s\r\n\r\nx\r\n--b--\r\n"
    )
    item = {k: v for k, v in MAIL.items() if k != 0x1000}
    item[0x001A] = "IPM.Note.SMIME.MultipartSigned"
    raw = outlook.msg(
        item, attachments=[outlook.file("smime.p7m", wrapped, p370E="multipart/signed")]
    )
    record = read(raw, tmp_path)
    assert record.signed == "smime"
    (wrapper,) = record.attachments
    assert wrapper.message is not None
    assert [a.name for a in wrapper.message.attachments] == ["plan.txt", "smime.p7s"]
    assert content.readable(raw).plain.strip() == "getekende tekst"


RICH = rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Arial;}}\f0 Caf\'e9 is \b open\b0\par}"


def packed(text: bytes) -> bytes:
    return (
        (len(text) + 12).to_bytes(4, "little")
        + len(text).to_bytes(4, "little")
        + b"MELA\0\0\0\0"
        + text
    )


def test_a_body_that_is_only_rtf_is_said_and_read_on_demand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = {k: v for k, v in MAIL.items() if k != 0x1000}
    raw = outlook.msg({**item, 0x1009: packed(RICH)})
    assert content.readable(raw).plain.strip() == "Café is open"

    def never(*_: object) -> None:
        raise AssertionError("RTF is never converted during intake")

    monkeypatch.setattr(rtf, "convert", never)
    record = read(raw, tmp_path)
    assert codes(record) == ["msg.alleen_rtf"]
    assert record.body.text_sha256 is None


def test_html_inside_rtf_comes_back(tmp_path: Path) -> None:
    text = rb"{\rtf1\ansi\fromhtml1 {\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Dag{\*\htmltag72 </p>}}}"
    raw = outlook.msg({**MAIL, 0x1009: packed(text)})
    assert read(raw, tmp_path).body.has_html
    assert content.readable(raw).html == "<p>Dag</p>"


APPOINTMENT = "0220060000000000c000000000000046"


def test_a_meeting_keeps_its_class_and_its_time(tmp_path: Path) -> None:
    item = {**MAIL, 0x001A: "IPM.Schedule.Meeting.Request"}
    item |= {0x8000: "Raadzaal", 0x8001: SENT, 0x8002: LATER}
    names = [(APPOINTMENT, 0x8208), (APPOINTMENT, 0x820D), (APPOINTMENT, 0x820E)]
    record = read(outlook.msg(item, [TO], names=names), tmp_path)
    assert record.item_class == "IPM.Schedule.Meeting.Request"
    assert {f.code: dict(f.params) for f in record.findings} == {
        "msg.soort": {"soort": "IPM.Schedule.Meeting.Request"},
        "agenda.afspraak": {
            "begin": "2024-03-05T09:30:00+00:00",
            "eind": "2024-03-05T09:31:00+00:00",
            "plaats": "Raadzaal",
        },
    }


def test_a_template_is_said_to_be_one(tmp_path: Path) -> None:
    root = outlook.item(MAIL, header=32)
    root.clsid = msg.TEMPLATE_CLSID
    assert codes(read(outlook.write_compound(root), tmp_path)) == ["msg.sjabloon"]
    assert codes(read(outlook.msg(MAIL), tmp_path)) == []


def test_a_report_keeps_its_class(tmp_path: Path) -> None:
    record = read(outlook.msg({**MAIL, 0x001A: "REPORT.IPM.Note.NDR"}), tmp_path)
    assert record.item_class == "REPORT.IPM.Note.NDR"
    assert "msg.soort" in codes(record)


def test_a_damaged_file_gives_what_is_left_and_a_file_without_directory_is_refused(
    tmp_path: Path,
) -> None:
    raw = outlook.msg(
        {**MAIL, 0x1000: "tekst " * 5_000}, attachments=[outlook.file("a", b"a" * 9_000)]
    )
    record = read(raw[:-12_000], tmp_path)
    assert "msg.beschadigd" in codes(record)
    path = tmp_path / "kapot.msg"
    path.write_bytes(raw[:600])
    (refused,) = msg.parse(path, ParseContext())
    assert isinstance(refused, Unreadable)
    assert [f.code for f in refused.findings] == ["msg.onleesbaar"]


def test_a_file_above_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "groot.msg"
    path.write_bytes(outlook.msg(MAIL))
    (refused,) = msg.parse(path, ParseContext(limits=replace(Limits(), message_bytes=100)))
    assert isinstance(refused, Unreadable)


BASE = nested(2)


@given(
    st.lists(st.tuples(st.integers(0, len(BASE) - 1), st.integers(0, 255)), max_size=30),
    st.integers(0, len(BASE)),
)
@settings(max_examples=300, deadline=2_000, suppress_health_check=[HealthCheck.too_slow])
def test_changed_bytes_never_stop_it(changes: list[tuple[int, int]], end: int) -> None:
    raw = bytearray(BASE)
    for place, value in changes:
        raw[place] = value
    mutated = bytes(raw[:end]) if end % 3 == 0 else bytes(raw)
    record = msg.read_message(mutated)
    count(record)
    for attachment in record.attachments:
        data = msg.part_bytes(mutated, attachment.part)
        assert hashlib.sha256(data).hexdigest() == attachment.sha256
    msg.all_fields(mutated)
