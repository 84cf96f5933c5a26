"""What a report says, before its text: not delivered to whom and why, opened by whom, content elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from archiver.findings import Finding
from ui.theme import px
from ui.views.controls import Mark, Text, clear
from ui.words import finding_text

_LOOKS = {
    "rapport.niet_bezorgd": ("uitzondering", "warn"),
    "rapport.vertraagd": ("wacht", "warn"),
    "rapport.bezorgd": ("besloten", "ok"),
    "rapport.gelezen": ("besloten", "ok"),
    "rapport.elders": ("uitzondering", "warn"),
    "rapport.versleuteld": ("prive", "warn"),
}


class SaidLines(QWidget):
    """One line for each fact; not there when there is none."""

    def __init__(self) -> None:
        super().__init__()
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(0, px(6), 0, px(2))
        self._lines.setSpacing(px(4))
        self.hide()

    def show_said(self, said: Sequence[Finding]) -> None:
        """Show these facts in place of what stood there."""
        clear(self._lines)
        for finding in said:
            made = QWidget()
            row = QHBoxLayout(made)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(px(8))
            icon, ink = _LOOKS.get(finding.code, ("waarom", "secondary"))
            row.addWidget(Mark(icon, ink, 16), 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(Text(finding_text(finding), wrap=True), 1)
            self._lines.addWidget(made)
            made.show()  # a layout leaves out what is not shown yet, and the height is asked at once
        self.setVisible(bool(said))

    def wanted_height(self, width: int) -> int:
        """Tell how high it wants to be."""
        return 0 if self.isHidden() else self._lines.heightForWidth(width) + px(4)
