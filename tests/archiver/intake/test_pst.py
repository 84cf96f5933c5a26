from __future__ import annotations

import hashlib
import io
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.errors import InputRefused
from archiver.intake import containers, pst
from archiver.intake.identify import head_of
from archiver.intake.mime import part_bytes
from archiver.intake.protocol import Head, Limits, ParseContext
from archiver.ledger import count
from archiver.model import Address, EmailMessage, Record, Unreadable
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

INNER = Mail(
    "Binnenste",
    plain="dieper",
    sender=("Ada", "SMTP", "ada@voorbeeld.nl"),
    files=[File("diep.bin", b"\x00\x01diep" * 50)],
)
OUTER = Mail(
    "Begroting café €",
    plain="Beste Bo,\r\n\r\nzie bijlage.\r\n",
    html=b"<html><body>zie <img src='cid:plaatje'></body></html>",
    sender=("Jansen, C. (Carla)", "SMTP", "carla@voorbeeld.nl"),
    people=[
        (1, "Bo", "SMTP", "bo@voorbeeld.nl", None),
        (2, "Team Zorg", "EX", "/o=org/cn=zorg", "zorg@voorbeeld.nl"),
        (3, "Stille Lezer", "EX", "/o=org/cn=stil", None),
    ],
    sent=1_700_000_000,
    files=[
        File("rapport – definitief.pdf", b"%PDF" + bytes(range(256)) * 200, "application/pdf"),
        File("plaatje.png", b"\x89PNG", "image/png", content_id="plaatje"),
        File("Binnenste", item=INNER),
        File("blad.xls", b"\xd0\xcf\x11\xe0ole", ole=True),
        File("ver weg.docx", path="\\\\server\\map\\ver weg.docx"),
    ],
    extra={
        0x1035: (BINARY, b""),
        0x0071: (BINARY, bytes(range(22))),
        0x0E06: (0x40, (133_444_736_000_000_000).to_bytes(8, "little")),
    },
)


def store(
    folder: Path, form: str = "unicode", cipher: int = 1, packed: bool = False, **more: Mail
) -> Path:
    path = folder / "postvak.pst"
    with path.open("w+b") as stream:
        maker = StoreMaker(stream, form, cipher, packed)
        top = maker.folder(0x401, "Boven")
        inbox = maker.folder(0x402, "Postvak IN", top)
        maker.add(inbox, OUTER)
        for mail in more.values():
            maker.add(inbox, mail)
        maker.finish()
    return path


def mails(path: Path, limits: Limits | None = None) -> list[EmailMessage]:
    found = records(path, limits)
    assert all(isinstance(r, EmailMessage) for r in found), found
    return [r for r in found if isinstance(r, EmailMessage)]


def records(path: Path, limits: Limits | None = None) -> list[Record]:
    return list(pst.parse(path, ParseContext(limits or Limits())))


def codes(record: EmailMessage | Unreadable) -> list[str]:
    return [f.code for f in record.findings]


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
        maker._write_node(0x61, names, 0)
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


def test_remains_of_deleted_items_are_counted(tmp_path: Path) -> None:
    path = store(tmp_path)
    older = path.read_bytes()
    pages = _pages(older, 0x81)
    (leaf,) = [older[at : at + 512] for at in pages]
    nid = 0x12345 << 5 | 4
    body = bytearray(leaf)
    body[0:8] = nid.to_bytes(8, "little")
    path.write_bytes(older.ljust(-(-len(older) // 512) * 512, b"\0") + _resealed(bytes(body)))
    findings = {f.code: f.params for f in pst.remarks(path, ParseContext())}
    assert findings["pst.resten"] == {"n": 1}
    assert len(records(path)) == 1


@pytest.mark.parametrize("kind", [0x80, 0x81])
@pytest.mark.parametrize("form", ["ansi", "unicode", "4k"])
def test_a_store_with_a_broken_root_page_is_searched(tmp_path: Path, form: str, kind: int) -> None:
    more = {f"m{n}": Mail(f"bericht {n}", plain="x" * n) for n in range(180)}
    path = store(tmp_path, form, **more)
    whole = [m.subject for m in mails(path)]
    data = bytearray(path.read_bytes())
    size = FORMS[form].page
    root = int.from_bytes(data[_root_field(form, kind) : _root_field(form, kind) + 4], "little")
    assert data[root + (4061 if size == 4096 else 499 if form == "ansi" else 491)] > 0
    data[root : root + size] = bytes(size)
    path.write_bytes(data)
    found = mails(path)
    assert [m.subject for m in found] == whole
    if kind == 0x81:
        assert "pst.index_hersteld" in [f.code for f in pst.remarks(path, ParseContext())]


def test_a_broken_page_in_the_middle_of_a_tree_loses_nothing_below_it(tmp_path: Path) -> None:
    path = store(tmp_path, **{f"m{n}": Mail(str(n)) for n in range(400)})
    whole = {m.place for m in mails(path)}
    data = bytearray(path.read_bytes())
    root = int.from_bytes(data[224:232], "little")
    assert data[root + 491] == 2
    broken = int.from_bytes(data[root + 16 + 24 : root + 24 + 24], "little")  # the second branch
    data[broken : broken + 512] = bytes(512)
    path.write_bytes(data)
    found = mails(path)
    assert len(found) == len(whole)
    assert {m.place for m in found} == whole


def test_a_broken_block_is_said_and_the_rest_is_read(tmp_path: Path) -> None:
    path = store(tmp_path, a=Mail("een", files=[File("x.bin", b"merkteken" * 100)]), b=Mail("twee"))
    data = bytearray(path.read_bytes())
    from archiver.intake import pst_cipher

    at = data.find(pst_cipher.encode(b"merkteken" * 3, 1, 0))
    data[at] ^= 0xFF
    path.write_bytes(data)
    outer, broken, last = mails(path)
    assert "pst.controlegetal" in codes(broken)
    assert "pst.controlegetal" not in codes(outer)
    assert last.subject == "twee"


def test_a_missing_block_costs_its_attachment_only(tmp_path: Path) -> None:
    path = store(tmp_path, a=Mail("een", plain="ja", files=[File("x.bin", b"y" * 5000)]))
    data = path.read_bytes()
    # Take the block of the attachment out of the block tree: its identifier becomes another.
    for leaf in _pages(data, 0x80):
        page = bytearray(data[leaf : leaf + 512])
        for at in range(0, 24 * page[488], 24):
            if page[491] == 0 and int.from_bytes(page[at + 16 : at + 18], "little") == 5000:
                page[at] ^= 0x80
        data = data[:leaf] + _resealed(bytes(page)) + data[leaf + 512 :]
    path.write_bytes(data)
    found = mails(path)[1]
    assert found.subject == "een"
    (attachment,) = found.attachments
    assert attachment.size == 0
    assert "pst.bijlage_stuk" in codes(found)


def test_no_store_and_a_store_that_only_windows_can_open(tmp_path: Path) -> None:
    short = tmp_path / "kort.pst"
    short.write_bytes(b"!BDN" + bytes(20))
    (refused,) = records(short)
    assert isinstance(refused, Unreadable)
    assert codes(refused) == ["pst.geen_postvak"]
    locked = store(tmp_path)
    data = bytearray(locked.read_bytes())
    data[513] = 0x10
    locked.write_bytes(data)
    (refused,) = records(locked)
    assert isinstance(refused, Unreadable)
    assert codes(refused) == ["pst.versleuteld"]


def test_a_place_of_another_store_is_refused(tmp_path: Path) -> None:
    path = store(tmp_path)
    for place in ("pst:0x99999999", "pst:", "pst:zz", "nergens:1"):
        with pytest.raises(InputRefused):
            containers.message_bytes(path, place)


def test_an_item_beyond_the_limits_is_refused_and_the_next_is_read(tmp_path: Path) -> None:
    path = store(tmp_path, a=Mail("groot", files=[File("x", b"z" * 300_000)]), b=Mail("klein"))
    found = records(path, Limits(message_bytes=200_000))
    assert [type(r) for r in found] == [EmailMessage, Unreadable, EmailMessage]
    assert codes(found[1]) == ["pst.deel_te_groot"]  # type: ignore[arg-type]


def test_items_in_items_stop_at_the_depth_limit(tmp_path: Path) -> None:
    deep = Mail("bodem")
    for level in range(12):
        deep = Mail(f"laag {level}", files=[File("in", item=deep)])
    found = mails(store(tmp_path, a=deep), Limits(depth=5))[1]
    assert count(found).attached_messages == 4
    assert "mail.te_diep" in _all_codes(found)


def test_a_tree_that_points_at_itself_ends(tmp_path: Path) -> None:
    path = store(tmp_path, **{f"m{n}": Mail(str(n)) for n in range(60)})
    data = bytearray(path.read_bytes())
    root = int.from_bytes(data[224:232], "little")
    page = bytearray(data[root : root + 512])
    for at in range(16, 24 * page[488], 24):
        page[at : at + 8] = root.to_bytes(8, "little")
    data[root : root + 512] = _resealed(bytes(page))
    path.write_bytes(data)
    assert len(records(path)) < 200


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


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("pst")
    found = {}
    for form in FORMS:
        at = folder / form
        at.mkdir()
        found[form] = store(at, form, a=Mail("een"), b=Mail("twee", plain="x" * 300)).read_bytes()
    return found


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_mutation_crashes_the_reader(
    tmp_path: Path, small: dict[str, bytes], data: st.DataObject
) -> None:
    form = data.draw(st.sampled_from(list(FORMS)))
    raw = bytearray(small[form])
    used = [at for at in range(0, len(raw), 64) if any(raw[at : at + 64])]
    for _ in range(data.draw(st.integers(1, 12))):
        at = data.draw(st.sampled_from(used)) + data.draw(st.integers(0, 63))
        raw[min(at, len(raw) - 1)] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del raw[data.draw(st.integers(0, len(raw))) :]
    path = tmp_path / "stuk.pst"
    path.write_bytes(raw)
    limits = Limits(message_bytes=20_000_000)
    found = list(pst.parse(path, ParseContext(limits)))
    pst.remarks(path, ParseContext(limits))
    for record in found:
        count(record)


def test_properties_of_any_heap_never_crash(small: dict[str, bytes]) -> None:
    from archiver.intake.pst_heap import Properties, table_rows
    from archiver.intake.pst_store import Node, Store

    opened = Store(io.BytesIO(small["unicode"]))
    reached = 0
    for bid in range(0, 400, 4):
        for read in _readers(Properties, table_rows):
            try:
                read(opened, Node(bid, bid, 0))
                reached += 1
            except InputRefused:
                continue
    assert reached > 5


def _readers(properties: type, rows: Callable[..., object]) -> list[Callable[..., object]]:
    return [properties.of, lambda store, node: list(rows(store, node, range(65_536), "cp1252"))]  # type: ignore[attr-defined, call-overload]


def _all_codes(mail: EmailMessage) -> set[str]:
    found = {f.code for f in mail.findings}
    for attachment in mail.attachments:
        if attachment.message is not None:
            found |= _all_codes(attachment.message)
    return found


def _pages(data: bytes, kind: int) -> list[int]:
    marks = (at for at in range(0, len(data) - 511, 512))
    return [at for at in marks if data[at + 496 : at + 498] == bytes([kind, kind])]


def _resealed(page: bytes) -> bytes:
    import zlib

    crc = zlib.crc32(page[:496], 0xFFFFFFFF) ^ 0xFFFFFFFF
    return page[:500] + crc.to_bytes(4, "little") + page[504:]


def _root_field(form: str, kind: int) -> int:
    if form == "ansi":
        return 188 if kind == 0x81 else 196
    return 224 if kind == 0x81 else 240
