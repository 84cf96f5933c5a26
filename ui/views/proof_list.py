"""Echtheid: for each signature a sentence with its mark, and under it who, which issuer and when."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.operations.proof import Proof
from ui.theme import META, px
from ui.views.controls import Mark, Text, clear
from ui.words import t


class Proofs(QWidget):
    """The section of the inspector; hidden while nothing was judged yet."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        column.addWidget(Text(t("echtheid.kop"), weight=600))
        self._lines = QVBoxLayout()
        self._lines.setSpacing(px(10))
        column.addLayout(self._lines)
        self.hide()

    def forget(self) -> None:
        """Another line is current."""
        self.hide()
        clear(self._lines)

    def show_proofs(self, proofs: Sequence[Proof]) -> None:
        """Show them; without one say that nobody signed."""
        clear(self._lines)
        if not proofs:
            self._lines.addWidget(Text(t("echtheid.geen"), ink="secondary", wrap=True))
        for proof in proofs:
            self._lines.addWidget(_line(proof))
        self.show()

    def sentences(self) -> list[str]:
        """Give what is shown, in order."""
        shown = (self._lines.itemAt(n) for n in range(self._lines.count()))
        widgets = [item.widget() for item in shown if item is not None]
        return [widget.accessibleName() or widget.property("text") for widget in widgets if widget]


def _line(proof: Proof) -> QWidget:
    made = QWidget()
    made.setAccessibleName(" ".join((proof.sentence, *proof.details)))
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(px(8))
    row.addWidget(Mark(proof.icon, proof.ink, 16), 0, Qt.AlignmentFlag.AlignTop)
    words = QVBoxLayout()
    words.setSpacing(px(2))
    words.addWidget(Text(proof.sentence, wrap=True))
    for detail in proof.details:
        words.addWidget(Text(detail, ratio=META, ink="secondary", wrap=True))
    row.addLayout(words, 1)
    return made
