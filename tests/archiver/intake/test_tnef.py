from __future__ import annotations

import base64
import hashlib
import time
from pathlib import Path
from struct import pack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.intake import content, mime, tnef
from archiver.intake.protocol import Head, ParseContext
from archiver.ledger import count
from archiver.model import Address, EmailMessage, Span, Unreadable
from tests.helpers.outlook import tnef as make
from tests.helpers.outlook import tnef_list

START = (2, 0x69002, bytes(14))
MESSAGE_IID = bytes.fromhex("0703020000000000c000000000000046")
STORAGE_IID = bytes.fromhex("0b00000000000000c000000000000046")
CLASS = (1, 0x78008, b"IPM.Microsoft Mail.Note\0")


def attachment(title: str, data: bytes) -> list[tuple[int, int, bytes]]:
    return [START, (2, 0x6800F, data), (2, 0x18010, title.encode("cp1252") + b"\0")]


def in_object(data: bytes, iid: bytes, name: str) -> list[tuple[int, int, bytes]]:
    values = {
        0x3701: (0x0D, iid + data),
        0x3705: (0x03, pack("<I", 5)),
        0x3001: (0x1F, name.encode("utf-16-le")),
    }
    return [START, (2, 0x18010, b"Untitled Attachment\0"), (2, 0x69005, tnef_list(values))]


FULL = make(
    CLASS,
    (1, 0x69007, pack("<II", 1252, 0)),
    (1, 0x18004, "Caf\xe9".encode("cp1252") + b"\0"),
    (1, 0x38005, pack("<7H", 2024, 3, 5, 9, 30, 0, 2)),
    (1, 0x69003, tnef_list({0x0C1A: (0x1E, b"Jan\0"), 0x5D01: (0x1E, b"jan@voorbeeld.nl\0")})),
    (
        1,
        0x69004,
        pack("<I", 1) + tnef_list({0x0C15: (3, pack("<I", 1)), 0x3001: (0x1E, b"Fatma\0")}),
    ),
    *attachment("plan.txt", b"plan"),
    *attachment("leeg.txt", b""),
    *in_object(
        make(CLASS, (1, 0x18004, b"ingesloten\0"), *attachment("x", b"diep")), MESSAGE_IID, "Brief"
    ),
    *in_object(b"\xd0\xcf\x11\xe0 inhoud", STORAGE_IID, "Tekening"),
)


def read(raw: bytes, folder: Path) -> EmailMessage:
    path = folder / "winmail.dat"
    path.write_bytes(raw)
    (record,) = tnef.parse(path, ParseContext())
    assert isinstance(record, EmailMessage)
    for part in record.attachments:
        data = content.part_bytes(raw, part.part)
        assert (len(data), hashlib.sha256(data).hexdigest()) == (part.size, part.sha256)
    return record


def test_it_is_recognised_by_its_signature() -> None:
    assert tnef.score(Head(FULL, len(FULL), "x")) == 95
    assert tnef.score(Head(b"gewone tekst", 12, "winmail.dat")) == 0


def test_a_whole_file(tmp_path: Path) -> None:
    record = read(FULL, tmp_path)
    assert record.subject == "Café"
    assert record.sender == Address("Jan", "jan@voorbeeld.nl")
    assert record.to == (Address("Fatma", None),)
    assert record.date == "2024-03-05T09:30:00+00:00"
    assert record.item_class == "IPM.Note"
    assert [(a.name, a.kind, a.size) for a in record.attachments[:2]] == [
        ("plan.txt", "file", 4),
        ("leeg.txt", "file", 0),
    ]
    assert record.findings == ()


def test_an_attached_item_is_read_further_and_its_bytes_are_complete(tmp_path: Path) -> None:
    nested, ole = read(FULL, tmp_path).attachments[2:]
    assert (nested.name, nested.kind) == ("Brief", "message")
    assert nested.message is not None
    assert nested.message.subject == "ingesloten"
    assert content.part_bytes(content.part_bytes(FULL, "3"), "1") == b"diep"
    assert content.part_bytes(FULL, "4") == b"\xd0\xcf\x11\xe0 inhoud"
    assert ole.name == "Untitled Attachment"
    assert count(read(FULL, tmp_path)).attached_messages == 1


def test_the_long_unicode_name_wins_over_the_title(tmp_path: Path) -> None:
    values = {0x3707: (0x1F, "lange naam é.docx\0".encode("utf-16-le"))}
    raw = make(CLASS, *attachment("LANGEN~1.DOC", b"x"), (2, 0x69005, tnef_list(values)))
    assert read(raw, tmp_path).attachments[0].name == "lange naam é.docx"


def test_winmail_in_a_mail_is_opened_and_counted() -> None:
    raw = (
        b"From: a@voorbeeld.nl\r\nSubject: s\r\nMIME-Version: 1.0\r\nContent-Type: application/ms-tnef;\r\n"
        b' name="winmail.dat"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        + base64.encodebytes(FULL)
    )
    record = mime.read_message(raw, format="eml", index=0, span=Span(0, len(raw)))
    (winmail,) = record.attachments
    assert winmail.kind == "tnef"
    assert winmail.message is not None
    assert [a.name for a in winmail.message.attachments][:2] == ["plan.txt", "leeg.txt"]
    assert content.part_bytes(content.part_bytes(raw, "1"), "1") == b"plan"
    assert count(record).attachments == 6
    assert count(record).attached_messages == 1


def test_a_mail_with_all_its_text_in_winmail_has_that_text() -> None:
    inside = make(CLASS, (1, 0x2800C, b"alleen hier\0"))
    raw = b"From: a@b.nl\r\nContent-Type: application/ms-tnef\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    assert content.readable(raw + base64.encodebytes(inside)).plain == "alleen hier"


def test_what_only_says_that_it_is_winmail_stays_a_file() -> None:
    raw = b"From: a@b.nl\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n\r\ngeen tnef"
    record = mime.read_message(raw, format="eml", index=0, span=Span(0, len(raw)))
    assert record.attachments[0].message is None


def test_damage_is_said_and_the_rest_is_read(tmp_path: Path) -> None:
    cut = read(FULL[:-40], tmp_path)
    assert cut.subject == "Café"
    assert "tnef.beschadigd" in [f.code for f in cut.findings]
    wrong = bytearray(FULL)
    wrong[FULL.index(b"plan")] ^= 1
    assert [dict(f.params) for f in read(bytes(wrong), tmp_path).findings] == [
        {"wat": "controlegetal"}
    ]
    garbage = read(FULL + b"\x99" * 40, tmp_path)
    assert [dict(f.params) for f in garbage.findings] == [{"wat": "resten aan het eind"}]


def test_what_is_no_tnef_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "winmail.dat"
    path.write_bytes(b"geen")
    (refused,) = tnef.parse(path, ParseContext())
    assert isinstance(refused, Unreadable)


@pytest.mark.parametrize("count_word", [0xFFFFFFFF, 0x7FFFFFFF, 100_000_000])
def test_a_tiny_file_with_huge_counts_costs_nothing(count_word: int, tmp_path: Path) -> None:
    many = pack("<I", count_word)
    raw = make(
        (1, 0x69003, many + pack("<HH", 0x1102, 0x1000) + many + many),
        (1, 0x69004, many + bytes(8)),
        (2, 0x69005, pack("<I", 1) + pack("<HH", 0x1003, 0x1000) + many),
    )
    begin = time.process_time()
    record = read(raw, tmp_path)
    assert time.process_time() - begin < 1
    assert "tnef.beschadigd" in [f.code for f in record.findings]


@given(
    st.lists(st.tuples(st.integers(4, len(FULL) - 1), st.integers(0, 255)), max_size=30),
    st.integers(0, len(FULL)),
)
@settings(max_examples=300, deadline=2_000)
def test_changed_bytes_never_stop_it(changes: list[tuple[int, int]], end: int) -> None:
    raw = bytearray(FULL)
    for place, value in changes:
        raw[place] = value
    mutated = bytes(raw[: max(end, 4)]) if end % 3 == 0 else bytes(raw)
    record = tnef.read_message(mutated)
    count(record)
    for part in record.attachments:
        data = tnef.part_bytes(mutated, part.part)
        assert hashlib.sha256(data).hexdigest() == part.sha256
    tnef.readable(mutated)
