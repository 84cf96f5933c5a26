"""Work beside the window: stopping, failing, closing."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from archiver.progress import Progress
from tests.helpers.fake_services import FakeCore
from tests.ui.conftest import Driver, Open
from tests.ui.test_responsive import generated
from ui.operations.archive import ArchiveCore
from ui.operations.core import Change, Secured
from ui.views.task_bar import TaskBar


class HeldUp:
    """Progress that waits at one place until somebody stops the work."""

    def __init__(self, inner: Progress, at: int, there: threading.Event) -> None:
        self._inner, self._at, self._there = inner, at, there

    def step(self, done: int, total: int | None, what: str) -> None:
        self._inner.step(done, total, what)
        if done == self._at and not self._there.is_set():
            self._there.set()
            for _ in range(2_000):
                if self._inner.cancelled():
                    return
                time.sleep(0.01)

    def cancelled(self) -> bool:
        return self._inner.cancelled()


class HeldUpCore(ArchiveCore):
    """The real core, held up once while it secures file 250."""

    def __init__(self, werkmap: Path) -> None:
        super().__init__(werkmap)
        self.there = threading.Event()

    def take_in(
        self, paths: Sequence[Path], changes: Mapping[tuple[str, int], Change], progress: Progress
    ) -> Secured:
        return super().take_in(paths, changes, HeldUp(progress, 250, self.there))


def test_stopping_keeps_what_is_finished(open_window: Open, werkmap: Path, tmp_path: Path) -> None:
    core = HeldUpCore(werkmap)
    driver = open_window(core)
    drop = generated(tmp_path / "drop", mailbox=10, files=320)
    driver.desk.add([drop])
    driver.until(lambda: driver.desk.task and not driver.desk.task.running, 60)
    driver.idle()
    driver.press("Ctrl+Return", "Ctrl+J")
    driver.until(core.there.is_set, 30)
    driver.press("Escape")
    driver.until(lambda: driver.desk.task and not driver.desk.task.running, 30)
    driver.idle()
    task = driver.desk.task
    assert task is not None
    assert task.stopped
    stored = sum(v for k, v in driver.desk.state.counts.items() if k != "nieuw")
    assert stored >= 200, "the first group was finished before the key was pressed"
    assert task.count("bezig", "wacht") == 0
    assert task.totals()[-1] == ("taak.zoekgeraakt", 0)
    assert stored + len(driver.desk.rows) == 330, "what is not stored still lies on the desk"
    assert driver.window.task_bar.said.startswith("Gestopt.")
    driver.press("Ctrl+J", "Ctrl+1", "Ctrl+Return")
    driver.until(lambda: driver.desk.task and not driver.desk.task.running, 60)
    driver.idle()
    assert sum(v for k, v in driver.desk.state.counts.items() if k != "nieuw") == 330


def test_stopping_while_looking_keeps_the_lines_that_came(open_window: Open) -> None:
    driver = open_window(FakeCore(pause=0.004))
    driver.desk.add([Path("veel-200.mbox"), Path("later.eml")])
    driver.until(lambda: len(driver.titles()) > 20)
    assert driver.window.task_bar.stop.isVisible()
    driver.window.task_bar.stop.click()
    driver.until(lambda: driver.desk.task and not driver.desk.task.running)
    driver.idle()
    assert driver.desk.task is not None
    assert driver.desk.task.stopped
    assert len(driver.titles()) == 200, "between two files it stops; what came stays"
    assert "later" not in " ".join(driver.titles())


def test_work_never_opens_a_dialog(fake: Driver) -> None:
    fake.desk.add([Path("kapot.doc"), Path("brief.eml")])
    fake.until(lambda: fake.titles())
    fake.idle()
    assert QApplication.activeModalWidget() is None
    assert fake.window.task_bar.said.endswith("1 bestand is niet gelezen. Zie Taken.")


def test_a_bug_in_a_service_is_told_and_the_window_lives(
    fake: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> object:
        raise ZeroDivisionError(" ".join(("geheim", "onderwerp")))

    fake.desk.add([Path("brief.eml")])
    fake.until(lambda: fake.titles())
    fake.idle()
    fake.desk.core.take_in = broken  # type: ignore[method-assign, assignment]
    fake.press("Ctrl+Return")
    fake.until(lambda: fake.desk.task and not fake.desk.task.running)
    assert "geheim onderwerp" not in fake.window.task_bar.said
    assert fake.window.task_bar.said.startswith("Er ging iets mis in Archiefklaar.")
    assert "ZeroDivisionError" in caplog.text
    assert "geheim onderwerp" not in caplog.text, "no words of a record in the log"
    assert len(fake.titles()) == 1
    caplog.clear()


def test_confirming_while_files_are_read_says_wait(open_window: Open) -> None:
    driver = open_window(FakeCore(pause=0.004))
    core = driver.desk.core
    assert isinstance(core, FakeCore)
    driver.desk.add([Path("veel-100.mbox")])
    driver.until(lambda: driver.titles())
    driver.press("Ctrl+Return")
    assert driver.window.task_bar.said.startswith("Even wachten")
    driver.until(lambda: driver.desk.task and not driver.desk.task.running)
    assert not [c for c in core.calls if c[0] == "take_in"]


def test_the_register_is_closed_by_its_own_thread(open_window: Open) -> None:
    core = FakeCore()
    driver = open_window(core)
    driver.window.ask_close = lambda: True  # type: ignore[method-assign]
    driver.window.close()
    assert core.calls[-1] == ("close", None)


def test_leaving_with_messages_on_the_desk_asks_first(fake: Driver) -> None:
    asked: list[int] = []
    fake.desk.add([Path("brief.eml")])
    fake.until(lambda: fake.titles())
    fake.window.ask_close = lambda: bool(asked.append(1))  # type: ignore[method-assign, func-returns-value]
    fake.window.close()
    assert asked == [1]
    assert fake.window.isVisible()


def test_no_part_of_the_window_ever_stands_alone(fake: Driver) -> None:
    """A widget that is taken out of a layout must not come up as a window of its own."""
    shown: list[QWidget] = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            alone = isinstance(watched, QWidget) and watched.isWindow()
            if event.type() == QEvent.Type.Show and alone and watched is not fake.window:
                shown.append(watched)
            return False

    watch = Watch()
    QApplication.instance().installEventFilter(watch)
    fake.press("Ctrl+J")
    for number in range(8):
        fake.desk.add([Path(f"brief-{number}.eml"), Path(f"kapot-{number}.doc")])
        fake.window.show_tasks()
        fake.window.tasks_page.show_task(fake.desk.task)
        fake.window.tasks_page.show_task(fake.desk.task)
    fake.idle()
    fake.window.go("nieuw")
    fake.idle()
    fake.window.list_page.inspector.toggle_why()
    fake.idle()
    assert shown == []


def test_the_count_adds_up_while_work_runs(open_window: Open) -> None:
    driver = open_window(FakeCore(pause=0.002))
    driver.desk.add([Path("veel-30.mbox"), Path("veel-20.mbox")])
    driver.until(lambda: driver.desk.task and not driver.desk.task.running)
    lost: list[int] = []
    driver.desk.task_changed.connect(lambda task: lost.append(task.totals()[-1][1]))
    driver.press("Ctrl+Return")
    driver.until(lambda: driver.desk.task and not driver.desk.task.running)
    driver.idle()
    assert len(lost) > 3
    assert set(lost) == {0}


def test_a_work_folder_that_will_not_open_says_why_and_opens_after_repair(
    open_window: Open, werkmap: Path
) -> None:
    settings = werkmap / "instellingen.toml"
    sound = settings.read_text(encoding="utf-8")
    settings.write_text("kapot = = ", encoding="utf-8")
    driver = open_window(ArchiveCore(werkmap))
    window = driver.window
    assert window.pages.currentWidget() is window.refused_page
    assert "instellingen.toml" in window.refused_page.accessibleName()
    assert window.sidebar._vault.text() == "Kluis is niet open"
    driver.desk.add([Path("brief.eml")])
    driver.until(lambda: driver.desk.task and not driver.desk.task.running)
    assert "instellingen.toml" in window.task_bar.said, "the same sentence, not a bug"
    settings.write_text(sound, encoding="utf-8")
    window.refused_page.act.emit()
    driver.until(lambda: window.pages.currentWidget() is window.empty)
    driver.idle()
    assert window.sidebar._vault.text() == "Kluis is leeg"


def test_a_page_keeps_its_keys_in_the_task_bar_when_the_window_changes_width(app: object) -> None:
    bar = TaskBar()
    bar.show_keys("vergelijk.toetsen")
    for compact in (True, False):
        bar.set_compact(compact)
        assert "Ctrl+Enter koppelen" in bar._keys.text()
    bar.show_keys()
    bar.set_compact(True)
    assert bar._keys.text() == "Ctrl+Z ongedaan   F1 uitleg"
