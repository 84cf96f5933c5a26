"""Which two exports are compared: chosen by keyboard, also before one of them is secured."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from archiver.bootstrap import open_archive
from archiver.progress import Silent
from archiver.services import overview
from archiver.services.conversation_parts import LinkExports, link_exports, parts_ids
from archiver.services.intake import TakeIn, take_in
from tests.helpers import phones, quarters
from tests.ui.conftest import Driver, Open
from ui.operations.archive import ArchiveCore
from ui.views.comparison import ComparisonPage


def secured(werkmap: Path, *exports: tuple[str, Path]) -> list[str]:
    archive = open_archive(werkmap, origin="test")
    ids: list[str] = []
    for owner, path in exports:
        ids += take_in(archive, TakeIn((path,), owner=owner), Silent()).changes.ids
    archive.close()
    return ids


@pytest.fixture
def first(werkmap: Path, tmp_path: Path) -> str:
    """Secure Mira's phone."""
    path = phones.write(tmp_path, "een", phones.first_phone())
    return secured(werkmap, ("Mira", path))[0]


def dropped(driver: Driver, *paths: Path) -> None:
    driver.window.go("nieuw")
    driver.desk.add(list(paths))
    driver.until(lambda: driver.desk.task and not driver.desk.task.running)
    driver.idle()


def compared(driver: Driver) -> ComparisonPage:
    page = driver.window.comparison_page
    driver.until(lambda: page.model.compared is not None and not page.loading)
    driver.idle()
    return page


def test_of_three_exports_the_pair_is_chosen_by_keyboard(
    open_window: Open, werkmap: Path, tmp_path: Path
) -> None:
    ids = secured(
        werkmap,
        ("Mira", phones.write(tmp_path, "een", phones.first_phone())),
        ("Joris", phones.write(tmp_path, "twee", phones.second_phone())),
        ("Samira", phones.write(tmp_path, "drie", phones.later_phone())),
    )
    archive = open_archive(werkmap, origin="test")
    for one, other in pairwise(ids):
        link_exports(archive, LinkExports(one, other, "zelfde groep"), Silent())
    archive.close()
    driver = open_window(ArchiveCore(werkmap))
    driver.window.conversations.compare(ids[0], None)
    page = compared(driver)
    assert page.choice.currentData() == ids[1]
    words = [page.choice.itemText(n) for n in range(page.choice.count())]
    assert [w.partition("(")[2] for w in words] == [
        "gekoppeld)",
        "gekoppeld via een andere export)",
    ]
    page.focus()
    driver.press("R")
    assert QApplication.focusWidget() is page.pair.right
    driver.press("Down")
    driver.until(lambda: page.model.names == ("Export van Mira", "Export van Samira"))
    compared(driver)
    assert page.side.main.text() == "Exports koppelen", (
        "linked through another is no link of its own"
    )
    driver.press("L")
    assert QApplication.focusWidget() is page.pair.left
    driver.press("Down")
    driver.until(lambda: page.own is not None and page.own.id != ids[0])
    compared(driver)
    assert page.model.names == ("Export van Joris", "Export van Samira")
    assert page.model.counts["only_right"] == 4


def test_choosing_at_the_left_what_stands_at_the_right_changes_places(
    open_window: Open, werkmap: Path, tmp_path: Path, first: str
) -> None:
    path = phones.write(tmp_path, "twee", phones.second_phone())
    (second,) = secured(werkmap, ("Joris", path))
    driver = open_window(ArchiveCore(werkmap))
    driver.window.conversations.compare(first, second)
    page = compared(driver)
    page.focus()
    driver.press("L", "Down")
    driver.until(lambda: page.own is not None and page.own.id == second)
    compared(driver)
    assert page.model.names == ("Export van Joris", "Export van Mira")


def test_a_drop_that_looks_like_what_is_there_is_said_compared_secured_and_linked(
    open_window: Open, werkmap: Path, tmp_path: Path, first: str
) -> None:
    driver = open_window(ArchiveCore(werkmap))
    path = phones.write(tmp_path, "twee", phones.second_phone())
    dropped(driver, path)
    card = driver.window.conversations.card
    driver.until(lambda: card.asked)
    assert "Team Kade, Mira, t/m ma 16 nov 2026: 4 van 5 berichten" in card.accessibleName()
    assert driver.window.task_bar.said.startswith("Team Kade lijkt een andere export")
    driver.window.list_page.list.focus()
    stops = []
    for _ in range(6):
        driver.press("F6")
        stops.append(QApplication.focusWidget())
    assert card.button in stops
    driver.window.list_page.list.focus()
    driver.press("Ctrl+Shift+G")
    page = compared(driver)
    assert page.own is not None
    assert page.own.how == "bestand"
    assert page.choice.currentData() == first
    assert page.model.counts["match"] == 6
    assert not page.all.isEnabled(), "there is no whole conversation of a file"
    assert not page.side.who.isEnabled()
    assert page.side.main.text() == "Vastleggen en koppelen"
    archive = driver.desk.core.archive  # type: ignore[attr-defined]
    assert overview.item_ids(archive) == [first], "comparing stores nothing"
    page.side.why.setFocus()
    driver.write("Telefoon van Joris")
    driver.press("Ctrl+Return")
    driver.until(lambda: page.choice.currentText().endswith("(gekoppeld)"))
    compared(driver)
    assert len(overview.item_ids(archive)) == 2
    assert set(parts_ids(archive, first)) == set(overview.item_ids(archive))
    reasons = [entry.event.reason for entry in overview.history(archive, first)]
    assert reasons[-1] == "Telefoon van Joris"
    for item_id in overview.item_ids(archive):
        source = overview.source(archive, overview.item(archive, item_id).source_id)
        assert archive.vault.read_verified(source.sha256), "every original stays"


def test_a_next_quarter_is_recognised_at_the_drop(
    open_window: Open, werkmap: Path, tmp_path: Path
) -> None:
    one, two, *_ = quarters.write(tmp_path)
    secured(werkmap, ("Mira", one))
    driver = open_window(ArchiveCore(werkmap))
    dropped(driver, two)
    card = driver.window.conversations.card
    driver.until(lambda: card.asked)
    assert "zelfde naam en deelnemers, andere dagen" in card.accessibleName()
    assert "lijkt een ander deel" in driver.window.task_bar.said
    archive = driver.desk.core.archive  # type: ignore[attr-defined]
    assert len(overview.item_ids(archive)) == 1


def test_two_files_of_one_drop_are_compared_but_not_linked_yet(
    open_window: Open, werkmap: Path, tmp_path: Path
) -> None:
    driver = open_window(ArchiveCore(werkmap))
    dropped(
        driver,
        phones.write(tmp_path, "een", phones.first_phone()),
        phones.write(tmp_path, "twee", phones.second_phone()),
    )
    driver.window.list_page.list.focus()
    driver.press("Ctrl+A", "Ctrl+Shift+G")
    page = compared(driver)
    assert page.model.counts["match"] == 6
    page.side.why.setText("zelfde groep")
    assert not page.side.main.isEnabled()
    assert page.side.complaint.text().startswith("Deze twee zijn nog niet vastgelegd.")


def test_what_stays_on_the_desk_is_looked_at_again_when_the_other_is_secured(
    open_window: Open, werkmap: Path, tmp_path: Path
) -> None:
    driver = open_window(ArchiveCore(werkmap))
    one = phones.write(tmp_path, "een", phones.first_phone())
    two = phones.write(tmp_path, "twee", phones.second_phone())
    dropped(driver, one, two)
    card = driver.window.conversations.card
    assert not card.asked, "nothing is in the vault yet"
    driver.desk.secure(str(one))
    driver.until(lambda: len(driver.desk.rows) == 1)
    driver.idle()
    driver.until(lambda: card.asked)
    assert "4 van 5 berichten" in card.accessibleName()


def test_what_looks_like_nothing_has_no_card(
    open_window: Open, werkmap: Path, tmp_path: Path, first: str
) -> None:
    other = phones.android("16-11-2026", [("14:00", "Iris", "Iets heel anders dan de kade")])
    driver = open_window(ArchiveCore(werkmap))
    dropped(driver, phones.write(tmp_path, "ander", other))
    driver.idle()
    assert not driver.window.conversations.card.asked
