"""How a row of a comparison is painted: calm where both sides agree, framed where they do not."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QTableView

from archiver.model import ChatMessage
from ui import icons
from ui.models.comparison_rows import Column, ComparisonRows, kind_word, reason_words, said
from ui.theme import META, Theme, font, px, theme
from ui.views.controls import paint_chip
from ui.views.row_delegate import halves, line, paint_ground
from ui.words import clock, moment, t

Index = QModelIndex | QPersistentModelIndex
LOOKS = {
    # kind: icon, ink, fill
    "match": ("besloten", "ok", ""),
    "differs": ("uitzondering", "warn", "warn_fill"),
    "only_left": ("links", "accent", "soft"),
    "only_right": ("rechts", "accent", "soft"),
}


class ComparisonDelegate(QStyledItemDelegate):
    """Paints the cells of `ComparisonRows`."""

    def __init__(self, view: QTableView, model: ComparisonRows) -> None:
        super().__init__(view)
        self._model = model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one cell."""
        now = theme()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = paint_ground(painter, option, index, now)
        box = QRectF(option.rect)
        if index.column() == Column.WHY:
            self._why(painter, box, index.row(), now, selected)
        else:
            self._side(painter, box, index, now)
        painter.restore()

    def _side(self, painter: QPainter, box: QRectF, index: Index, now: Theme) -> None:
        message = self._model.message(index.row(), index.column())
        inner = box.adjusted(px(16) if index.column() == Column.LEFT else 0, 0, -px(14), 0)
        if message is None:
            _absent(painter, inner, now)
            return
        kind = self._model.row(index.row()).kind
        # What is the same on the left need not be read again on the right.
        quiet = kind == "match" and index.column() == Column.RIGHT
        first, second = halves(inner)
        narrow = box.width() < px(220)  # who it was is worth more than the day
        when = (clock if narrow else moment)(message.sent) if message.sent else ""
        if when:
            width = QFontMetricsF(font(META)).horizontalAdvance(when)
            place = QRectF(first.right() - width - 1, first.top(), width + 1, first.height())
            line(painter, place, when, now.secondary, ratio=META)
            first.setRight(place.left() - px(8))
        if message.type == "system":
            line(painter, first, t("vergelijk.app"), now.secondary)
            ink = now.secondary
        else:
            line(
                painter,
                first,
                message.sender or "",
                now.secondary if quiet else now.text,
                weight=600,
                marked=self._model.marked,
            )
            ink = now.secondary if quiet or message.deleted else now.text
        _words(painter, second, message, ink, self._model.marked)

    def _why(self, painter: QPainter, box: QRectF, place: int, now: Theme, selected: bool) -> None:
        row = self._model.row(place)
        icon, ink, fill = LOOKS[str(row.kind)]
        area = QRectF(box.left(), box.top() + px(5), box.width() - px(8), px(24))
        if fill:
            paint_chip(painter, area, icon, kind_word(row), ink, "base" if selected else fill)
        else:
            size = px(14)
            mark = QRectF(area.left() + px(2), area.center().y() - size / 2, size, size)
            icons.paint(painter, icon, now.secondary, mark)
            line(painter, area.adjusted(px(22), 0, 0, 0), kind_word(row), now.secondary, ratio=META)
        second = halves(box)[1].adjusted(px(2), px(2), -px(12), px(2))
        words = reason_words(row)
        line(painter, second, words, now.secondary, ratio=META)


def _words(painter: QPainter, box: QRectF, message: ChatMessage, ink: str, marked: str) -> None:
    text = " ".join(said(message).split())
    if message.attachments:
        size = px(14)
        mark = QRectF(box.left(), box.top() + (box.height() - size) / 2, size, size)
        icons.paint(painter, "bijlage", ink, mark)
        box = box.adjusted(size + px(5), 0, 0, 0)
    line(painter, box, text, ink, marked=marked)


def _absent(painter: QPainter, inner: QRectF, now: Theme) -> None:
    pen = QPen(QColor(now.frame), 1)
    pen.setStyle(Qt.PenStyle.DashLine)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    box = inner.adjusted(0.5, px(8) + 0.5, -0.5, -px(8) - 0.5)
    painter.drawRoundedRect(box, px(6), px(6))
    line(painter, box.adjusted(px(12), 0, -px(8), 0), t("vergelijk.niet_hier"), now.secondary)
