"""What shows over the window while something is dragged over it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ui.theme import px, theme


class DropFrame(QWidget):
    """The accent frame and the sentence while something hovers over the window."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.sentence = ""
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Frame and sentence."""
        now = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(now.accent), 2))
        painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        box = self.rect()
        box.setTop(box.bottom() - px(56))
        box = box.adjusted(px(16), 0, -px(16), -px(12))
        painter.setBrush(QColor(now.soft))
        painter.drawRoundedRect(box, px(8), px(8))
        painter.setPen(QColor(now.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.sentence)
        painter.end()
