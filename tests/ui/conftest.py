"""Windows for the tests: with the small stand-in of the core, or with the real one on a new folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.helpers.fake_services import FakeCore
from ui.app import make_app
from ui.operations.archive import ArchiveCore
from ui.operations.core import Core
from ui.operations.desk import Desk
from ui.views.main_window import MainWindow
from ui.words import set_language

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "archiver" / "data" / "voorbeelden"
SETTINGS = """taal = "nl"
[organisatie]
naam = "Gemeente Veldermeer"
[gebruiker]
naam = "Mira van Oosterhof"
rol = "medewerker"
"""


class Driver:
    """A window and the hands of a user who has only a keyboard."""

    def __init__(self, qtbot: QtBot, window: MainWindow) -> None:
        self.qtbot, self.window, self.desk = qtbot, window, window.desk

    def press(self, *keys: str) -> None:
        """Press keys, written as in a menu, in what has the focus."""
        for key in keys:
            combination = QKeySequence.fromString(key)[0]
            target = QApplication.focusWidget() or self.window
            QTest.keyClick(target, combination.key(), combination.keyboardModifiers())

    def write(self, text: str) -> None:
        """Type text where the focus is."""
        QTest.keyClicks(QApplication.focusWidget(), text)

    def until(self, ready: Callable[[], object], seconds: float = 60) -> None:
        """Wait in the event loop. `QTest.qWait` would keep the interpreter lock."""
        self.qtbot.waitUntil(lambda: bool(ready()), timeout=round(seconds * 1000))

    def idle(self) -> None:
        """Wait until no work waits or runs and the current line is shown."""
        rest = self.window.list_page.list._rest
        self.until(lambda: self.desk.runner.busy == 0 and not rest.isActive())

    def titles(self) -> list[str]:
        """Give the second column of the list as it is shown."""
        model = self.window.list_page.list.model
        return [str(model.index(n, 1).data()) for n in range(model.rowCount())]


Open = Callable[[Core], Driver]


@pytest.fixture
def app(qapp: QApplication, tmp_path: Path) -> Iterator[QApplication]:
    QSettings.setPath(
        QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path / "instellingen")
    )
    yield make_app(thema="licht")
    set_language("nl")


@pytest.fixture
def open_window(app: QApplication, qtbot: QtBot) -> Iterator[Open]:
    made: list[Driver] = []

    def opened(core: Core) -> Driver:
        window = MainWindow(Desk(core))
        window.resize(1440, 900)
        driver = Driver(qtbot, window)
        made.append(driver)
        window.show()
        window.activateWindow()
        qtbot.waitActive(window)
        window.desk.open()
        driver.idle()
        return driver

    yield opened
    for driver in made:
        driver.window.ask_close = lambda: True  # type: ignore[method-assign]
        driver.window.close()
        driver.window.deleteLater()


@pytest.fixture
def fake(open_window: Open) -> Driver:
    return open_window(FakeCore())


def werkmap_in(place: Path) -> Path:
    """Make a work folder with the invented municipality in it."""
    folder = place / "werkmap"
    folder.mkdir(parents=True)
    (folder / "instellingen.toml").write_text(SETTINGS, encoding="utf-8")
    shutil.copytree(SAMPLES / "selectie", folder / "selectie")
    return folder


@pytest.fixture
def werkmap(tmp_path: Path) -> Path:
    return werkmap_in(tmp_path)


@pytest.fixture
def real(open_window: Open, werkmap: Path) -> Driver:
    return open_window(ArchiveCore(werkmap))


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    """Our own invented messages, as a user would have them on the desktop."""
    folder = tmp_path / "bureaublad"
    shutil.copytree(SAMPLES / "mira-van-oosterhof", folder)
    shutil.copy(SAMPLES / "postbus-bouwen" / "postbus-bouwen.mbox", folder)
    return folder
