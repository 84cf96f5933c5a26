"""A code page reaches old Outlook text wherever it stands, before and after intake, and can be undone."""

from __future__ import annotations

import zipfile
from email.message import EmailMessage as Mail
from pathlib import Path

import pytest

from archiver.errors import RuleRefused
from archiver.intake.pool import Parsed, read_sources
from archiver.intake.protocol import ParseContext
from archiver.model import EmailMessage, Item
from archiver.progress import Silent
from archiver.services import codepage, overview, undo
from archiver.services.archive import Archive
from archiver.services.codepage import ReadWith
from archiver.services.intake import TakeIn, take_in
from archiver.services.packaging_run import MakePackage, make_package
from archiver.services.verify import verify
from tests.helpers import outlook
from tests.helpers.messages import OWNER, mail

# Cyrillic that says to be Western: every byte fits, so nothing can be guessed.
TEXT = {0x001A: "IPM.Note", 0x0037: "Привет", 0x1000: "Добрый день", 0x3FDE: 1252}
OLD = outlook.msg(TEXT, codec="cp1251")
WRONG, RIGHT = "Ïðèâåò", "Привет"


def zipped(folder: Path) -> Path:
    path = folder / "oud.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/los.eml", mail("Los", number=1))
        archive.writestr("a/oud.msg", OLD)
        archive.writestr("b/oud.msg", outlook.msg({**TEXT, 0x0037: "Мир"}, codec="cp1251"))
    return path


def attached(folder: Path) -> Path:
    made = Mail()
    made["From"], made["Subject"], made["Message-ID"] = (
        "a@b.example",
        "Zie bijlage",
        "<x@b.example>",
    )
    made["Date"] = "Tue, 17 Nov 2026 14:52:00 +0100"
    made.set_content("Zie de bijlage.")
    made.add_attachment(OLD, "application", "vnd.ms-outlook", filename="oud.msg")
    path = folder / "met-bijlage.eml"
    path.write_bytes(made.as_bytes())
    return path


def read(path: Path, **answers: str) -> list[EmailMessage]:
    context = ParseContext(answers={k.replace("_", ":"): v for k, v in answers.items()})
    found = read_sources([path], context, Silent())
    records = [event.record for event in found if isinstance(event, Parsed)]
    return [record for record in records if isinstance(record, EmailMessage)]


def inner(record: EmailMessage) -> str | None:
    message = record.attachments[0].message
    assert message is not None
    return message.subject


def secured(archive: Archive, path: Path, **answers: str) -> list[Item]:
    given = {k.replace("_", ":"): v for k, v in answers.items()}
    done = take_in(archive, TakeIn((path,), owner=OWNER, answers=given), Silent())
    return [overview.item(archive, item_id) for item_id in done.changes.ids]


def test_a_choice_reaches_one_message_of_a_zip_or_all(tmp_path: Path) -> None:
    path = zipped(tmp_path)
    plain = read(path)
    assert [m.subject for m in plain] == ["Los", WRONG, "Ìèð"]
    assert [m.subject for m in read(path, codepage="cp1251")] == ["Los", RIGHT, "Мир"]
    one = read(path, codepage_2="cp1251")
    assert [m.subject for m in one] == ["Los", WRONG, "Мир"]
    assert [(m.place, m.folder, m.sha256) for m in one] == [
        (m.place, m.folder, m.sha256) for m in plain
    ]


def test_a_choice_reaches_an_attached_message(tmp_path: Path) -> None:
    path = attached(tmp_path)
    assert inner(read(path)[0]) == WRONG
    (record,) = read(path, codepage="cp1251")
    assert (record.subject, inner(record)) == ("Zie bijlage", RIGHT)
    asked = codepage.asked_about(record)
    assert asked is not None
    assert asked.code == "msg.codepagina_gekozen"


@pytest.mark.parametrize("make", [zipped, attached])
def test_a_choice_before_intake_is_in_text_description_and_trail(
    archive: Archive, tmp_path: Path, make: object
) -> None:
    items = secured(archive, make(tmp_path), codepage_1="cp1251", codepage_0="cp1251")  # type: ignore[operator]
    item = items[1] if len(items) > 1 else items[0]
    assert isinstance(item.record, EmailMessage)
    assert RIGHT in (item.title, inner(item.record) if item.record.attachments else None)
    actions = [e.event.action for e in overview.history(archive, item.id)]
    assert actions.count("tekenset_opname") == 1
    assert undo.undo_label(archive) is None, "what was chosen at intake is part of intake"
    assert verify(archive, Silent()).findings == ()


def test_after_intake_all_that_is_read_changes_and_undo_brings_it_back(
    archive: Archive, tmp_path: Path
) -> None:
    item = secured(archive, zipped(tmp_path))[1]
    assert (item.title, overview.reading(archive, item.id).text) == (WRONG, "Äîáðûé äåíü")
    codepage.read_with(archive, ReadWith((item.id,), "cp1251"), Silent())
    after = overview.item(archive, item.id)
    shown = overview.reading(archive, item.id)
    assert (after.title, after.values["naam"].value, shown.text) == (RIGHT, RIGHT, "Добрый день")
    assert overview.item_ids(archive, search="прив") == [item.id]
    assert after.sha256 == item.sha256
    assert verify(archive, Silent()).findings == ()
    entry = overview.history(archive, item.id)[-1].event
    assert (entry.action, entry.before["codepage"], entry.after["codepage"]) == (  # type: ignore[index]
        "tekenset",
        None,
        "cp1251",
    )
    assert undo.undo_label(archive) == "tekenset"
    undo.undo(archive)
    assert overview.item(archive, item.id) == item
    assert verify(archive, Silent()).findings == ()


def test_after_intake_an_attached_message_changes_too_and_the_package_has_it(
    archive: Archive, tmp_path: Path
) -> None:
    (item,) = secured(archive, attached(tmp_path))
    codepage.read_with(archive, ReadWith((item.id,), "cp1251"), Silent())
    after = overview.item(archive, item.id)
    assert isinstance(after.record, EmailMessage)
    assert (after.title, inner(after.record)) == ("Zie bijlage", RIGHT)
    made = make_package(archive, MakePackage(tmp_path / "uit", ids=(item.id,)), Silent())
    assert made.released
    described = [p.read_text("utf-8") for p in made.path.rglob("*.xml")]
    assert any(f"<naam>{RIGHT}</naam>" in text for text in described)
    with pytest.raises(RuleRefused, match="al_verpakt"):
        codepage.read_with(archive, ReadWith((item.id,), "cp1252"), Silent())


def test_a_title_that_somebody_typed_stays_and_new_text_is_refused(
    archive: Archive, tmp_path: Path
) -> None:
    from archiver.services.describe import Edit, edit

    los, old, _ = secured(archive, zipped(tmp_path))
    edit(archive, Edit((old.id,), title="Groet"), Silent())
    codepage.read_with(archive, ReadWith((old.id,), "cp1251"), Silent())
    after = overview.item(archive, old.id)
    assert (after.title, after.record.subject) == ("Groet", RIGHT)  # type: ignore[union-attr]
    with pytest.raises(RuleRefused, match="geen_oude_tekst"):
        codepage.read_with(archive, ReadWith((los.id,), "cp1251"), Silent())
