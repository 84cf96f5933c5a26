"""A file that no reader understands, in the window: kept whole when somebody says so, with the keyboard."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QLabel

from archiver.model import Conversation, Item
from archiver.store import audit
from archiver.store import items as stored
from tests.archiver.services.test_kept_whole import DOCX, UNKNOWN
from tests.helpers.messages import mail
from tests.ui.conftest import Driver
from ui.operations.archive import ArchiveCore


def dropped(real: Driver, folder: Path, **files: bytes) -> None:
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / name.replace("__", ".")).write_bytes(data)
    real.desk.add([folder])
    real.until(lambda: real.desk.task and not real.desk.task.running, 60)
    real.idle()


def items(real: Driver) -> list[Item]:
    core = real.desk.core
    assert isinstance(core, ArchiveCore)
    with core.archive.register.read() as tx:
        return [stored.get(tx, i) for i in stored.ids(tx)]


def asked(real: Driver) -> list[str]:
    return [a.name for a in real.window.list_page.question.asked]


def test_the_whole_way_with_the_keyboard(real: Driver, tmp_path: Path) -> None:
    dropped(real, tmp_path / "binnen", geplakt__docx=DOCX)
    page = real.window.list_page
    card = page.unread
    assert real.window.pages.currentWidget() is page, "not the first page: something is asked"
    assert card.isVisible()
    assert real.desk.rows == {}
    page.list.focus()
    real.press("F6")
    assert card.keep.hasFocus()
    real.press("Space")
    real.until(lambda: real.desk.rows)
    real.idle()
    assert not card.isVisible()
    everything = ["reason", "platform", "title", "owner", "participants", "period"]
    assert asked(real) == everything

    real.desk.undo()
    real.idle()
    assert real.desk.rows == {}
    assert card.isVisible(), "taken back: it waits again"
    card.focus()
    real.press("Space")
    real.until(lambda: real.desk.rows)
    real.idle()
    assert page.question.choices[0].hasFocus()
    real.press("Space")  # the first reason
    real.until(lambda: asked(real) == everything[1:])
    real.idle()
    real.press("Space")  # WhatsApp
    real.until(lambda: asked(real) == everything[2:])
    real.idle()
    real.write("Appgroep Kade")
    real.press("Return")
    real.until(lambda: asked(real) == everything[3:])
    real.idle()
    while not page.question.other.hasFocus():
        real.press("Tab")
    typed = ("Anna de Wit", "Anna de Wit; Bram Vos", "1-3-2026 t/m 5-3-2026")
    for left, words in zip((2, 1, 0), typed, strict=True):
        real.write(words)
        real.press("Return")
        real.until(lambda n=left: len(asked(real)) == n)
        real.idle()
    said = " ".join(x.text() for x in page.inspector.facts.findChildren(QLabel))
    assert "Niet geduid" in said
    assert "Anna de Wit; Bram Vos" in said

    real.press("Ctrl+Return")
    real.until(lambda: real.desk.task and real.desk.task.secures and not real.desk.task.running, 60)
    real.idle()
    assert real.desk.rows == {}
    (item,) = items(real)
    record = item.record
    assert isinstance(record, Conversation)
    assert (record.format, record.platform, item.title) == (
        "niet_geduid",
        "whatsapp",
        "Appgroep Kade",
    )
    assert item.owner == "Anna de Wit"
    core = real.desk.core
    assert isinstance(core, ArchiveCore)
    assert core.archive.vault.read_verified(item.source_sha256) == DOCX
    with core.archive.register.read() as tx:
        (entry,) = [e for e in audit.entries(tx) if e.event.action == "toch_bewaard"]
    assert entry.event.actor == "Mira van Oosterhof"
    assert entry.event.reason == "De app kan niet anders exporteren"


def test_the_row_of_the_failure_offers_it_too(real: Driver, tmp_path: Path) -> None:
    dropped(
        real,
        tmp_path / "binnen",
        a__json=UNKNOWN["export.json"],
        b__exe=b"MZ\x90\0\3\0\0\0" + bytes(60),
        c__txt=b"",
    )
    tasks = real.window.tasks_page
    real.press("Ctrl+J")
    assert tasks.table.hasFocus()
    offered = {}
    for place in range(3):
        tasks.table.selectRow(place)
        line = tasks.model.line(place)
        assert line is not None
        offered[line.name] = tasks.keep.isVisible()
    assert offered == {"a.json": True, "b.exe": False, "c.txt": False}
    tasks.table.selectRow(0)
    while not tasks.keep.hasFocus():
        real.press("Tab")
    real.press("Space")
    real.until(lambda: real.desk.rows)
    real.idle()
    assert real.window.pages.currentWidget() is real.window.list_page
    assert asked(real)[0] == "reason"
    real.press("Ctrl+J")
    tasks.table.selectRow(0)
    assert not tasks.keep.isVisible()


def test_an_odd_file_among_messages_asks_nothing_beside_the_list(
    real: Driver, tmp_path: Path
) -> None:
    dropped(real, tmp_path / "binnen", a__eml=mail("Vraag", number=1), b__docx=DOCX)
    assert len(real.desk.rows) == 1
    assert not real.window.list_page.unread.isVisible()
    assert real.desk.unread.offers(str(tmp_path / "binnen" / "b.docx"))
    real.desk.secure()
    real.until(lambda: real.desk.rows == {} and real.desk.task and not real.desk.task.running, 60)
    real.idle()
    assert not real.window.list_page.unread.isVisible()


def test_left_is_left_and_never_stored(real: Driver, tmp_path: Path) -> None:
    dropped(real, tmp_path / "binnen", a__csv=UNKNOWN["export.csv"], b__docx=DOCX)
    card = real.window.list_page.unread
    assert card._count.text() == "1 van 2"
    card.leave.setFocus()
    real.press("Space")
    assert card.file is not None
    assert card.file.line.name == "b.docx"
    card.leave.setFocus()
    real.press("Space")
    assert not card.isVisible()
    assert real.desk.rows == {}
    assert items(real) == []


def test_dropped_again_after_it_was_kept_it_is_still_secured(real: Driver, tmp_path: Path) -> None:
    folder = tmp_path / "binnen"
    dropped(real, folder, a__docx=DOCX)
    real.desk.unread.keep(str(folder / "a.docx"))
    real.until(lambda: real.desk.rows)
    dropped(real, folder)
    assert not real.desk.unread.offers(str(folder / "a.docx"))
    real.desk.secure()
    real.until(lambda: real.desk.task and not real.desk.task.running, 60)
    real.idle()
    assert [i.record.format for i in items(real)] == ["niet_geduid"]
