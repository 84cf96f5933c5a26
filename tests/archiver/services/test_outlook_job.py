"""Outlook items through the whole job: secured, read back, parts at any depth, out in a package."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from archiver.findings import Severity
from archiver.ledger import all_attachments
from archiver.model import EmailMessage, SourceStatus
from archiver.progress import Silent
from archiver.services import overview, reading
from archiver.services.archive import Archive
from archiver.services.intake import TakeIn, take_in
from archiver.services.packaging_run import MakePackage, make_package
from tests.helpers import outlook
from tests.helpers.messages import OWNER

PLAN = b"het plan\r\n" * 900
MAIL = {0x001A: "IPM.Note", 0x0037: "Stukken", 0x0042: "Jan", 0x0065: "jan@voorbeeld.nl"}
INVITE = (
    b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nDTSTAMP:20240305T093000Z\r\nSUMMARY:Overleg\r\n"
    b"ORGANIZER:mailto:jan@voorbeeld.nl\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def drop(folder: Path) -> tuple[Path, ...]:
    """Write a .msg with an item in an item, a winmail.dat, a mail with one inside, an invitation."""
    inner = outlook.item(
        {**MAIL, 0x0037: "Binnenste"}, attachments=[outlook.file("plan.txt", PLAN)]
    )
    middle = outlook.item(
        {**MAIL, 0x0037: "Middelste"}, attachments=[outlook.attached({0x3705: 5}, inside=inner)]
    )
    item = outlook.msg(
        {**MAIL, 0x1000: "Hierbij de stukken."},
        [{0x0C15: 1, 0x3001: "Fatma", 0x3003: "fatma@voorbeeld.nl"}],
        [outlook.attached({0x3705: 5}, inside=middle), outlook.file("foto.png", b"\x89PNG foto")],
    )
    winmail = outlook.tnef(
        (1, 0x18004, b"Uit Outlook\0"),
        *((2, 0x69002, bytes(14)), (2, 0x6800F, PLAN), (2, 0x18010, b"plan.txt\0")),
    )
    mail = (
        b"From: Jan <jan@voorbeeld.nl>\r\nTo: Fatma <fatma@voorbeeld.nl>\r\nSubject: met winmail\r\n"
        b"Date: Tue, 5 Mar 2024 10:30:02 +0100\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(winmail)
    )
    files = {"a.msg": item, "b.dat": winmail, "c.eml": mail, "d.ics": INVITE}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return tuple(folder / name for name in files)


def test_outlook_items_are_secured_read_back_and_packed(archive: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "outlook"
    folder.mkdir()
    paths = drop(folder)
    result = take_in(archive, TakeIn(paths, owner=OWNER), Silent())
    assert [s.status for s in result.sources] == [SourceStatus.OPGENOMEN] * 4
    assert not any(s.ledger.difference(s.ledger_stored) for s in result.sources)
    assert sum(s.ledger.attachments for s in result.sources) == 4 + 1 + 2
    assert sum(s.ledger.attached_messages for s in result.sources) == 2

    by_title = {
        item.title: item for item in map(lambda i: overview.item(archive, i), result.changes.ids)
    }
    assert sorted(by_title) == ["Overleg", "Stukken", "Uit Outlook", "met winmail"]
    for title, place in (
        *(("Stukken", ("1", "1", "1")), ("Uit Outlook", ("1",)), ("met winmail", ("1", "1"))),
    ):
        assert reading.part_bytes(archive, by_title[title], place) == PLAN
    assert reading.read_item(archive, by_title["Stukken"]).text == "Hierbij de stukken."
    assert "Overleg" in reading.read_item(archive, by_title["Overleg"]).text

    made = make_package(archive, MakePackage(tmp_path / "levering"), Silent())
    assert made.released
    assert [f for f in made.findings if f.severity is Severity.FOUT] == []
    assert made.ledger.attachments == 7
    packed = {
        hashlib.sha256(p.read_bytes()).hexdigest() for p in made.path.rglob("*") if p.is_file()
    }
    for path in paths:
        assert hashlib.sha256(path.read_bytes()).hexdigest() in packed
    record = by_title["Stukken"].record
    assert isinstance(record, EmailMessage)
    assert {a.sha256 for a in all_attachments(record)} <= packed
