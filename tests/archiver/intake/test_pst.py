from __future__ import annotations

import hashlib
import tracemalloc
from pathlib import Path

import pytest

from archiver.errors import InputRefused
from archiver.intake import containers, pst
from archiver.intake.identify import head_of
from archiver.intake.mime import part_bytes
from archiver.intake.protocol import Head, ParseContext
from archiver.ledger import count
from archiver.model import Address
from tests.helpers.pst_maker import (
    ANSI_TEXT,
    BINARY,
    FORMS,
    INT,
    File,
    Mail,
    StoreMaker,
    moment,
    text,
)
from tests.helpers.pst_stores import OUTER, codes, mails, store


@pytest.mark.parametrize("cipher", [0, 1, 2])
@pytest.mark.parametrize("form", FORMS)
def test_every_layout_and_cipher_gives_the_same_mail(
    tmp_path: Path, form: str, cipher: int
) -> None:
    (mail,) = mails(store(tmp_path, form, cipher))
    assert mail.subject == "Begroting café €"
    assert mail.sender == Address("Jansen, C. (Carla)", "carla@voorbeeld.nl")
    assert mail.to == (Address("Bo", "bo@voorbeeld.nl"),)
    assert mail.cc == (Address("Team Zorg", "zorg@voorbeeld.nl"),)
    assert mail.bcc == (Address("Stille Lezer", None),)
    assert mail.date == "2023-11-14T22:13:20+00:00"
    assert mail.folder == "Boven/Postvak IN"
    assert mail.thread_index == bytes(range(22)).hex()
    assert mail.item_class == "IPM.Note"
    assert [a.name for a in mail.attachments] == [
        "plaatje.png",
        "rapport – definitief.pdf",
        "Binnenste",
        "blad.xls",
        "ver weg.docx",
    ]
    assert mail.body.has_html
    assert mail.body.text_length == len(OUTER.plain or "")
    assert count(mail).attached_messages == 1


@pytest.mark.parametrize("cipher", [0, 1, 2])
@pytest.mark.parametrize("form", FORMS)
def test_another_reader_finds_the_same_in_every_layout_and_cipher(
    tmp_path: Path, form: str, cipher: int
) -> None:
    pypff = pytest.importorskip("pypff", reason="*** libpff ABSENT: .pst was NOT compared ***")
    path = store(tmp_path, form, cipher)
    opened = pypff.file()
    opened.open(str(path))
    folder = opened.get_root_folder().get_sub_folder(0).get_sub_folder(0)
    item = folder.get_sub_message(0)
    (mail,) = mails(path)
    assert (f"Boven/{folder.name}", item.subject) == (mail.folder, mail.subject)
    assert item.number_of_attachments == len(mail.attachments)
    report = item.get_attachment(0)
    data = report.read_buffer(report.get_size())
    assert hashlib.sha256(data).hexdigest() in [a.sha256 for a in mail.attachments]


def test_a_file_of_more_than_64_mb_is_read_with_its_item(tmp_path: Path) -> None:
    data = b"0123456789abcdef" * (4 * 1024 * 1024 + 1)
    path = store(tmp_path, a=Mail("groot", files=[File("groot.bin", data)]))
    mail = mails(path)[1]
    assert [(a.size, a.sha256) for a in mail.attachments] == [
        (len(data), hashlib.sha256(data).hexdigest())
    ]


def test_packed_blocks_of_the_large_layout(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a", tmp_path / "b"
    plain.mkdir()
    packed.mkdir()
    (one,) = mails(store(plain, "4k", cipher=0))
    (other,) = mails(store(packed, "4k", cipher=0, packed=True))
    assert one.sha256 == other.sha256


def test_the_attached_item_comes_out_whole_with_its_own_attachment(tmp_path: Path) -> None:
    (mail,) = mails(store(tmp_path))
    attached = next(a for a in mail.attachments if a.kind == "message")
    assert attached.message is not None
    assert attached.message.subject == "Binnenste"
    (deep,) = attached.message.attachments
    assert deep.sha256 == hashlib.sha256(b"\x00\x01diep" * 50).hexdigest()


def test_every_attachment_keeps_its_bytes(tmp_path: Path) -> None:
    path = store(tmp_path)
    (mail,) = mails(path)
    raw = containers.message_bytes(path, mail.place or "")
    wanted = {file.name: file.data for file in OUTER.files if file.item is None}
    for attachment in mail.attachments:
        if attachment.kind != "message":
            assert part_bytes(raw, attachment.part) == wanted[attachment.name or ""]


def test_an_attachment_of_more_blocks_than_one_list_holds(tmp_path: Path) -> None:
    big = bytes(range(256)) * 40_000  # 10 MB: a list of lists of blocks
    path = store(tmp_path, more=Mail("Groot", files=[File("groot.bin", big)]))
    (attachment,) = mails(path)[1].attachments
    assert attachment.sha256 == hashlib.sha256(big).hexdigest()


def test_the_derived_mail_is_the_same_every_time_and_says_that_it_is_derived(
    tmp_path: Path,
) -> None:
    path = store(tmp_path)
    (mail,) = mails(path)
    raw = containers.message_bytes(path, mail.place or "")
    assert hashlib.sha256(raw).hexdigest() == mail.sha256
    assert len(raw) == mail.size
    assert raw == containers.message_bytes(path, mail.place or "")
    assert "pst.afgeleid" in codes(mail)
    assert b"X-Derived-From: Outlook store" in raw


def test_what_travelled_in_the_header_stays_as_it_was(tmp_path: Path) -> None:
    kept = (
        "Microsoft Mail Internet Headers Version 2.0\r\n"
        "Received: from a by b; Tue, 14 Nov 2023 23:13:21 +0100\r\n"
        "From: =?utf-8?Q?Ren=C3=A9?= <rene@voorbeeld.nl>\r\nTo: ons@voorbeeld.nl\r\n"
        "Date: Tue, 14 Nov 2023 23:13:20 +0100\r\nSubject: Van de draad\r\n"
        "Message-ID: <1@voorbeeld.nl>\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
        "--x\r\nX-Vals: ja\r\n"
    )
    path = store(tmp_path, more=Mail("Uit de eigenschap", plain="hallo", headers=kept, sent=5))
    mail = mails(path)[1]
    assert mail.sender == Address("René", "rene@voorbeeld.nl")
    assert mail.date == "2023-11-14T23:13:20+01:00"
    assert mail.subject == "Van de draad"
    assert mail.message_id == "<1@voorbeeld.nl>"
    raw = containers.message_bytes(path, mail.place or "")
    assert b"X-Original-Content-Type: multipart/mixed; boundary=x" in raw
    assert b"X-Vals" not in raw


def test_a_property_cannot_add_a_header_of_its_own(tmp_path: Path) -> None:
    nasty = Mail(
        "a\r\nBcc: x@kwaad.nl\r\n\r\nbody", plain="p", sender=("a\nX: y", "SMTP", "a@b.nl")
    )
    mail = mails(store(tmp_path, more=nasty))[1]
    assert mail.bcc == ()
    assert mail.subject == "a Bcc: x@kwaad.nl body"


def test_references_to_files_elsewhere_are_said(tmp_path: Path) -> None:
    (mail,) = mails(store(tmp_path))
    (finding,) = [f for f in mail.findings if f.code == "pst.bijlage_verwijzing"]
    assert finding.params["plaats"] == "\\\\server\\map\\ver weg.docx"


def test_other_items_keep_their_class(tmp_path: Path) -> None:
    path = store(tmp_path, more=Mail("Overleg", item_class="IPM.Appointment"))
    mail = mails(path)[1]
    assert mail.item_class == "IPM.Appointment"
    assert "pst.soort" in codes(mail)


def test_the_known_fields_of_an_appointment_and_a_contact_stand_in_the_header(
    tmp_path: Path,
) -> None:
    path = tmp_path / "x.pst"
    guids = [(0x00062002).to_bytes(4, "little") + bytes(12), (0x00062004).to_bytes(4, "little")]
    entries = b"".join(
        number.to_bytes(4, "little") + (where << 1).to_bytes(2, "little") + bytes([place, 0])
        for place, (where, number) in enumerate([(3, 0x820D), (3, 0x8208), (4, 0x8083), (9, 1)])
    )
    with path.open("w+b") as stream:
        maker = StoreMaker(stream)
        names = {2: (BINARY, b"".join(guids)), 3: (BINARY, entries)}
        maker.node(0x61, names, 0)
        top = maker.folder(0x401, "Agenda")
        extra = {0x8000: moment(1_700_000_000), 0x8001: text("Zaal\r\nX-Vals: 1")}
        maker.add(top, Mail("Overleg", item_class="IPM.Appointment", extra=extra))
        extra = {0x8002: text("bo@voorbeeld.nl"), 0x3A16: text("Voorbeeld BV")}
        maker.add(top, Mail("Bo", item_class="IPM.Contact", extra=extra))
        maker.add(top, Mail("Gewoon", extra=extra))
        maker.finish()
    first, second, third = (containers.message_bytes(path, m.place or "") for m in mails(path))
    assert b"\r\nX-Outlook-Start: 2023-11-14T22:13:20+00:00\r\n" in first
    assert b"\r\nX-Outlook-Location: Zaal X-Vals: 1\r\n" in first
    assert b"\r\nX-Outlook-Email-1: bo@voorbeeld.nl\r\n" in second
    assert b"\r\nX-Outlook-Company: Voorbeeld BV\r\n" in second
    assert b"X-Outlook-Company" not in third


def test_old_text_is_read_with_the_code_page_of_the_item(tmp_path: Path) -> None:
    russian = Mail(extra={0x37: (ANSI_TEXT, "Привет".encode("cp1251")), 0x3FFD: (INT, 1251)})
    assert mails(store(tmp_path, "ansi", more=russian))[1].subject == "Привет"


def test_many_people_in_a_table_of_several_blocks(tmp_path: Path) -> None:
    people = [(1, f"n{i}", "SMTP", f"n{i}@v.nl", None) for i in range(150)]
    assert len(mails(store(tmp_path, more=Mail("Allen", people=people)))[1].to) == 150


def test_a_clear_signed_item_is_its_signed_body(tmp_path: Path) -> None:
    body = (
        b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary="g"\r\n'
        b"\r\n--g\r\nContent-Type: text/plain\r\n\r\ngetekend\r\n--g\r\n"
        b"Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nxx\r\n--g--\r\n"
    )
    signed = Mail(
        "Getekend",
        item_class="IPM.Note.SMIME.MultipartSigned",
        files=[File("smime.p7m", body, "multipart/signed")],
    )
    path = store(tmp_path, more=signed)
    mail = mails(path)[1]
    assert mail.signed == "smime"
    assert body in containers.message_bytes(path, mail.place or "")


def test_password_hidden_items_orphans_and_unlisted_items_are_said(tmp_path: Path) -> None:
    path = tmp_path / "x.pst"
    with path.open("w+b") as stream:
        maker = StoreMaker(stream)
        maker.password(0x1234)
        top = maker.folder(0x401, "Boven")
        maker.add(top, Mail("gewoon"))
        maker.add(top, Mail("verwijderd"), listed=False)
        maker.add(0x999 << 5 | 2, Mail("wees"))
        maker.hidden(top)
        maker.finish()
    ordinary, removed, orphan = mails(path)
    assert not {"pst.niet_in_map", "pst.wees"} & set(codes(ordinary))
    assert "pst.niet_in_map" in codes(removed)
    assert "pst.wees" in codes(orphan)
    assert orphan.folder is None
    said = [f.code for f in pst.remarks(path, ParseContext())]
    assert said == ["pst.wachtwoord", "pst.verborgen_items"]


def test_a_place_of_another_store_is_refused(tmp_path: Path) -> None:
    path = store(tmp_path)
    for place in ("pst:0x99999999", "pst:", "pst:zz", "nergens:1"):
        with pytest.raises(InputRefused):
            containers.message_bytes(path, place)


def test_score_is_by_content(tmp_path: Path) -> None:
    path = store(tmp_path)
    assert pst.score(head_of(path)) == 95
    assert pst.score(Head(b"From: a@b.nl\r\n\r\n", 20, "postvak.pst")) == 0


def test_memory_does_not_grow_with_the_store(tmp_path: Path) -> None:
    def peak(items: int) -> int:
        folder = tmp_path / str(items)
        folder.mkdir()
        path = store(
            folder,
            **{f"m{n}": Mail(str(n), files=[File("f", bytes(100_000))]) for n in range(items)},
        )
        tracemalloc.start()
        for _ in pst.parse(path, ParseContext()):
            pass
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    # A tenfold store of 20 MB costs its bounded cache of tree pages and nothing else.
    assert peak(200) - peak(20) < 1_500_000
