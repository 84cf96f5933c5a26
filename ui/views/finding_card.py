"""One finding: shape, what happened, what to do, and the place. Enter goes to the place."""

from __future__ import annotations

from pathlib import PurePath

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from archiver.findings import Finding, Severity
from ui.theme import META, px, theme
from ui.views.controls import Card, ElidedText, Mark, Text
from ui.words import n, paragraphs

_LOOKS = {
    Severity.FOUT: ("mislukt", "error", "error_fill", "error"),
    Severity.LET_OP: ("uitzondering", "warn", "base", "line"),
    Severity.INFO: ("waarom", "secondary", "base", "line"),
}


class FindingCard(Card):
    """`chosen` gives the finding when it is clicked or Enter is pressed."""

    chosen = Signal(Finding)

    def __init__(self, finding: Finding, times: int = 1) -> None:
        icon, ink, fill, frame = _LOOKS[finding.severity]
        super().__init__(fill, frame)
        self.finding = finding
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(px(16), px(12), px(14), px(12))
        row.setSpacing(px(12))
        row.addWidget(Mark(icon, ink, 18), 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(px(2))
        what, why, todo = paragraphs(finding)
        column.addWidget(Text(what, weight=600, wrap=True))
        rest = " ".join(part for part in (why, todo) if part)
        if rest:
            column.addWidget(Text(rest, wrap=True))
        where = n("pakket.keer", times) if times > 1 else PurePath(finding.place).name
        if where:
            column.addSpacing(px(4))
            column.addWidget(ElidedText(where, ratio=META, ink="secondary"))
        row.addLayout(column, 1)
        self.setAccessibleName(f"{what} {rest} {where}")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click goes to the place."""
        super().mousePressEvent(event)
        self.chosen.emit(self.finding)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """So does Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self.finding)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The card and its focus."""
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(theme().accent), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), px(8), px(8))
            painter.end()
