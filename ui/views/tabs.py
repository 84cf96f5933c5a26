"""One word of a row of tabs, with a line under the one that is shown."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton

from ui.theme import BODY, font, px, theme


class Tab(QAbstractButton):
    """A tab; the arrow keys of its button group walk along them."""

    def __init__(self, word: str) -> None:
        super().__init__()
        self.setText(word)
        self.setAccessibleName(word)
        self.setCheckable(True)
        self.setFont(font(BODY, 500))

    def sizeHint(self) -> QSize:
        """As wide as the word when bold."""
        width = QFontMetricsF(font(BODY, 600)).horizontalAdvance(self.text())
        return QSize(round(width) + px(4), px(36))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Word, line, focus."""
        now = theme()
        painter = QPainter(self)
        box = QRectF(self.rect())
        here = self.isChecked()
        painter.setFont(font(BODY, 600 if here else 400))
        painter.setPen(QColor(now.text if here else now.secondary))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.text())
        if here:
            painter.fillRect(QRectF(0, box.height() - 2, box.width(), 2), QColor(now.accent))
        if self.hasFocus():
            painter.setPen(QPen(QColor(now.accent), 2))
            painter.drawRect(box.adjusted(1, 1, -1, -3))
        painter.end()
