"""F1: the keys of every screen and the words of the trade, each in one sentence."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QVBoxLayout

from ui.shortcuts import MENUS, TABLE
from ui.theme import PAGE, px, theme
from ui.views.controls import Pane, Text
from ui.views.reader import SafeBrowser
from ui.words import t

_TERMS = (
    "bewaartermijn",
    "waardering",
    "selectielijst",
    "hotspot",
    "sleutelfunctie",
    "bevriezing",
    "dossier",
    "kluis",
    "controlegetal",
    "pakbon",
    "openbaarheid",
    "mdto",
)

_WHERE = {"list": "help.in_lijst", "tasks": "help.in_taken"}


class HelpView(Pane):
    """A page to read; Esc or F1 goes back."""

    def __init__(self) -> None:
        super().__init__("base")
        column = QVBoxLayout(self)
        column.setContentsMargins(px(32), px(24), px(32), px(16))
        column.setSpacing(px(12))
        column.addWidget(Text(t("menu.uitleg"), ratio=PAGE, weight=600))
        self.text = SafeBrowser()
        self.text.setAccessibleName(t("menu.uitleg"))
        column.addWidget(self.text, 1)
        self._fill()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a new palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationPaletteChange:
            self._fill()

    def _fill(self) -> None:
        now = theme()
        parts = [f"<h3>{escape(t('help.toetsen'))}</h3><table cellpadding='3'>"]
        for menu in MENUS:
            for shortcut in TABLE:
                if shortcut.menu == menu and shortcut.keys:
                    keys = " / ".join(k.replace("Return", "Enter") for k in shortcut.keys[:1])
                    where = t(_WHERE[shortcut.where]) if shortcut.where in _WHERE else ""
                    parts.append(
                        f"<tr><td><b>{escape(keys)}</b></td><td>{escape(t(shortcut.text))}</td>"
                        f"<td style='color:{now.secondary}'>"
                        f"{escape(where)}</td></tr>"
                    )
        parts.append(f"</table><h3>{escape(t('help.woorden'))}</h3>")
        parts += [f"<p>{escape(t(f'uitleg.{term}'))}</p>" for term in _TERMS]
        self.text.setHtml("".join(parts))
