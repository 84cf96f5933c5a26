"""The strip: one bar for every message (or day), an open square for what goes out."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.models.chat_messages import ChatMessages
from ui.theme import px, theme

_BAR = 4  # a bar with its gap, in pixels of the design


class Strip(QWidget):
    """Follows the model."""

    def __init__(self, model: ChatMessages) -> None:
        super().__init__()
        self._model = model
        self._bars: list[tuple[int, int]] = []
        self._for = (-1, -1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        model.out_changed.connect(self._changed)

    def _changed(self) -> None:
        self._for = (-1, -1)
        self.update()

    def sizeHint(self) -> QSize:
        """Give the height of the design."""
        return QSize(px(200), px(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars; a bar of a day with something out is half a bar over an open square."""
        most = max(1, self.width() // px(_BAR))
        asked = (most, self._model.rowCount())
        if self._for != asked:
            self._bars, self._for = self._model.bars(most), asked
        now = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        step = self.width() / max(len(self._bars), 1)
        wide = max(1.5, step - 1.5)
        for place, (count, out) in enumerate(self._bars):
            left = place * step
            if out < count:
                high = self.height() if not out else self.height() - px(9)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(now.accent_frame))
                painter.drawRoundedRect(QRectF(left, 0, wide, high), 1.5, 1.5)
            if out:
                side = min(wide, px(6))
                middle = self.height() / 2 if out == count else self.height() - px(4)
                box = QRectF(left + (wide - side) / 2, middle - side / 2, side, side)
                painter.setPen(QPen(QColor(now.warn), 1.5))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(box.adjusted(0.75, 0.75, -0.75, -0.75), 1, 1)
        painter.end()
