"""Make the pictures of the window: ``python packaging/schermafdrukken.py FOLDER [--schaal 1 2]``.

Runs the real window on a real work folder with the bundled samples, light and dark, at each
scale, and saves screens a (leeg), b (nieuw), c (privé), f (pakket), h (taken), the questions about a
phone export, the comparison of two exports and the whole conversation as PNG.
Needs no screen. The scale of Qt is fixed at start, so that each scale is a process of its own.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import schermafdruk_niet_geduid
import schermafdruk_postvak
import schermafdruk_sleutel
import schermafdruk_vergelijken
import schermafdruk_vragen

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "archiver" / "data" / "voorbeelden"
SETTINGS = """taal = "nl"
[organisatie]
naam = "Gemeente Veldermeer"
[gebruiker]
naam = "Mira van Oosterhof"
rol = "medewerker"
"""
THEMES = ("licht", "donker")
OUT = {
    "naar het ziekenhuis": "bijzondere persoonsgegevens",
    "Sterkte!": "prive",
    "ledenvergadering": "partijpolitiek",
}


def main() -> int:
    """Make all pictures; gives the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("map", type=Path)
    parser.add_argument("--schaal", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--thema", nargs="+", default=list(THEMES))
    parser.add_argument("--een", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    given.map.mkdir(parents=True, exist_ok=True)
    if given.een:
        for theme in given.thema:
            _pictures(given.map, theme, given.een)
        return 0
    for scale in given.schaal:
        environment = dict(os.environ, QT_SCALE_FACTOR=str(scale))
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
        environment["PYTHONPATH"] = str(ROOT)
        for theme in given.thema:
            call = [sys.executable, __file__, str(given.map), "--een", str(scale)]
            subprocess.run([*call, "--thema", theme], env=environment, check=True)
    return 0


def _pictures(folder: Path, theme: str, scale: int) -> None:
    from PySide6.QtCore import QEventLoop, QSettings, QTimer
    from PySide6.QtGui import QFont, QFontDatabase, QImage
    from PySide6.QtWidgets import QApplication

    from ui.app import Window, make_app
    from ui.operations.archive import ArchiveCore

    base = QApplication(["archiefklaar"])
    if "Inter" in QFontDatabase.families():
        font = QFont("Inter")
        font.setPixelSize(13)
        base.setFont(font)
    app = make_app(thema=theme)

    def rest(milliseconds: int) -> None:
        loop = QEventLoop()  # QTest.qWait keeps the interpreter lock: the workers would stand still
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    def wait(ready: Callable[[], object], seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > end:
                raise TimeoutError("the window did not get there")
            rest(20)
        rest(250)

    with tempfile.TemporaryDirectory() as place:
        werkmap, drop = Path(place) / "werkmap", Path(place) / "Berichten van Mira"
        werkmap.mkdir()
        (werkmap / "instellingen.toml").write_text(SETTINGS, encoding="utf-8")
        shutil.copytree(SAMPLES / "selectie", werkmap / "selectie")
        shutil.copytree(SAMPLES / "mira-van-oosterhof", drop)
        shutil.copy(SAMPLES / "postbus-bouwen" / "postbus-bouwen.mbox", drop)
        (drop / "planning.mpp").write_bytes(bytes(range(256)) * 900)
        # What the user's own window remembers must not be seen here, nor the other way round.
        QSettings.setPath(
            QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(Path(place) / "venster")
        )
        window = Window(app, ArchiveCore(werkmap), thema=theme)
        view = window.view
        view.resize(1440, 900)
        opened: list[object] = []
        window.desk.opened.connect(opened.append)
        window.open()
        wait(lambda: opened)

        def save(name: str) -> None:
            rest(200)
            picture = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
            picture.setDotsPerMeterX(3780 * scale)
            picture.setDotsPerMeterY(3780 * scale)
            picture.save(str(folder / f"{name}-{theme}-{scale}x.png"))

        save("a-leeg")
        window.desk.add([drop])
        wait(lambda: window.desk.task and not window.desk.task.running)
        view.list_page.list.table.setFocus()
        rest(500)
        save("b-nieuw")
        titles = [r.kind for r in (view.list_page.list.model.row_at(n) for n in range(24)) if r]
        view.list_page.list.go_to(titles.index("conversation"))
        rest(500)
        save("b-gesprek")
        chat = view.chat_page
        view.list_page.private()
        wait(lambda: not chat.loading)
        said = [m.text or "" for m in chat.model.messages]
        for words, reason in OUT.items():
            chat.model.take_out([next(n for n, x in enumerate(said) if words in x)], reason)
        chat._go_to(next(n for n, x in enumerate(said) if "nachtploeg" in x))
        chat.view.scrollTo(chat.view.currentIndex(), chat.view.ScrollHint.PositionAtTop)
        rest(300)
        save("c-chat-prive")
        chat.find_open()
        chat.finder.words.setText("bewoner")
        rest(400)
        save("c-chat-zoeken")
        chat.act()
        view.resize(1024, 700)
        rest(300)
        save("c-chat-1024x700-zeker")
        view.resize(1440, 900)
        chat.side.ask(False)
        chat.model.set_out({})
        chat.leave()
        rest(300)
        view.list_page.list.go_to(4)
        rest(500)
        view.list_page.inspector.toggle_why()
        save("b-nieuw-waarom")
        view.resize(1024, 700)
        rest(300)
        save("b-nieuw-1024x700-waarom")
        view.list_page.inspector.toggle_why()
        save("b-nieuw-1024x700")
        view.resize(1440, 900)
        view.show_tasks()
        save("h-taken")
        view.go("nieuw")
        window.desk.secure()
        wait(lambda: not window.desk.rows or not window.desk.task.running)
        view.show_tasks()
        save("h-vastgelegd")
        view.go("getagd")
        wait(lambda: view.list_page.list.model.rowCount())
        save("b-getagd")
        view.list_page.act()
        rest(1500)
        view.go("besloten")
        rest(500)
        save("b-besloten")
        target = Path(place) / "overdracht"
        target.mkdir()
        chosen = [k for k in view.list_page.list.model.keys if isinstance(k, str)]
        made: list[object] = []
        window.desk.package_made.connect(made.append)
        window.desk.failed.connect(made.append)
        window.desk.package(chosen, target)
        wait(lambda: made, 120)
        save("f-pakket")
        schermafdruk_postvak.pictures(window, Path(place), wait, rest, save)
        wait(lambda: not window.desk.task or not window.desk.task.running)
        schermafdruk_sleutel.pictures(window, Path(place), wait, rest, save)
        schermafdruk_niet_geduid.pictures(window, Path(place), wait, rest, save)
        wait(lambda: not window.desk.task or not window.desk.task.running)
        schermafdruk_vragen.pictures(window, Path(place), wait, rest, save)
        view.ask_close = lambda: True
        view.close()
        # Work behind the window is over before another window opens another work folder.
        rest(500)
        compared = Path(place) / "vergelijken"
        compared.mkdir()
        (compared / "instellingen.toml").write_text(SETTINGS, encoding="utf-8")
        shutil.copytree(SAMPLES / "selectie", compared / "selectie")
        ids = schermafdruk_vergelijken.secure(compared, Path(place))
        window = Window(app, ArchiveCore(compared), thema=theme)
        view = window.view
        view.resize(1440, 900)
        opened.clear()
        window.desk.opened.connect(opened.append)
        window.open()
        wait(lambda: opened)
        schermafdruk_vergelijken.pictures(view, ids, save, wait)
        schermafdruk_vergelijken.alike(window, Path(place), save, wait)
        view.ask_close = lambda: True
        view.close()


if __name__ == "__main__":
    sys.exit(main())
