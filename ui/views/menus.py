"""The menu bar, made from the table of shortcuts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenuBar, QWidget

from ui.shortcuts import MENUS, TABLE
from ui.words import t


def build_menus(
    window: QMainWindow,
    bar: QMenuBar,
    table: QWidget,
    handlers: Mapping[str, Callable[[], object]],
) -> dict[str, QAction]:
    """Make every action; single letters work only with the focus in `table` (WCAG 2.1.4)."""
    menus = {name: bar.addMenu(t(f"menu.{name}_titel")) for name in MENUS}
    made: dict[str, QAction] = {}
    for shortcut in TABLE:
        action = QAction(t(shortcut.text), window)
        action.setObjectName(shortcut.action)
        action.setShortcuts([QKeySequence(key) for key in shortcut.keys])
        action.triggered.connect(lambda _=False, h=handlers[shortcut.action]: h())
        if shortcut.where == "list":
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            table.addAction(action)
        else:
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            window.addAction(action)
        menus[shortcut.menu].addAction(action)
        made[shortcut.action] = action
    return made
