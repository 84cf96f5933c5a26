"""A file whose reader dies, in the window: said, offered, kept whole without another try; half a mailbox."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

from archiver.store import audit
from tests.archiver.services.test_dying_reader import STOPPED, box, letter
from tests.helpers import dying_reader
from tests.helpers.messages import mail
from tests.ui.conftest import Driver
from tests.ui.test_kept_whole import asked, items
from tests.ui.test_mailbox import drop, read
from ui.operations.archive import ArchiveCore


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    path = tmp_path / "keren"
    dying_reader.let_die(monkeypatch, path)
    return path


def secured(real: Driver) -> None:
    real.until(lambda: real.desk.task and real.desk.task.secures and not real.desk.task.running, 60)
    real.idle()


def test_the_card_says_what_happened_and_keeping_it_starts_no_reader(
    real: Driver, tmp_path: Path, starts: Path
) -> None:
    real.desk.add([letter(tmp_path)])
    real.until(lambda: real.desk.unread.asked(), 60)
    real.idle()
    card = real.window.list_page.unread
    assert card.isVisible()
    assert card._words.text().startswith("Het lezen van brief.eml is gestopt")
    assert "nog eens lezen" in card._words.text()
    assert real.window.task_bar.said == "1 bestand is niet gelezen. Zie Taken."
    real.window.list_page.list.focus()
    real.press("F6")
    real.press("Space")
    real.until(lambda: real.desk.rows)
    real.idle()
    assert asked(real)[0] == "reason"
    row = next(iter(real.desk.rows.values()))
    real.desk.answer(row, "reason", "Zo is het aan mij gegeven")
    real.idle()
    real.press("Ctrl+Return")
    secured(real)
    (item,) = items(real)
    core = real.desk.core
    assert isinstance(core, ArchiveCore)
    assert core.archive.vault.read_verified(item.source_sha256) == letter(tmp_path).read_bytes()
    with core.archive.register.read() as tx:
        (entry,) = [e for e in audit.entries(tx) if e.event.action == "toch_bewaard"]
    assert (entry.event.after or {})["niet_gelezen"] == STOPPED
    assert dying_reader.starts(starts) == 1


def test_the_tasks_say_it_and_offer_it_but_never_for_a_program(
    real: Driver, tmp_path: Path, starts: Path
) -> None:
    folder = tmp_path / "binnen"
    folder.mkdir()
    letter(folder).rename(folder / "a.exe")
    letter(folder)
    (folder / "goed.eml").write_bytes(mail("Goed"))
    real.desk.add([folder])
    real.until(lambda: real.desk.task and not real.desk.task.running and real.desk.rows, 60)
    real.idle()
    tasks = real.window.tasks_page
    real.press("Ctrl+J")
    offered, said = {}, {}
    for place in range(3):
        tasks.table.selectRow(place)
        line = tasks.model.line(place)
        assert line is not None
        offered[line.name] = tasks.keep.isVisible()
        said[line.name] = [words.text() for _, words in tasks._paragraphs if words.isVisible()]
    assert offered == {"a.exe": False, "brief.eml": True, "goed.eml": False}
    assert said["a.exe"][0].startswith("a.exe is een programma")
    assert said["brief.eml"][0] == "Het lezen van brief.eml is gestopt."
    assert "bewaar het toch als geheel" in said["brief.eml"][-1]


def test_half_a_mailbox_is_said_and_what_was_read_is_secured(
    real: Driver, tmp_path: Path, starts: Path
) -> None:
    path = box(tmp_path, after=70)
    page = drop(real, path)
    read(real, page)
    assert len(page.mailbox.mails) == 64
    assert "1 bestand is maar voor een deel gelezen" in real.window.task_bar.said
    assert not real.desk.unread.offers(str(path)), "it goes into the vault with what was read"
    page.act()
    secured(real)
    assert len(items(real)) == 64
    assert "1 bestand is maar voor een deel gelezen" in real.window.task_bar.said
    real.press("Ctrl+J")
    words = " ".join(x.text() for x in real.window.tasks_page.findChildren(QLabel) if x.isVisible())
    assert "archief.mbox is maar voor een deel gelezen." in words
    assert "als geheel in de kluis" in words
    line = real.window.tasks_page.model.line(0)
    assert line is not None
    assert (line.word(), line.second()) == (
        "Gelukt met 1 opmerking",
        "64 nieuw, niet tot het einde gelezen",
    )


def test_a_mailbox_of_which_nothing_is_read_is_offered_too(
    real: Driver, tmp_path: Path, starts: Path
) -> None:
    path = box(tmp_path, after=0)
    page = drop(real, path)
    read(real, page)
    assert page.mailbox.mails == []
    assert "1 bestand is niet gelezen" in real.window.task_bar.said
    assert real.desk.unread.offers(str(path))
    real.desk.unread.keep(str(path))
    real.until(lambda: real.desk.rows)
    real.idle()
    assert real.window.pages.currentWidget() is real.window.list_page
    real.desk.secure()
    secured(real)
    (item,) = items(real)
    assert item.record.format == "niet_geduid"
    assert dying_reader.starts(starts) == 1


def test_a_reader_that_dies_only_when_the_mailbox_is_secured_is_offered_then(
    real: Driver, tmp_path: Path, starts: Path
) -> None:
    path = tmp_path / "archief.mbox"
    box(tmp_path, after=0)
    dead = path.read_bytes()
    path.write_bytes(dead.replace(b"STERF", b"LEEFT"))
    page = drop(real, path)
    read(real, page)
    path.write_bytes(dead)
    page.act()
    secured(real)
    assert items(real) == []
    assert real.desk.unread.offers(str(path))
    real.desk.unread.leave(str(path))
    assert not real.desk.unread.offers(str(path))
