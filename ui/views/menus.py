"""The menu bar, made from the table of shortcuts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenuBar, QWidget

from ui.shortcuts import MENUS, TABLE
from ui.words import t

_CONTEXTS = {
    "list": Qt.ShortcutContext.WidgetShortcut,
    "tasks": Qt.ShortcutContext.WidgetWithChildrenShortcut,
}


def build_menus(
    window: QMainWindow,
    bar: QMenuBar,
    places: Mapping[str, QWidget],
    handlers: Mapping[str, Callable[[], object]],
) -> dict[str, QAction]:
    """Make every action; those of a place work only with the focus in it (WCAG 2.1.4)."""
    menus = {name: bar.addMenu(t(f"menu.{name}_titel")) for name in MENUS}
    made: dict[str, QAction] = {}
    for shortcut in TABLE:
        action = QAction(t(shortcut.text), window)
        action.setObjectName(shortcut.action)
        action.setShortcuts([QKeySequence(key) for key in shortcut.keys])
        action.triggered.connect(lambda _=False, h=handlers[shortcut.action]: h())
        place = places.get(shortcut.where)
        if place is not None:
            action.setShortcutContext(_CONTEXTS[shortcut.where])
            place.addAction(action)
        else:
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            window.addAction(action)
        menus[shortcut.menu].addAction(action)
        made[shortcut.action] = action
    return made
