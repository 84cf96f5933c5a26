"""Practising: the whole job on invented messages, in a work folder of which nothing stays."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ui.app import Window
from ui.operations.archive import ArchiveCore
from ui.operations.practice import PracticeCore


def test_practice_leaves_nothing_and_the_own_window_comes_back(
    app: QApplication, qtbot: QtBot, werkmap: Path
) -> None:
    window = Window(app, ArchiveCore(werkmap), thema="licht")
    window.open()
    qtbot.waitUntil(lambda: window.desk.runner.busy == 0, timeout=60_000)
    window.view.actions_by_name["practise"].trigger()
    practice = window.practice
    assert practice is not None
    assert not window.view.isVisible()
    assert "oefenen" in practice.view.windowTitle()
    qtbot.waitUntil(
        lambda: practice.desk.task is not None and not practice.desk.task.running, timeout=60_000
    )
    qtbot.waitUntil(lambda: practice.desk.runner.busy == 0, timeout=60_000)
    assert len(practice.desk.rows) > 20
    assert practice.view.task_bar.said.startswith("Dit is een oefening")
    known = [r for r in practice.desk.rows.values() if r.appraisal.get("waardering") in ("B", "V")]
    assert len(known) > 15, "the samples have proposals, whatever the own work folder holds"
    practice.desk.secure()
    qtbot.waitUntil(lambda: sum(practice.desk.state.counts.values()) > 20, timeout=60_000)
    core = practice.desk.core
    assert isinstance(core, PracticeCore)
    assert any((core.folder / "werkmap" / "kluis").rglob("*"))
    practice.view.close()
    assert not core.folder.exists()
    assert window.view.isVisible()
    assert sum(window.desk.state.counts.values()) == 0
    window.view.close()
