"""Mailboxes that keep no original message, through the whole job: secured, read back, packed."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

from archiver.findings import Severity
from archiver.model import EmailMessage, Item, SourceStatus
from archiver.progress import Silent
from archiver.services import overview, reading
from archiver.services.archive import Archive
from archiver.services.intake import TakeIn, take_in
from archiver.services.packaging_run import MakePackage, make_package
from archiver.services.verify import verify
from tests.helpers.messages import OWNER, mail, work_folder
from tests.helpers.pst_maker import File, Mail, StoreMaker

PLAN = b"het plan\r\n" * 5_000
LOOSE = b"%PDF-1.4 los bewaard"
PARTIAL = (
    b"From: Jan <jan@voorbeeld.nl>\nTo: fatma@voorbeeld.nl\nSubject: uit Apple Mail\n"
    b"Date: Mon, 1 Jan 2024 10:00:00 +0100\nContent-Type: multipart/mixed; boundary=g\n\n"
    b"--g\nContent-Type: text/plain\n\ntekst\n--g\nContent-Type: application/pdf; name=los.pdf\n"
    b"Content-Disposition: attachment; filename=los.pdf\nX-Apple-Content-Length: 20\n\n\n--g--\n"
)


def drop(folder: Path) -> Path:
    """Write a .pst with an item in an item, a zip of mail, and a partial message of Apple Mail."""
    folder.mkdir()
    inner = Mail("Binnenste", plain="diep", files=[File("plan.txt", PLAN)])
    with (folder / "a.pst").open("w+b") as stream:
        maker = StoreMaker(stream)
        box = maker.folder(0x401, "Postvak IN")
        sender = ("Jan", "SMTP", "jan@voorbeeld.nl")
        outer = Mail("Stukken", plain="Hierbij.", sender=sender, sent=1_700_000_000)
        files = [File("Binnenste", item=inner), File("foto.png", b"\x89PNG foto")]
        maker.add(box, Mail(**{**vars(outer), "files": files}))
        maker.add(box, Mail("Tweede", plain="Nog een.", sender=sender, sent=1_700_000_100))
        maker.finish()
    with zipfile.ZipFile(folder / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("map/een.eml"), mail("In de zip", number=71))
    messages = folder / "c" / "Messages"
    messages.mkdir(parents=True)
    head = b"%d\n" % len(PARTIAL)
    (messages / "5.partial.emlx").write_bytes(head + PARTIAL + b'<?xml version="1.0"?><plist/>')
    beside = folder / "c" / "Attachments" / "5" / "2"
    beside.mkdir(parents=True)
    (beside / "los.pdf").write_bytes(LOOSE)
    return folder


def test_mailboxes_are_secured_read_back_and_packed(archive: Archive, tmp_path: Path) -> None:
    folder = drop(tmp_path / "postvakken")
    result = take_in(archive, TakeIn((folder,), owner=OWNER), Silent())
    assert [(Path(s.path).name, s.status) for s in result.sources] == [
        ("a.pst", SourceStatus.OPGENOMEN),
        ("b.zip", SourceStatus.OPGENOMEN),
        ("5.partial.emlx", SourceStatus.OPGENOMEN),
    ]
    assert not any(s.ledger.difference(s.ledger_stored) for s in result.sources)
    assert sum(s.ledger.attached_messages for s in result.sources) == 1

    items: dict[str, Item] = {}
    for identifier in result.changes.ids:
        item = overview.item(archive, identifier)
        items[item.title] = item
    assert sorted(items) == ["In de zip", "Stukken", "Tweede", "uit Apple Mail"]
    stukken = items["Stukken"]
    assert isinstance(stukken.record, EmailMessage)
    assert stukken.record.folder == "Postvak IN"
    assert reading.read_item(archive, stukken).text == "Hierbij."
    attached = next(a for a in stukken.record.attachments if a.kind == "message")
    assert attached.message is not None
    (deep,) = attached.message.attachments
    assert reading.part_bytes(archive, stukken, (attached.part, deep.part)) == PLAN
    (loose,) = items["uit Apple Mail"].record.attachments  # type: ignore[union-attr]
    assert reading.part_bytes(archive, items["uit Apple Mail"], (loose.part,)) == LOOSE
    assert "zip" in reading.read_item(archive, items["In de zip"]).title

    made = make_package(archive, MakePackage(tmp_path / "levering"), Silent())
    assert made.released
    assert [f for f in made.findings if f.severity is Severity.FOUT] == []
    packed = {
        hashlib.sha256(p.read_bytes()).hexdigest() for p in made.path.rglob("*") if p.is_file()
    }
    for name in ("a.pst", "b.zip"):
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() in packed
    for item in items.values():
        assert item.record.sha256 in packed
    for data in (PLAN, LOOSE):
        assert hashlib.sha256(data).hexdigest() in packed


def test_what_lay_beside_a_partial_message_survives_a_restart_and_the_check(tmp_path: Path) -> None:
    folder = drop(tmp_path / "postvakken")
    first = work_folder(tmp_path / "werkmap")
    result = take_in(first, TakeIn((folder / "c",), owner=OWNER), Silent())
    (identifier,) = result.changes.ids
    first.close()
    again = work_folder(tmp_path / "werkmap")
    try:
        report = verify(again, Silent())
        assert report.findings == ()
        item = overview.item(again, identifier)
        (loose,) = item.record.attachments  # type: ignore[union-attr]
        assert reading.part_bytes(again, item, (loose.part,)) == LOOSE
    finally:
        again.close()


def test_a_preview_reads_a_message_out_of_its_container(tmp_path: Path) -> None:
    from archiver.intake import pst
    from archiver.intake.protocol import ParseContext

    folder = drop(tmp_path / "postvakken")
    first = next(iter(pst.parse(folder / "a.pst", ParseContext())))
    assert isinstance(first, EmailMessage)
    assert reading.read_file(folder / "a.pst", first).text == "Hierbij."
