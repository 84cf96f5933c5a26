"""A file that no reader understands is refused, unless a person says: keep it anyway, not interpreted."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from archiver import cli
from archiver.findings import Severity
from archiver.model import AuditEntry, Conversation, Item, SourceStatus
from archiver.progress import Silent
from archiver.services import overview, reading
from archiver.services.answers import KEEP, YES
from archiver.services.archive import Archive
from archiver.services.intake import SourceResult, TakeIn, take_in
from archiver.services.packaging_run import MakePackage, make_package
from archiver.services.preview import Look, Previewed, preview
from archiver.services.questions import owner_of
from archiver.services.verify import verify
from archiver.store import audit, sources
from archiver.store import items as stored
from metadata.mdto import Bestand, Informatieobject
from metadata.xml import from_xml

MOMENT = "2026-11-26T10:00:00+01:00"
FACTS = {
    "reason": "De app kan niet anders exporteren",
    "title": "Appgroep Kade",
    "platform": "WeChat",
    "participants": "Anna de Wit; Bram Vos",
    "period": "1-3-2026 t/m 5-3-2026",
    "owner": "Anna de Wit",
}


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/"), data)
    return out.getvalue()


DOCX = zipped(
    **{
        "[Content_Types].xml": b"<?xml version='1.0'?><Types/>",
        "word__document.xml": b"<?xml version='1.0'?><document>Anna: is de nota klaar?</document>",
    }
)
UNKNOWN = {
    "geplakt.docx": DOCX,
    "export.json": b'{"app": "Onbekend", "lines": [{"who": "Anna", "what": "Is de nota klaar?"}]}',
    "export.csv": b"wie;wat\r\nAnna;Is de nota klaar?\r\n",
    "export.txt": b"Anna zei dat de nota klaar is.\n" * 20,
    "export.zip": zipped(chat__een=b"Anna: is de nota klaar?", media__foto=b"x" * 90),
    "wechat.db": b"SQLite format 3\0" + bytes(range(1, 200)) * 30,
    "geprint.pdf": b"%PDF-1.7\n1 0 obj\n<</Type /Catalog>>\nendobj\ntrailer\n<<>>\n%%EOF\n",
    "half.zip": DOCX[:40],
}


def write(folder: Path, name: str, data: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(data)
    return path


def take(archive: Archive, path: Path, **answers: str) -> SourceResult:
    command = TakeIn((path,), owner=archive.actor, owner_stated=False, answers=answers)
    (source,) = take_in(archive, command, Silent()).sources
    return source


def kept(archive: Archive, path: Path, **answers: str) -> tuple[Item, Conversation]:
    source = take(archive, path, **{KEEP: YES}, **answers)
    assert source.status is SourceStatus.OPGENOMEN
    with archive.register.read() as tx:
        item = stored.get(tx, source.item_ids[0])
    assert isinstance(item.record, Conversation)
    return item, item.record


def trail(archive: Archive, item: Item) -> list[AuditEntry]:
    with archive.register.read() as tx:
        return list(audit.entries(tx, f"item:{item.id}"))


@pytest.mark.parametrize("name", UNKNOWN)
def test_it_is_refused_and_kept_whole_only_when_somebody_says_so(
    archive: Archive, tmp_path: Path, name: str
) -> None:
    path = write(tmp_path / "binnen", name, UNKNOWN[name])
    refused = take(archive, path)
    assert refused.status is SourceStatus.GEWEIGERD
    assert [f for f in refused.findings if f.severity is Severity.FOUT]
    assert list(overview.item_ids(archive)) == []
    item, record = kept(archive, path)
    assert record.format == "niet_geduid"
    assert (record.message_count, record.participants, record.first) == (0, (), None)
    assert {f.code for f in record.findings} == {"chat.toch_bewaard", "chat.niet_geduid"}
    assert archive.vault.read_verified(item.source_sha256) == UNKNOWN[name]
    assert item.proposal["waardering"] in ("B", "V", "N")
    page = reading.read_item(archive, item)
    assert page.chat == ()
    assert take(archive, path, **{KEEP: YES}).status is SourceStatus.DUBBEL
    assert verify(archive, Silent()).sound


def test_what_it_is_stands_with_the_source(archive: Archive, tmp_path: Path) -> None:
    item, _ = kept(archive, write(tmp_path, "geprint.pdf", UNKNOWN["geprint.pdf"]))
    with archive.register.read() as tx:
        found = sources.get(tx, item.source_id).identification
    assert found.format == "niet_geduid"
    assert found.media_type == "application/pdf"
    assert (found.puid or "").startswith("fmt/")


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("leeg.json", b"", "bestand.leeg"),
        ("install.exe", b"MZ\x90\0\3\0\0\0" + bytes(60), "bestand.programma"),
        ("vermomd.json", b"\x7fELF\2\1\1\0" + bytes(60), "bestand.programma"),
        ("start.sh", b"#!/bin/sh\necho hallo\n", "bestand.programma"),
        ("gesprek.js", b"alert(1)\n", "bestand.programma"),
        ("app.apk", zipped(classes=b"dex"), "bestand.programma"),
    ],
)
def test_what_is_dangerous_or_empty_stays_refused(
    archive: Archive, tmp_path: Path, name: str, data: bytes, code: str
) -> None:
    source = take(archive, write(tmp_path, name, data), **{KEEP: YES})
    assert source.status is SourceStatus.GEWEIGERD
    assert code in [f.code for f in source.findings]
    assert list(overview.item_ids(archive)) == []


def test_a_text_that_begins_with_two_letters_of_a_program_is_no_program(
    archive: Archive, tmp_path: Path
) -> None:
    kept(
        archive, write(tmp_path, "gesprek.txt", b"MZ zei: de nota is klaar, zie de bijlage.\n" * 9)
    )


def test_what_can_be_read_is_read(archive: Archive, tmp_path: Path) -> None:
    text = "13-03-2026 09:00 - Anna de Wit: Is de nota klaar?\n13-03-2026 09:01 - Bram Vos: Ja.\n"
    path = write(tmp_path, "WhatsApp-chat met Kade.txt", text.encode())
    _, record = kept(archive, path, **FACTS)
    assert record.format == "whatsapp"
    assert record.title == "Kade"
    assert KEEP not in [a.question for a in record.answers]


def test_a_chat_of_which_its_reader_gives_nothing_can_be_kept_too(
    archive: Archive, tmp_path: Path
) -> None:
    path = write(
        tmp_path, "messages.html", b"<!DOCTYPE html><html><head><title>Exported Data</title>"
    )
    whole = write(
        tmp_path, "result.json", b'{"name": "Kade", "type": "personal_chat", "messages": ['
    )
    for one in (path, whole):
        before = take(archive, one)
        assert before.status is SourceStatus.GEWEIGERD
        _, record = kept(archive, one)
        assert record.format == "niet_geduid"


def test_facts_and_reason_are_typed_and_stand_in_register_and_audit(
    archive: Archive, tmp_path: Path
) -> None:
    path = write(tmp_path, "geplakt.docx", DOCX)
    asked = [
        [q.name for q in e.row.questions]
        for answers in ({KEEP: YES}, {KEEP: YES} | FACTS)
        for e in preview(archive, Look((path,), answers=answers), Silent())
        if isinstance(e, Previewed)
    ]
    assert asked == [["reason", "platform", "title", "owner", "participants", "period"], []]
    item, record = kept(archive, path, **FACTS)
    assert (record.title, record.platform) == ("Appgroep Kade", "WeChat")
    assert [p.name for p in record.participants] == ["Anna de Wit", "Bram Vos"]
    assert (record.first, record.last) == ("2026-03-01", "2026-03-05")
    assert item.owner == "Anna de Wit"
    assert {a.actor for a in record.answers} == {archive.actor}
    (first, *others) = [e.event for e in trail(archive, item) if e.event.action != "opname"]
    assert (first.action, first.actor) == ("toch_bewaard", archive.actor)
    assert first.reason == FACTS["reason"]
    assert (first.after or {})["niet_gelezen"] == "bestand.onbekend_formaat"
    assert {(e.after or {})["vraag"] for e in others} == set(FACTS) - {"reason"}


def test_nothing_typed_is_nothing_known(archive: Archive, tmp_path: Path) -> None:
    item, record = kept(archive, write(tmp_path, "geplakt.docx", DOCX))
    assert item.owner is None
    assert owner_of(record, archive.actor) is None
    assert record.platform == "onbekend"
    assert [a.question for a in record.answers] == [KEEP]


def package(archive: Archive, tmp_path: Path) -> Path:
    target = tmp_path / "levering"
    made = make_package(archive, MakePackage(target, moment=MOMENT), Silent())
    assert [f for f in made.findings if f.severity is Severity.FOUT] == []
    assert made.released
    return target


def test_a_package_says_that_the_content_is_not_interpreted(
    archive: Archive, tmp_path: Path
) -> None:
    kept(archive, write(tmp_path, "geplakt.docx", DOCX), **FACTS)
    target = package(archive, tmp_path)
    parsed = [from_xml(p.read_bytes()) for p in target.rglob("*.mdto.xml")]
    (obj,) = [o for o in parsed if isinstance(o, Informatieobject) and o.naam == "Appgroep Kade"]
    assert [c.begripLabel for c in obj.classificatie] == ["Chatgesprek"]
    (note,) = obj.omschrijving
    assert note.startswith("De inhoud is niet geduid")
    assert archive.actor in note
    assert FACTS["reason"] in note
    assert [b.betrokkeneActor.verwijzingNaam for b in obj.betrokkene] == ["Anna de Wit", "Bram Vos"]
    (period,) = obj.dekkingInTijd
    assert str(period.dekkingInTijdBegindatum) == "2026-03-01"
    (original,) = [o for o in parsed if isinstance(o, Bestand) and o.naam.endswith(".docx")]
    assert original.omvang == len(DOCX)
    assert original.bestandsformaat.begripCode
    (file,) = [p for p in target.rglob("*.docx")]
    assert file.read_bytes() == DOCX
    (header,) = target.rglob("*-kopregels.json")
    said = json.loads(header.read_bytes())
    assert said["formaat"] == "niet_geduid"
    assert {a["question"]: a["value"] for a in said["antwoorden"]}["reason"] == FACTS["reason"]


def test_a_file_of_which_nobody_said_that_it_is_a_conversation_is_not_called_one(
    archive: Archive, tmp_path: Path
) -> None:
    kept(archive, write(tmp_path, "geplakt.docx", DOCX), reason="Zo gekregen", title="Oud postvak")
    parsed = [from_xml(p.read_bytes()) for p in package(archive, tmp_path).rglob("*.mdto.xml")]
    (obj,) = [o for o in parsed if isinstance(o, Informatieobject) and o.naam == "Oud postvak"]
    assert [c.begripLabel for c in obj.classificatie] == ["Niet geduid bestand"]


def test_the_command_line_keeps_it_with_an_option_and_never_by_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "binnen", "geplakt.docx", DOCX)
    write(tmp_path / "binnen", "leeg.txt", b"")
    start = ["--werkmap", str(tmp_path / "werkmap"), "--als", "Mira", "--json", "neem-op"]
    assert cli.run([*start, str(path)]) == 1
    assert json.loads(capsys.readouterr().out)["status"] == "geweigerd"
    facts = ["--reden", "Kan niet anders", "--titel", "Kade", "--platform", "WhatsApp"]
    more = ["--deelnemers", "Anna; Bram", "--periode", "2026-03-01", "--eigenaar", "Anna"]
    folder = str(tmp_path / "binnen")
    assert cli.run([*start, folder, "--onbekend", "bewaren", *facts, *more]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {Path(x["path"]).name: x["status"] for x in lines} == {
        "geplakt.docx": "opgenomen",
        "leeg.txt": "geweigerd",
    }
    rules = write(tmp_path, "regels.toml", b"")
    wrong = [*start, folder, "--onbekend", "bewaren", "--uitsluiten", str(rules)]
    assert cli.run(wrong) == 2
    assert cli.run(["--werkmap", str(tmp_path / "werkmap"), "verifieer"]) == 0
