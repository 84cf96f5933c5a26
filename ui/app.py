"""Start the window: ``archiefklaar-gui [PATH...] [--werkmap DIR] [--taal nl|en] [--thema ...]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QLocale, QTimer, QTranslator
from PySide6.QtWidgets import QApplication

from ui import theme
from ui.models.proposal import set_viewer
from ui.operations import collector
from ui.operations.core import Core, Profile
from ui.operations.desk import Desk
from ui.qt_words import QtWords
from ui.views.main_window import MainWindow
from ui.views.style import style_sheet
from ui.words import language, locale, set_language, t


def make_app(
    arguments: Sequence[str] = (), *, taal: str = "nl", thema: str = "systeem"
) -> QApplication:
    """Give the application with its language, palette and style; makes it when there is none."""
    # Qt asks for the interpreter lock at every call into Python, some hundred times per painting; a
    # worker that computes gives it up after this time, so 5 ms each would freeze the window.
    sys.setswitchinterval(0.0003)
    collector.quiet()
    found = QApplication.instance()
    app = found if isinstance(found, QApplication) else QApplication(["archiefklaar", *arguments])
    app.setApplicationName("archiefklaar")
    app.setOrganizationName("archiefklaar")
    app.setApplicationDisplayName("Archiefklaar")
    app.setDesktopFileName("archiefklaar")
    use_language(app, taal)
    theme.forget_font()
    app.setStyle("Fusion")
    app.setStyleSheet(style_sheet())
    apply_theme(app, thema)
    return app


def use_language(app: QApplication, taal: str) -> None:
    """Speak this language from now on, also in the dialogs of Qt; widgets that exist keep theirs."""
    set_language(taal)
    QLocale.setDefault(locale())
    for old in app.findChildren(QTranslator):
        app.removeTranslator(old)
        old.deleteLater()
    translator = QTranslator(app)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load(locale(), "qtbase", "_", folder):
        app.installTranslator(translator)
    app.installTranslator(QtWords(app))


def apply_theme(app: QApplication, choice: str) -> None:
    """Use the light or dark palette; a high-contrast platform palette stays as it is."""
    wanted = theme.wanted(choice)
    if wanted is not None:
        app.setPalette(theme.palette(wanted))


class Window:
    """Holds desk and window, and makes the window again when the work folder speaks English."""

    def __init__(self, app: QApplication, core: Core, *, thema: str = "systeem") -> None:
        self._app, self._thema = app, thema
        self._profile: Profile | None = None
        self.practice: Window | None = None
        self.desk = Desk(core)
        self.view = self._make()
        app.styleHints().colorSchemeChanged.connect(lambda _: self._follow())
        self.desk.opened.connect(self._opened)

    def open(self, paths: Sequence[Path] = ()) -> None:
        """Show the window first, then open the work folder and look at the paths."""
        self.view.restore()
        self.view.show()
        self.desk.open()
        if paths:
            QTimer.singleShot(0, lambda: self.view.add(paths))

    def practise(self) -> None:
        """Open a window with the bundled samples; this one waits, and nothing of it stays."""
        from ui.operations.practice import PracticeCore, practice_paths

        self.practice = practice = Window(self._app, PracticeCore(), thema=self._thema)
        practice.view.setWindowTitle(f"Archiefklaar – {t('oefenen.titel')}")
        practice.view.ask_close = lambda: True  # type: ignore[method-assign]
        practice.view.closed.connect(self._practised)
        practice.desk.looked.connect(practice.say_practice)
        practice.view.setGeometry(self.view.geometry())
        practice.view.show()
        practice.desk.open()
        practice.desk.add(practice_paths())
        self.view.hide()

    def say_practice(self) -> None:
        """Tell in the task bar that this is no work."""
        self.desk.said.emit(t("oefenen.zin"), "waarom", "secondary")

    def _practised(self) -> None:
        self.view.show()
        if self._profile is not None:
            set_viewer(self._profile.actor)

    def _make(self) -> MainWindow:
        made = MainWindow(self.desk, on_theme=self._choose)
        made.practise.connect(self.practise)
        return made

    def _choose(self, choice: str) -> None:
        self._thema = choice
        apply_theme(self._app, choice)

    def _follow(self) -> None:
        if self._thema == "systeem":
            apply_theme(self._app, "systeem")

    def _opened(self, profile: Profile) -> None:
        self._profile = profile
        if profile.language == language():
            return
        use_language(self._app, profile.language)
        old, self.view = self.view, self._make()
        self.view.setGeometry(old.geometry())
        self.view.person.show_profile(profile)
        self.view.empty.set_actor(profile.actor)
        self.view.show()
        old.hide()
        old.deleteLater()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until the window closes; gives the exit code."""
    parser = argparse.ArgumentParser(prog="archiefklaar-gui")
    parser.add_argument("paden", nargs="*", type=Path)
    parser.add_argument("--werkmap", type=Path)
    parser.add_argument("--taal", choices=("nl", "en"), default="nl")
    parser.add_argument("--thema", choices=("systeem", "licht", "donker"), default="systeem")
    given = parser.parse_args(arguments)
    from ui.operations.archive import ArchiveCore

    app = make_app(taal=given.taal, thema=given.thema)
    window = Window(app, ArchiveCore(given.werkmap), thema=given.thema)
    window.open(given.paden)
    code = app.exec()
    del window  # before the application: Qt destroys in that order only when we do
    return code


if __name__ == "__main__":
    sys.exit(main())
