"""How a message is painted where private messages are taken out: tick, bubble, day above it.

A height must be known for 100,000 messages before the last one is on the screen. So words are
measured once, lines are broken here, and the same lines are painted.
"""

from __future__ import annotations

import itertools

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyledItemDelegate, QStyleOptionViewItem

from archiver.model import ChatMessage
from ui import icons
from ui.models.chat_messages import ChatMessages, reason_word
from ui.theme import BODY, META, Theme, font, px, theme
from ui.views.controls import paint_chip
from ui.words import clock, day_heading, size, t

Index = QModelIndex | QPersistentModelIndex
_MOST_LINES = 40
_MOST_TEXT = 8_000  # characters; more is no message that is judged at a glance
LONG = 5_000  # messages: from here on the line for a reason is kept free, so that nothing moves


class Wrap:
    """Breaks text into lines of one font; each word is measured once."""

    def __init__(self, used: QFont) -> None:
        self._metrics = QFontMetricsF(used)
        self._words: dict[str, float] = {}
        self._space = self._metrics.horizontalAdvance(" ")

    def lines(self, text: str, width: float) -> list[str]:
        """Give the lines of a text that is not wider than `width`."""
        made: list[str] = []
        for paragraph in text[:_MOST_TEXT].splitlines() or [""]:
            self._paragraph(paragraph, width, made)
        if len(made) > _MOST_LINES:
            more = len(made) - _MOST_LINES + 1
            made[_MOST_LINES - 1 :] = [t("prive.regels_meer", n=more)]
        return made

    def _paragraph(self, paragraph: str, width: float, made: list[str]) -> None:
        line, used = "", 0.0
        for word in paragraph.split(" "):
            long = self._width(word)
            if line and used + self._space + long > width:
                made.append(line)
                line, used = "", 0.0
            while long > width and len(word) > 1:  # a web address, say
                fits = max(1, int(len(word) * width / long) - 1)
                made.append(word[:fits])
                word = word[fits:]
                long = self._metrics.horizontalAdvance(word)
            line, used = (f"{line} {word}", used + self._space + long) if line else (word, long)
        made.append(line)

    def _width(self, word: str) -> float:
        found = self._words.get(word)
        if found is None:
            found = self._words[word] = self._metrics.horizontalAdvance(word)
        return found


class BubbleDelegate(QStyledItemDelegate):
    """Paints the rows of `ChatMessages`."""

    def __init__(self, view: QListView, model: ChatMessages) -> None:
        super().__init__(view)
        self._view, self._model = view, model
        self._wrap: Wrap | None = None
        self._lines: dict[int, list[str]] = {}
        self._width = 0
        model.modelReset.connect(self.forget)

    def forget(self) -> None:
        """Break all lines anew: other messages, another font."""
        self._wrap = None
        self._lines.clear()

    def bubble_width(self) -> int:
        """Give the width of the bubbles: 468, less when the pane is narrow."""
        return min(px(468), self._view.viewport().width() - px(52) - px(36))

    def _lines_of(self, row: int) -> list[str]:
        width = self.bubble_width()
        if width != self._width or self._wrap is None:
            self._lines.clear()
            self._width = width
            self._wrap = self._wrap or Wrap(font(BODY))
        found = self._lines.get(row)
        if found is None:
            text = self._model.messages[row].text or ""
            found = self._wrap.lines(text, width - px(28)) if text else []
            self._lines[row] = found
        return found

    def _line_height(self) -> int:
        return px(17)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Give the height: day, name, lines, files, reason."""
        row = index.row()
        message = self._model.messages[row]
        high = px(20 + 8 + 8 + 8) + len(self._lines_of(row)) * self._line_height()
        high += len(message.attachments[:6]) * px(28)
        if message.index in self._model.out or len(self._model.messages) > LONG:
            high += px(19)
        if self._model.new_day(row):
            high += px(32)
        return QSize(px(100), high)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one message."""
        now, row = theme(), index.row()
        message = self._model.messages[row]
        reason = self._model.out.get(message.index)
        box = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._model.new_day(row):
            self._day(painter, QRectF(box.left(), box.top(), box.width(), px(32)), message, now)
            box.setTop(box.top() + px(32))
        selected = self._view.selectionModel().isSelected(index)
        if selected:
            ground = box.adjusted(px(8), 0, -px(8), 0)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(now.soft))
            painter.drawRoundedRect(ground, px(6), px(6))
        if self._view.currentIndex().row() == row and self._view.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(now.accent), 2))
            painter.drawRoundedRect(box.adjusted(px(8) + 1, 1, -px(8) - 1, -1), px(6), px(6))
        area = box.adjusted(px(52), px(4), -px(36), -px(4))
        own = self._model.own(row)
        width = self.bubble_width()
        left = area.right() - width if own else area.left()
        bubble = QRectF(left, area.top(), width, area.height())
        self._tick(
            painter, QRectF(px(20), bubble.center().y() - px(9), px(18), px(18)), reason, now
        )
        self._bubble(painter, bubble, own, reason, now)
        self._content(painter, bubble.adjusted(px(14), px(7), -px(14), -px(7)), row, reason, now)
        painter.restore()

    def _day(self, painter: QPainter, box: QRectF, message: ChatMessage, now: Theme) -> None:
        painter.setFont(font(META, 500))
        painter.setPen(QColor(now.secondary))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, day_heading(message.sent))

    def _tick(self, painter: QPainter, box: QRectF, reason: str | None, now: Theme) -> None:
        painter.setPen(QPen(QColor(now.accent_frame if reason else now.frame), 1))
        painter.setBrush(QColor(now.accent_fill if reason else now.base))
        painter.drawRoundedRect(box, px(4), px(4))
        if reason:
            painter.setPen(QPen(QColor(now.on_accent), px(2)))
            left, top, unit = box.left(), box.top(), box.width() / 18
            points = ((4.5, 9.5), (7.5, 12.5), (13.5, 5.8))
            spots = [(left + x * unit, top + y * unit) for x, y in points]
            for (x1, y1), (x2, y2) in itertools.pairwise(spots):
                painter.drawLine(round(x1), round(y1), round(x2), round(y2))

    def _bubble(
        self, painter: QPainter, box: QRectF, own: bool, reason: str | None, now: Theme
    ) -> None:
        if reason:
            painter.setPen(QPen(QColor(now.warn), 1, Qt.PenStyle.DashLine))
            painter.setBrush(QColor(now.base))
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(now.soft2 if own else now.alt))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), px(8), px(8))

    def _content(
        self, painter: QPainter, box: QRectF, row: int, reason: str | None, now: Theme
    ) -> None:
        message, own = self._model.messages[row], self._model.own(row)
        top = QRectF(box.left(), box.top(), box.width(), px(18))
        painter.setFont(font(BODY, tabular=True))
        painter.setPen(QColor(now.secondary))
        painter.drawText(top, Qt.AlignmentFlag.AlignRight, clock(message.sent))
        system = message.type == "system" or not message.sender
        who = t("prive.systeem") if system else (t("prive.jij") if own else message.sender or "")
        painter.setFont(font(BODY, 600))
        painter.setPen(QColor(now.secondary if system else now.text))
        metrics = QFontMetricsF(painter.font())
        shown = metrics.elidedText(who, Qt.TextElideMode.ElideRight, top.width() - px(52))
        painter.drawText(top, Qt.AlignmentFlag.AlignLeft, shown)
        painter.setFont(font(BODY))
        painter.setPen(QColor(now.secondary if reason or system else now.text))
        y = top.bottom()
        for line in self._lines_of(row):
            at = QRectF(box.left(), y, box.width(), self._line_height())
            painter.drawText(at, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, line)
            y += self._line_height()
        for medium in message.attachments[:6]:
            words = f"{medium.name}  {size(medium.size)}" if medium.size else medium.name
            chip = QRectF(box.left(), y + px(2), box.width(), px(24))
            paint_chip(painter, chip, "bijlage", words, "neutral", "neutral_fill")
            y += px(28)
        if reason:
            mark = QRectF(box.left() + 1, y + px(3), px(14), px(14))
            icons.paint(painter, "prive", now.warn, mark)
            painter.setFont(font(META, 600))
            painter.setPen(QColor(now.warn))
            at = QRectF(mark.right() + px(5), y + px(1), box.width() - px(20), px(18))
            words = t("prive.eruit", reden=reason_word(reason))
            painter.drawText(at, Qt.AlignmentFlag.AlignVCenter, words)
