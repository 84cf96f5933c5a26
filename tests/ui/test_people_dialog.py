"""Wie is wie: participants linked to persons by keyboard, remembered for the next conversation, undone."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication

from archiver.bootstrap import open_archive
from archiver.progress import Silent
from archiver.services import people
from archiver.services.intake import TakeIn, take_in
from tests.helpers import phones
from tests.ui.conftest import Driver, Open
from ui.operations.archive import ArchiveCore
from ui.views.people_dialog import PeopleDialog


def secured(werkmap: Path, tmp_path: Path) -> list[str]:
    archive = open_archive(werkmap, origin="test")
    ids: list[str] = []
    for owner, text in (("Mira", phones.first_phone()), ("Joris", phones.second_phone())):
        path = phones.write(tmp_path, owner, text)
        ids += take_in(archive, TakeIn((path,), owner=owner), Silent()).changes.ids
    archive.close()
    return ids


def listed(driver: Driver) -> None:
    for queue in ("getagd", "te_beoordelen"):
        driver.window.go(queue)
        driver.idle()
        if driver.titles():
            return


def dialog(driver: Driver) -> PeopleDialog:
    driver.until(lambda: isinstance(QApplication.activeWindow(), PeopleDialog))
    found = QApplication.activeWindow()
    assert isinstance(found, PeopleDialog)
    driver.until(lambda: found.fields)
    return found


def test_by_keyboard_a_name_becomes_a_person_and_undo_takes_it_back(
    open_window: Open, werkmap: Path, tmp_path: Path
) -> None:
    secured(werkmap, tmp_path)
    driver = open_window(ArchiveCore(werkmap))
    listed(driver)
    driver.press("Ctrl+Shift+D")
    made = dialog(driver)
    assert len(made.rows) == 3
    driver.write("J. Blankert")
    assert not made.save.isEnabled(), "without a reason nothing is recorded"
    driver.press("Ctrl+Return")
    assert QApplication.focusWidget() is made.reason
    driver.write("staat in het smoelenboek")
    driver.press("Ctrl+Return")
    driver.until(lambda: any(row.naam == "J. Blankert" for row in made.rows))
    archive = driver.desk.core.archive  # type: ignore[attr-defined]
    (person,) = people.people(archive)
    assert (person.naam, person.labels[0].reason) == ("J. Blankert", "staat in het smoelenboek")
    assert "vastgelegd door" in " ".join(_texts(made))
    driver.press("Escape")
    driver.until(lambda: not isinstance(QApplication.activeWindow(), PeopleDialog))
    driver.window.activateWindow()
    driver.until(driver.window.isActiveWindow)
    driver.window.list_page.list.focus()
    driver.idle()
    driver.until(driver.window.actions_by_name["undo"].isEnabled)
    driver.press("Ctrl+Z")
    driver.idle()
    driver.until(lambda: not people.people(archive))
    driver.idle()
    assert people.people(archive) == ()


def _texts(made: PeopleDialog) -> list[str]:
    from PySide6.QtWidgets import QLabel

    return [label.text() for label in made.findChildren(QLabel)]


def test_in_a_comparison_both_labels_become_one_person_and_count_at_once(
    open_window: Open, werkmap: Path, tmp_path: Path
) -> None:
    secured(werkmap, tmp_path)
    driver = open_window(ArchiveCore(werkmap))
    listed(driver)
    driver.press("Ctrl+Shift+G")
    page = driver.window.comparison_page
    driver.until(lambda: page.model.compared is not None)
    driver.idle()
    assert "gedeelde berichten" in page.side.names.text()
    page.side.who.click()
    made = dialog(driver)
    names = [row.words for row in made.rows]
    assert {"Joris Blankert", "Joris Werk"} <= set(names)
    for label in ("Joris Blankert", "Joris Werk"):
        made.fields[names.index(label)].setEditText("Joris Blankert")
    made.reason.setText("hij is het")
    made.act()
    driver.until(lambda: sum(row.naam == "Joris Blankert" for row in made.rows) == 2)
    archive = driver.desk.core.archive  # type: ignore[attr-defined]
    (person,) = people.people(archive)
    assert len(person.labels) == 2, "one person, not two of the same name"
    driver.press("Escape")
    driver.until(lambda: page.model.compared is not None and not page.loading)
    driver.until(lambda: "door een mens vastgelegd" in page.side.names.text())


def test_emptied_is_nobody_again(open_window: Open, werkmap: Path, tmp_path: Path) -> None:
    ids = secured(werkmap, tmp_path)
    archive = open_archive(werkmap, origin="test")
    label = people.seen_in(archive, ids[0])[0].label
    people.link_person(archive, people.LinkPerson((label,), "Mira", "zij zelf"))
    archive.close()
    driver = open_window(ArchiveCore(werkmap))
    made = PeopleDialog(driver.desk.comparisons, [ids[0]], driver.window)
    made.show()
    driver.until(lambda: made.fields)
    place = next(n for n, row in enumerate(made.rows) if row.naam == "Mira")
    made.fields[place].setEditText("")
    made.reason.setText("toch niet")
    made.act()
    driver.until(lambda: not any(row.naam for row in made.rows))
    assert people.people(driver.desk.core.archive) == ()  # type: ignore[attr-defined]
    made.close()


def test_a_mail_has_no_participants(fake: Driver) -> None:
    fake.desk.add([Path("brief.eml")])
    fake.until(lambda: fake.titles())
    fake.idle()
    fake.press("Ctrl+Shift+D")
    assert fake.window.task_bar.said.startswith("Kies eerst een vastgelegd gesprek.")
