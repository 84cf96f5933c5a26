"""A filter pill: a word and a number; one of a group is on."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from ui.theme import BODY, font, px, theme


class Pill(QAbstractButton):
    """28 high; the one that is on has the accent frame and a bold word."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setText(text)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def say(self, text: str) -> None:
        """Show another word or number."""
        self.setText(text)
        self.setAccessibleName(text)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Fit the text as it is when it is bold."""
        width = QFontMetricsF(font(BODY, 600)).horizontalAdvance(self.text())
        return QSize(round(width) + px(26), px(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Frame, ground, word."""
        now = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        on = self.isChecked()
        painter.setPen(QPen(QColor(now.accent if on or self.hasFocus() else now.frame), 1))
        hover = now.hover if self.underMouse() else now.base
        painter.setBrush(QColor(now.soft if on else hover))
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        if self.hasFocus():
            painter.setPen(QPen(QColor(now.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        painter.setPen(QColor(now.text))
        painter.setFont(font(BODY, 600 if on else 400))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()
