"""The main job in the window: by keyboard alone, by a drop, with undo, with the real services."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from tests.ui.conftest import Driver


def count(driver: Driver, queue: str) -> int:
    return driver.desk.state.counts.get(queue, 0)


def add_by_key(driver: Driver, *paths: Path) -> None:
    driver.window.ask_files = lambda: paths  # type: ignore[method-assign]
    driver.press("Ctrl+O")
    driver.until(lambda: driver.desk.task is not None and not driver.desk.task.running)
    driver.idle()


def test_main_job_by_keyboard_alone(real: Driver, drop: Path, tmp_path: Path) -> None:
    window, page = real.window, real.window.list_page
    vault = tmp_path / "werkmap" / "kluis"

    add_by_key(real, drop)
    assert len(real.titles()) == 24
    assert count(real, "getagd") == 0
    assert not [p for p in vault.rglob("*") if p.is_file()], "a preview stores nothing"
    model, first = page.list.model, 0
    assert model.index(first, 0).data() == "Joris Blankert"
    assert model.index(first, 1).data() == "RE: Akkoord gunning Kadebrug, lot 2"
    assert model.index(first, 2).data() == "Compleet"
    assert str(model.index(first, 3).data()).startswith("Blijvend")
    assert page.inspector.card.words.startswith("Blijvend bewaren – je was toen gemeentesecretaris")

    real.press("W")
    assert page.inspector.card.opened

    real.press("Return")
    assert QApplication.focusWidget() is page.inspector.reader.browser
    real.until(lambda: "donderdag meenemen" in page.inspector.reader.browser.toPlainText())
    real.press("Shift+F6")
    assert QApplication.focusWidget() is page.list.table

    real.press("F2")
    real.press("Ctrl+A")
    real.write("Gunning lot 2")
    real.press("Tab", "Ctrl+A")
    real.write("Aanbesteding 2026")
    real.press("Tab")
    real.write("Vernietigen")
    real.press("Tab")
    real.write("10 jaar")
    real.press("Tab")
    real.write("Alleen een kopie")
    real.press("Return")
    assert real.titles()[0] == "Gunning lot 2"
    assert QApplication.focusWidget() is page.list.table
    changed = page.list.current()
    assert changed is not None
    assert changed.dossier == "Aanbesteding 2026"
    assert changed.appraisal["waardering"] == "V"
    assert changed.appraisal["termijn"] == "P10Y"

    real.press("Ctrl+Z")
    assert real.titles()[0] == "RE: Akkoord gunning Kadebrug, lot 2"

    real.press("F2", "Ctrl+A")
    real.write("Gunning van lot 2")
    real.press("Return")

    real.press("Ctrl+Return")
    real.until(lambda: count(real, "getagd") > 0, 30)
    real.idle()
    assert count(real, "getagd") + count(real, "te_beoordelen") == 24
    assert count(real, "nieuw") == 0
    assert real.desk.task is not None
    assert real.desk.task.totals()[-1] == ("taak.zoekgeraakt", 0)

    real.press("Ctrl+2")
    real.idle()
    tagged = count(real, "getagd")
    assert "Gunning van lot 2" in real.titles()
    real.press("Ctrl+Return")
    real.until(lambda: count(real, "besloten") == tagged)
    real.press("Ctrl+Z")
    real.until(lambda: count(real, "besloten") == 0)
    real.idle()
    real.press("Ctrl+Return")
    real.until(lambda: count(real, "besloten") == tagged)

    real.press("Ctrl+4")
    real.idle()
    assert len(real.titles()) == tagged
    target = tmp_path / "overdracht"
    target.mkdir()
    window.ask_folder = lambda title: target  # type: ignore[method-assign]
    real.press("Ctrl+Shift+K")
    real.until(lambda: window.pages.currentWidget() is window.package_page, 60)
    package = window.package_page.package
    assert package is not None
    assert package.released
    assert (package.path / "pakbon.xml").is_file()
    assert [code.code for code in package.findings] == []
    assert len(package.checks) == 5
    real.idle()
    assert count(real, "verpakt") == tagged
    assert "Gunning van lot 2" in _tree(real)


def _tree(driver: Driver) -> list[str]:
    model, found = driver.window.package_page.model, []
    waiting = [model.item(n) for n in range(model.rowCount())]
    while waiting:
        item = waiting.pop()
        found.append(item.text())
        waiting += [item.child(n) for n in range(item.rowCount())]
    return found


def test_drop_does_the_same_and_answers_copy(real: Driver, drop: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(drop))])
    actions = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
    no_key, left = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(QPoint(700, 400), actions, mime, left, no_key)
    enter.setDropAction(Qt.DropAction.MoveAction)
    QApplication.sendEvent(real.window, enter)
    assert enter.isAccepted()
    assert enter.dropAction() == Qt.DropAction.CopyAction
    assert real.window._drop_frame.isVisible()
    event = QDropEvent(QPointF(700, 400), actions, mime, left, no_key)
    event.setDropAction(Qt.DropAction.MoveAction)
    QApplication.sendEvent(real.window, event)
    assert event.dropAction() == Qt.DropAction.CopyAction, "a Move would empty the mailbox"
    assert not real.window._drop_frame.isVisible()
    real.until(lambda: real.desk.task is not None and not real.desk.task.running)
    real.idle()
    assert len(real.titles()) == 24
    assert drop.exists()


def test_the_same_drop_again_is_recognised(real: Driver, drop: Path) -> None:
    add_by_key(real, drop)
    real.press("Ctrl+Return")
    real.until(lambda: count(real, "getagd") > 0, 30)
    real.idle()
    before = dict(real.desk.state.counts)
    real.press("Ctrl+1")
    add_by_key(real, drop)
    model = real.window.list_page.list.model
    assert {model.index(n, 2).data() for n in range(24)} == {"Al in de kluis"}
    real.press("Ctrl+Return")
    real.until(lambda: real.desk.task is not None and not real.desk.task.running, 30)
    real.idle()
    assert {k: v for k, v in real.desk.state.counts.items() if k != "nieuw"} == {
        k: v for k, v in before.items() if k != "nieuw"
    }
    assert real.desk.task is not None
    assert real.desk.task.count("overgeslagen") == 19


def test_ctrl_v_takes_the_same_road(fake: Driver) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(Path("brief.eml").absolute()))])
    QApplication.clipboard().setMimeData(mime)
    fake.press("Ctrl+V")
    fake.until(lambda: fake.titles() == ["Onderwerp brief 0"])
    QApplication.clipboard().clear()


def test_a_failing_file_shows_its_finding_while_others_go_on(real: Driver, drop: Path) -> None:
    (drop / "planning.mpp").write_bytes(bytes(range(256)) * 40)
    (drop / "leeg.eml").write_bytes(b"")
    add_by_key(real, drop)
    assert len(real.titles()) == 24
    assert "2 bestanden zijn niet gelezen" in real.window.task_bar.said
    real.press("Ctrl+J")
    tasks = real.window.tasks_page
    assert real.window.pages.currentWidget() is tasks
    line = tasks.model.line(tasks.table.currentIndex().row())
    assert line is not None
    assert line.outcome == "mislukt"
    assert tasks._failure.isVisible()
    words = [words.text() for _, words in tasks._paragraphs]
    assert words[0]
    assert words[2], "what you can do"
    assert real.desk.task is not None
    assert {x.name for x in real.desk.task.lines if x.outcome == "mislukt"} == {
        "planning.mpp",
        "leeg.eml",
    }
    real.press("Ctrl+J")
    real.press("Ctrl+Return")
    real.until(lambda: count(real, "getagd") > 0, 30)
    real.idle()
    assert count(real, "getagd") + count(real, "te_beoordelen") == 24


def test_one_change_for_all_selected_lines_is_one_step_back(fake: Driver) -> None:
    fake.desk.add([Path("veel-4.mbox")])
    fake.until(lambda: len(fake.titles()) == 4)
    fake.idle()
    fake.press("Ctrl+A", "F2", "Tab", "Ctrl+A")
    fake.write("Raadsvragen 2026")
    fake.press("Return")
    assert {r.dossier for r in fake.desk.rows.values()} == {"Raadsvragen 2026"}
    assert len(set(fake.titles())) == 4, "the titles stay what they are"
    fake.press("Ctrl+Z")
    assert {r.dossier for r in fake.desk.rows.values()} == {"Kadebrug"}
