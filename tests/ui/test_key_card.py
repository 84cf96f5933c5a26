"""A sealed chat backup in the window: the key is asked, used once and left nowhere."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QLineEdit

from archiver.model import Conversation, Item
from archiver.services.answers import Secret
from archiver.store import items as stored
from tests.archiver.intake.chat.test_opening import MAKERS, WRONG
from tests.archiver.services.test_opening import nowhere, shapes
from tests.ui.conftest import Driver
from ui.operations.archive import ArchiveCore
from ui.views.key_question import KeyQuestion


def dropped(real: Driver, tmp_path: Path, kind: str) -> tuple[KeyQuestion, Path, str]:
    """Drop a backup and stand on its line."""
    folder = tmp_path / "telefoon"
    folder.mkdir()
    path, key = MAKERS[kind](folder)
    real.desk.add([path])
    settled(real)
    real.window.list_page.list.focus()
    question = real.window.list_page.key
    assert question.card.asked is not None
    return question, path, key


def settled(real: Driver) -> None:
    real.until(lambda: real.desk.task and not real.desk.task.running, 60)
    real.idle()


def items(real: Driver) -> list[Item]:
    core = real.desk.core
    assert isinstance(core, ArchiveCore)
    with core.archive.register.read() as tx:
        return [stored.get(tx, i) for i in stored.ids(tx)]


def opened(real: Driver, question: KeyQuestion, path: Path, key: str) -> None:
    """Type the key and wait for what came out."""
    real.press("F6")
    assert question.card.key.hasFocus()
    real.write(key)
    real.press("Return")
    assert question.card.key.text() == ""
    real.until(lambda: real.desk.chats.opened(str(path)), 60)
    settled(real)


@pytest.mark.parametrize("kind", MAKERS)
def test_the_key_opens_it_with_the_keyboard_and_is_nowhere_afterwards(
    real: Driver,
    tmp_path: Path,
    werkmap: Path,
    kind: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    question, path, key = dropped(real, tmp_path, kind)
    card = question.card
    real.press("F6")
    assert card.key.hasFocus()
    assert card.key.echoMode() is QLineEdit.EchoMode.Password
    real.write(WRONG[kind])
    real.press("Return")
    real.until(lambda: question.sealed.said(str(path)), 60)
    real.idle()
    assert "gaat niet open met deze sleutel" in card.words.text()
    assert card.isVisible()
    assert card.key.hasFocus(), "asked again"
    assert len(real.desk.rows) == 1

    real.write(key)
    real.press("Return")
    real.until(lambda: real.desk.chats.opened(str(path)), 60)
    settled(real)
    assert not card.isVisible()
    row = real.window.list_page.list.current()
    assert row is not None
    assert str(row.key[0]).endswith(".ontsleuteld.zip"), "the conversation that came out"
    assert real.window.list_page.list.table.hasFocus()
    assert len(real.desk.rows) == 2
    inspector = real.window.list_page.inspector
    real.until(lambda: "ontsleuteld" in "".join(x.text() for x in inspector.findChildren(QLabel)))
    assert inspector.remarks.minimumSizeHint().width() < inspector.width(), "a SHA-256 is broken"
    picked = repr(real.desk.chats.picked())
    assert "key_given" in picked

    real.press("Ctrl+Return")
    settled(real)
    assert real.desk.rows == {}
    by_format = {i.record.format: i for i in items(real)}
    assert by_format.pop("sealed").source_sha256
    (inside,) = by_format.values()
    assert isinstance(inside.record, Conversation)
    (said,) = [a for a in inside.record.answers if a.question == "key_given"]
    assert (said.value, said.actor) == ("ja", "Mira van Oosterhof")
    assert list((werkmap / "tijdelijk").glob("ontsleuteld*")) == []
    real.window.ask_close = lambda: True  # type: ignore[method-assign]
    real.window.close()  # writes what the window remembers
    needles = [n for n in (*shapes(key), *shapes(WRONG[kind])) if set(n) != {0}]
    settings = tmp_path / "instellingen"
    nowhere(needles, werkmap, *([settings] if settings.is_dir() else []))
    out = capfd.readouterr()
    for text in (picked, caplog.text, out.out, out.err):
        assert key not in text
        assert "".join(key.split()) not in text


def test_the_key_can_be_shown_and_does_not_come_back(real: Driver, tmp_path: Path) -> None:
    question, _, _ = dropped(real, tmp_path, "threema_backup")
    card = question.card
    tried: list[object] = []
    card.given.disconnect()
    card.given.connect(tried.append)
    real.press("F6")
    real.write("Zwaluw-1")
    real.press("Tab")
    assert card.show_key.hasFocus()
    real.press("Space")
    assert card.key.echoMode() is QLineEdit.EchoMode.Normal
    assert card.show_key.text() == "Verberg"
    real.window.list_page.ask(real.window.list_page.list.current())
    assert card.key.text() == "Zwaluw-1", "not lost while it is typed"
    card.key.setFocus()
    real.press("Return")
    assert [type(k) for k in tried] == [Secret]
    assert "Zwaluw" not in repr(tried)
    assert card.key.echoMode() is QLineEdit.EchoMode.Password
    for _ in range(3):
        card.key.undo()
    card.key.setEchoMode(QLineEdit.EchoMode.Normal)
    card.key.undo()
    assert card.key.text() == ""
    real.write("Zwaluw-2")
    real.window.list_page.ask(None)
    assert card.key.text() == "", "another line"


def test_without_key_it_is_secured_sealed(real: Driver, tmp_path: Path) -> None:
    question, path, _ = dropped(real, tmp_path, "whatsapp_crypt")
    real.press("F6")
    while not question.card.seal.hasFocus():
        real.press("Tab")
    real.press("Space")
    settled(real)
    assert real.desk.rows == {}
    (only,) = items(real)
    assert only.record.format == "sealed"
    assert {"chat.verzegeld_whatsapp_crypt", "chat.sleutel_vragen"} <= {
        f.code for f in only.record.findings
    }
    core = real.desk.core
    assert isinstance(core, ArchiveCore)
    assert core.archive.vault.read_verified(only.source_sha256) == path.read_bytes()


def test_other_questions_may_come_first(real: Driver, tmp_path: Path) -> None:
    question, _, _ = dropped(real, tmp_path, "threema_backup")
    page = real.window.list_page
    assert not page.question.isVisible()
    real.press("F6")
    while not question.card.else_.hasFocus():
        real.press("Tab")
    real.press("Space")
    assert not question.card.isVisible()
    assert [a.name for a in page.question.asked] == ["owner", "participants", "period"]
    assert page.question.choices[0].hasFocus()
    real.press("Space")
    real.until(lambda: [a.name for a in page.question.asked] == ["participants", "period"])
    real.idle()
    assert page.question.other.hasFocus()
    real.write("Anna de Wit; Bram Vos")
    real.press("Return")
    real.until(lambda: [a.name for a in page.question.asked] == ["period"])
    real.idle()
    real.write("1-3-2026")
    real.press("Return")
    real.until(lambda: question.card.asked)
    assert not page.question.asked


def test_what_is_taken_out_is_not_kept_in_the_backup_either(
    real: Driver, tmp_path: Path, werkmap: Path
) -> None:
    question, path, key = dropped(real, tmp_path, "signal_backup")
    original = path.read_bytes()
    opened(real, question, path, key)
    real.press("Ctrl+Shift+P")
    chat = real.window.chat_page
    real.until(lambda: not chat.loading)
    place = next(n for n, m in enumerate(chat.model.messages) if m.text == "Nieuwe tekst")
    chat.model.take_out([place], "prive")
    real.press("Ctrl+Return", "Ctrl+Return")
    settled(real)
    assert real.desk.rows == {}, "the backup leaves the desk with it"
    (only,) = items(real)
    assert only.record.format == "uittreksel"
    task = real.desk.task
    assert task is not None
    said = [f.code for line in task.lines for f in line.findings]
    assert "chat.verzegeld_niet_bewaard" in said
    nowhere([original[200:260], b"Nieuwe tekst", b"Oude tekst"], werkmap)


def test_a_backup_and_what_came_out_of_it_go_together(real: Driver, tmp_path: Path) -> None:
    question, path, key = dropped(real, tmp_path, "threema_backup")
    opened(real, question, path, key)
    inside = str(real.desk.chats.opened(str(path)))
    chats = real.desk.chats
    assert chats.goes_along(str(path), inside)
    assert chats.goes_along(inside, str(path))
    chats.set_out((inside, 0), {1: "prive"})
    assert not chats.goes_along(str(path), "")
    assert chats.done_with({inside}) == {inside, str(path)}
    real.desk.remove_sources([(str(path), 0)])
    assert real.desk.rows == {}
    assert chats.picked().paths() == set()


def secured(real: Driver) -> None:
    real.desk.secure()
    real.until(lambda: real.desk.task and real.desk.task.secures and not real.desk.task.running, 60)
    real.idle()


def test_a_backup_that_is_in_the_vault_is_asked_again_when_it_is_dropped_again(
    real: Driver, tmp_path: Path
) -> None:
    _, path, key = dropped(real, tmp_path, "threema_backup")
    secured(real)
    assert real.desk.rows == {}
    real.desk.add([path])
    settled(real)
    question = real.window.list_page.key
    assert question.card.asked is not None
    assert question.card.seal.isHidden(), "it is kept already"
    opened(real, question, path, key)
    secured(real)
    assert sorted(i.record.format for i in items(real)) == ["sealed", "threema"]


def test_a_backup_in_the_register_opens_from_its_own_row(real: Driver, tmp_path: Path) -> None:
    _, path, key = dropped(real, tmp_path, "threema_backup")
    secured(real)
    path.unlink()
    (item,) = items(real)
    window = real.window
    page, card = window.list_page, window.list_page.key.card
    window.go(item.status)
    real.until(lambda: card.isVisible())
    assert not card.key.isVisible(), "one line until somebody asks"
    page.list.focus()
    real.press("F6")
    assert card.unfold.hasFocus()
    real.press("Space")
    assert card.key.hasFocus()
    real.write(WRONG["threema_backup"])
    real.press("Return")
    real.until(lambda: page.key.sealed.said(item.id), 60)
    real.idle()
    assert "gaat niet open" in card.words.text()
    real.write(key)
    real.press("Return")
    real.until(lambda: real.desk.rows, 60)
    settled(real)
    assert page.queue == "nieuw"
    row = page.list.current()
    assert row is not None
    assert str(row.key[0]).endswith(".ontsleuteld.zip")
    real.press("Ctrl+Return")
    real.until(lambda: real.desk.task and real.desk.task.secures and not real.desk.task.running, 60)
    real.idle()
    (derived,) = [i for i in items(real) if i.id != item.id]
    assert isinstance(derived.record, Conversation)
    assert "key_given" in [a.question for a in derived.record.answers]
    core = real.desk.core
    assert isinstance(core, ArchiveCore)
    assert not list((core.archive.werkmap / "tijdelijk").glob("ontsleuteld*"))
    nowhere(list(shapes(key)), core.archive.werkmap)


ENDLESS = """
import json, sys, time
request = json.loads(sys.stdin.buffer.readline())
open(request["target"], "wb").write(b"half")
time.sleep(600)
"""


@pytest.mark.parametrize("way", ["card", "task bar"])
def test_opening_stops_with_the_keyboard_and_leaves_nothing(
    real: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    from archiver.services import opening

    monkeypatch.setattr(opening, "_CHILD", (sys.executable, "-c", ENDLESS))
    question, path, key = dropped(real, tmp_path, "threema_backup")
    core = real.desk.core
    assert isinstance(core, ArchiveCore)
    temporary = core.archive.werkmap / "tijdelijk"
    real.press("F6")
    real.write(key)
    real.press("Return")
    real.until(lambda: list(temporary.rglob("*.ontsleuteld.zip")))
    card = question.card
    assert card.open.text() == "Stoppen"
    if way == "card":
        while not card.open.hasFocus():
            real.press("Tab")
        real.press("Space")
    else:
        real.desk.stop()
    real.until(lambda: question.sealed.said(str(path)))
    real.idle()
    assert "gestopt" in card.words.text()
    assert card.open.text() == "Openen"
    assert not list(temporary.glob("ontsleuteld*"))
    assert len(real.desk.rows) == 1, "the backup itself is still there, sealed"
