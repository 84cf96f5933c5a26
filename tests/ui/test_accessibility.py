"""Names for screen readers, the way of the Tab key, and what is spoken (EN 301 549, WCAG 2.2)."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from archiver.progress import Silent
from tests.ui.conftest import Driver
from ui.shortcuts import TABLE

ROLES_WITHOUT_NAME = ("qt_scrollarea_viewport", "qt_spinbox_lineedit")


def fill(driver: Driver) -> None:
    driver.window.ask_files = lambda: [  # type: ignore[method-assign]
        Path("brief.eml"),
        Path("onbekend.eml"),
        Path("kapot.doc"),
    ]
    driver.press("Ctrl+O")
    driver.until(lambda: len(driver.titles()) == 2)
    driver.idle()


def pages(driver: Driver) -> list[QWidget]:
    """Show every page once, with something on it."""
    window = driver.window
    return [
        window.empty,
        window.list_page,
        window.tasks_page,
        window.package_page,
        window.help_page,
    ]


def show(driver: Driver, page: QWidget) -> None:
    window = driver.window
    if page is window.tasks_page:
        window.show_tasks()
    elif page is window.package_page:
        window.show_package(driver.desk.core.package((), Path("/tmp"), Silent()))
    else:
        window.pages.setCurrentWidget(page)
    QApplication.processEvents()


def focusable(root: QWidget) -> list[QWidget]:
    return [
        w
        for w in root.findChildren(QWidget)
        if w.isVisible() and w.isEnabled() and w.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]


@pytest.mark.parametrize("number", range(5))
def test_everything_that_takes_the_focus_has_a_name(fake: Driver, number: int) -> None:
    fill(fake)
    page = pages(fake)[number]
    show(fake, page)
    if page is fake.window.list_page:
        fake.window.list_page.inspector.edit("V")
    found = focusable(fake.window)
    assert len(found) > 8
    for widget in found:
        interface = QAccessible.queryAccessibleInterface(widget)
        assert interface is not None
        name = interface.text(QAccessible.Text.Name)
        assert name.strip(), f"{type(widget).__name__} {widget.objectName()}"
    for button in fake.window.findChildren(QAbstractButton):
        if button.isVisible():
            assert button.accessibleName() or button.text(), button
            assert button.width() >= 24, button.accessibleName()
            assert button.height() >= 24, button.accessibleName()


@pytest.mark.parametrize("number", range(5))
def test_tab_reaches_everything_and_comes_round(fake: Driver, number: int) -> None:
    fill(fake)
    page = pages(fake)[number]
    show(fake, page)
    wanted = set(focusable(fake.window))
    first = next(iter(focusable(page)), None) or fake.window.list_page.list.table
    first.setFocus()
    seen: list[QWidget] = []
    for _ in range(len(wanted) * 3 + 20):
        here = QApplication.focusWidget()
        assert here is not None
        if here in seen and here is seen[0]:
            break
        seen.append(here)
        fake.press("Tab")
    missed = [w for w in wanted - set(seen) if not _one_of_a_group(w, seen)]
    assert missed == [], [f"{type(w).__name__}: {w.accessibleName()}" for w in missed]


def _one_of_a_group(widget: QWidget, seen: list[QWidget]) -> bool:
    """Of buttons that exclude each other Tab visits one; the arrow keys walk along the others."""
    if not isinstance(widget, QAbstractButton):
        return False
    exclusive = widget.autoExclusive() or widget.group() is not None
    return exclusive and any(
        type(other) is type(widget) and other.parentWidget() is widget.parentWidget()
        for other in seen
    )


def test_f6_goes_round_the_parts_of_the_window_and_back(fake: Driver) -> None:
    fill(fake)
    seen = []
    for _ in range(5):
        fake.press("F6")
        seen.append(QApplication.focusWidget())
    assert len(set(seen)) == 5
    fake.press("F6")
    assert QApplication.focusWidget() is seen[0]
    fake.press("Shift+F6")
    assert QApplication.focusWidget() is seen[-1]


def test_a_row_is_spoken_as_one_sentence(fake: Driver) -> None:
    fill(fake)
    model = fake.window.list_page.list.model
    words = str(model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole))
    for part in ("Joris Blankert", "Onderwerp", "Kadebrug", "Compleet", "Blijvend"):
        assert part in words


def test_single_letters_work_only_in_the_list(fake: Driver) -> None:
    fill(fake)
    page = fake.window.list_page
    fake.press("Ctrl+F")
    fake.write("w")
    assert not page.inspector.card.opened
    assert page.list.search.text() == "w"
    fake.press("Escape")
    page.list.table.setFocus()
    fake.press("W")
    assert page.inspector.card.opened


def test_no_key_is_used_twice_in_one_place() -> None:
    seen: dict[tuple[str, str], str] = {}
    for shortcut in TABLE:
        for key in shortcut.keys:
            assert (key, shortcut.where) not in seen, (key, shortcut.action)
            seen[key, shortcut.where] = shortcut.action


def test_the_sidebar_walks_with_arrows_and_speaks_its_counts(fake: Driver) -> None:
    fill(fake)
    fake.window.sidebar.focus()
    first = QApplication.focusWidget()
    assert first is not None
    assert first.accessibleName() == "Nieuw, 2 berichten"
    fake.press("Down")
    here = QApplication.focusWidget()
    assert here is not None
    assert here.accessibleName() == "Getagd, 0 berichten"


def test_text_of_200_percent_still_fits(app: QApplication, fake: Driver) -> None:
    """The window is usable at twice the text size: no label is cut without an ellipsis of its own."""
    from ui import theme
    from ui.views.controls import Button

    used = app.font()
    bigger = app.font()
    bigger.setPixelSize(13 * 2)
    try:
        app.setFont(bigger)
        theme.forget_font()
        button = Button("Alle 12 vastleggen", "main", "kluis")
        metrics = button.fontMetrics().horizontalAdvance(button.text())
        assert button.sizeHint().width() > metrics
        assert button.sizeHint().height() >= 2 * 32
    finally:
        app.setFont(used)
        theme.forget_font()
