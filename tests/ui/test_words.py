"""Every word of the window stands in the word lists, in Dutch and in English."""

from __future__ import annotations

import ast
import csv
import re
from importlib.resources import files
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from archiver.intake.registry import PARSERS
from tests.helpers.fake_services import FakeCore
from tests.ui.conftest import ROOT, Open
from ui.app import Window, use_language
from ui.operations.archive import ArchiveCore
from ui.operations.core import QUEUES
from ui.shortcuts import MENUS, TABLE
from ui.views.empty_state import FORMATS
from ui.words import moment, parse_term, set_language, size, t, term

KEY = re.compile(r"^[a-z_]+(\.[a-z0-9_]+)+$")


def words() -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for place in files("archiver.data").joinpath("woorden").iterdir():
        if place.name.endswith(".csv"):
            with Path(str(place)).open(encoding="utf-8", newline="") as stream:
                for row in csv.DictReader(stream):
                    found[row["key"]] = (row["nl"], row["en"])
    return found


WORDS = words()


def literal_keys() -> set[tuple[str, str]]:
    """Every whole key that is written in the source of the window, with its file."""
    found: set[tuple[str, str]] = set()
    starts = {key.split(".")[0] for key in WORDS}
    for path in sorted((ROOT / "ui").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        parts = {
            id(value) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for value in n.values
        }
        for node in ast.walk(tree):
            whole = isinstance(node, ast.Constant) and id(node) not in parts
            if whole and isinstance(node.value, str):
                key = node.value
                if KEY.match(key) and key.split(".")[0] in starts and "/" not in key:
                    found.add((key, path.name))
    return found


def made_keys() -> set[str]:
    """The keys that are put together from a fixed part and a name."""
    made = {f"menu.{name}_titel" for name in MENUS} | {s.text for s in TABLE}
    made |= {f"wachtrij.{q}" for q in QUEUES} | {f"kop.{q}" for q in (*QUEUES, "zoeken")}
    made |= {f"leeg.{q}" for q in (*QUEUES, "zoeken")}
    made |= {f"rol.{r}" for r in ("medewerker", "recordmanager", "archivaris")}
    made |= {f"leeg.stap.{n}" for n in (1, 2, 3)} | {f"uitleg.{n}" for n in (1, 2, 3)}
    made |= {f"status.kluis_{s}" for s in ("leeg", "ok", "fout")}
    made |= {f"grond.{n}" for n in range(1, 9)}
    made |= {f"bewerken.waardering.{v}" for v in ("voorstel", "B", "V", "N")}
    made |= {f"inspecteur.{k}" for k in ("bericht", "gegevens", "geschiedenis")}
    made |= {f"pakket.telling.{k}" for k in ("dossiers", "berichten", "bijlagen", "bestanden")}
    outcomes = ("gelukt", "overgeslagen", "mislukt", "wacht", "gestopt")
    return made | {f"status.{o}" for o in outcomes}


def test_every_key_of_the_window_is_there_in_two_languages() -> None:
    keys = {key for key, _ in literal_keys()} | made_keys()
    assert len(keys) > 200
    for key in sorted(keys):
        assert key in WORDS, key
        assert all(word.strip() for word in WORDS[key]), key


def test_placeholders_are_the_same_in_both_languages() -> None:
    for key, (nl, en) in WORDS.items():
        assert sorted(re.findall(r"{(\w+)}", nl)) == sorted(re.findall(r"{(\w+)}", en)), key


def test_numbers_dates_and_sizes_are_written_as_people_do(app: QApplication) -> None:
    assert t("kop.getagd", n=1204) == "1.204 berichten vastgelegd in de kluis."
    assert moment("2026-11-17T14:52:00+01:00") == "di 17 nov 14:52"
    assert moment(None) == "Geen datum"
    assert size(412_000) == "402 kB"
    assert term("P10Y") == "10 jaar"
    assert parse_term("10 jaar") == "P10Y"
    assert parse_term("zomaar") is None


def shown_words(window: QWidget) -> list[str]:
    found: list[str] = []
    for widget in window.findChildren(QWidget):
        found += [widget.accessibleName(), widget.toolTip()]
        if isinstance(widget, QLabel | QAbstractButton):
            found.append(widget.text())
        if isinstance(widget, QLineEdit):
            found.append(widget.placeholderText())
    return [word for word in found if word]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_no_keys_are_left_in_the_window(
    app: QApplication, open_window: Open, language: str
) -> None:
    set_language(language)
    driver = open_window(FakeCore())
    driver.window.ask_files = lambda: [ROOT / "brief.eml"]  # type: ignore[method-assign]
    driver.press("Ctrl+O")
    driver.until(lambda: driver.titles())
    driver.idle()
    driver.press("F1")
    seen = shown_words(driver.window)
    seen += [a.text() for a in driver.window.actions_by_name.values()]
    starts = {key.split(".")[0] for key in WORDS}
    left = [w for w in seen if KEY.match(w) and w.split(".")[0] in starts]
    assert left == []
    other = 1 if language == "nl" else 0
    foreign = {pair[other] for pair in WORDS.values() if pair[0] != pair[1]}
    own = {pair[1 - other] for pair in WORDS.values()}
    assert sorted(set(seen) & (foreign - own)) == []


def test_a_work_folder_in_english_gives_an_english_window(
    app: QApplication, werkmap: Path, qtbot: QtBot
) -> None:
    settings = werkmap / "instellingen.toml"
    words_of_it = settings.read_text(encoding="utf-8").replace('taal = "nl"', 'taal = "en"')
    settings.write_text(words_of_it, encoding="utf-8")
    window = Window(app, ArchiveCore(werkmap), thema="licht")
    window.open()
    qtbot.waitUntil(lambda: "New" in shown_words(window.view), timeout=60_000)
    foreign = {nl for nl, en in WORDS.values() if nl != en} - {en for _, en in WORDS.values()}
    assert sorted(set(shown_words(window.view)) & foreign) == []
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Cancel"
    window.view.close()
    use_language(app, "nl")
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Annuleren"
    assert QCoreApplication.translate("QFileDialog", "Look in:") == "Zoek in:"


def test_the_first_screen_names_only_what_can_be_read() -> None:
    readers = " ".join(PARSERS)
    for _, key in FORMATS:
        for name in re.findall(r"[a-z]+", WORDS[key][0].split(": ")[-1].casefold()):
            assert name in readers, name
