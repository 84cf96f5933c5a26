"""A field to choose from a list, painted like the other fields."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox

from ui import icons
from ui.theme import px, theme


class Choice(QComboBox):
    """A combo box with the frame, radius and focus of a line edit; editable or not."""

    def set_free(self) -> None:
        """Let people type a value of their own."""
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        inner = self.lineEdit()
        if inner is not None:
            inner.setTextMargins(px(6), 0, 0, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint frame, word and arrow."""
        now = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inner = self.lineEdit()
        focus = self.hasFocus() or (inner is not None and inner.hasFocus())
        wide = 2 if focus else 1
        painter.setPen(QPen(QColor(now.accent if focus else now.frame), wide))
        painter.setBrush(QColor(now.base))
        box = QRectF(self.rect()).adjusted(wide / 2, wide / 2, -wide / 2, -wide / 2)
        painter.drawRoundedRect(box, px(6), px(6))
        size = px(14)
        left = self.width() - px(10) - size
        arrow = QRectF(left, (self.height() - size) / 2, size, size)
        icons.paint(painter, "omlaag", now.secondary, arrow)
        if inner is None:
            painter.setFont(self.font())
            painter.setPen(QColor(now.text))
            words = QRectF(px(11), 0, left - px(16), self.height())
            shown = self.fontMetrics().elidedText(
                self.currentText() or self.placeholderText(),
                Qt.TextElideMode.ElideRight,
                round(words.width()),
            )
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.end()
