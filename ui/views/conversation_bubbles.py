"""How a message of a whole conversation is painted: letters of the exports that have it, bubble, day.

The letters stand in a fixed column at the left, so that the eye runs straight along one export. Where
all agree it is calm; other words are framed, and an export that lacks the message has an open letter.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem

from archiver.folding import spans
from archiver.model import ChatMessage
from ui import icons
from ui.models.conversation_rows import ConversationRows, Presence
from ui.theme import BODY, META, Theme, font, px, theme
from ui.views.chat_bubbles import Wrap
from ui.views.controls import paint_chip
from ui.views.hit_marks import in_lines, paint_marks
from ui.words import clock, day_heading, size, t

Index = QModelIndex | QPersistentModelIndex
COLUMNS = 6  # exports with a column of their own; of more the letters stand behind each other
_BADGE, _STEP = 20, 24


def paint_letter(
    painter: QPainter, box: QRectF, letter: str, how: Presence, now: Theme, *, selected: bool
) -> None:
    """Paint the letter of an export: filled when it has the message, open when it does not."""
    pen = QPen(QColor(now.frame), 1, Qt.PenStyle.DashLine)
    ink, fill = now.secondary, now.base
    if how is Presence.HAS:
        pen, ink, fill = QPen(Qt.PenStyle.NoPen), now.accent, now.base if selected else now.soft
    elif how is Presence.OTHER:
        pen, ink, fill = QPen(QColor(now.warn), 1), now.warn, now.warn_fill
    painter.setPen(pen)
    painter.setBrush(QColor(fill))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), px(5), px(5))
    painter.setPen(QColor(ink))
    painter.setFont(font(META, 400 if how is Presence.GONE else 600))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, letter)


class ConversationDelegate(QStyledItemDelegate):
    """Paints the rows of `ConversationRows`."""

    def __init__(self, view: QAbstractItemView, model: ConversationRows) -> None:
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

    def _left(self) -> int:
        """Give where the bubbles begin: after the letters."""
        count = min(max(1, len(self._model.exports)), COLUMNS)
        return px(20 + count * _STEP + 12)

    def bubble_width(self) -> int:
        """Give the width of the bubbles: 468, less when the pane is narrow."""
        return min(px(468), self._view.viewport().width() - self._left() - px(36))

    # --- height ------------------------------------------------------------------------------------

    def _wrapped(self, text: str) -> list[str]:
        self._wrap = self._wrap or Wrap(font(BODY))
        return self._wrap.lines(text, self._width - px(28)) if text else []

    def _lines_of(self, row: int) -> list[str]:
        width = self.bubble_width()
        if width != self._width:
            self._lines.clear()
            self._width = width
        found = self._lines.get(row)
        if found is None:
            text = self._model.entry(row).message.text or ""
            found = self._lines[row] = self._wrapped(text)
        return found

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Give the height: passage, day, name, lines, files, other words, who lacks it."""
        row = index.row()
        entry = self._model.entry(row)
        high = px(20 + 8 + 8 + 8) + len(self._lines_of(row)) * px(17)
        high += len(entry.message.attachments[:6]) * px(28)
        if entry.differs:
            for other in self._model.others(row):
                high += px(24) + len(self._wrapped(other.text)) * px(17)
            high += len(self._model.absences(row)) * px(19)
        if self._model.passage(row):
            high += px(34)
        if self._model.new_day(row):
            high += px(32)
        return QSize(px(100), high)

    def mark_top(self, row: int) -> int:
        """Give how far down in a row the first line is with what was looked for; 0 when none has it."""
        entry, marked = self._model.entry(row), self._model.marked
        top = px(4 + 7 + 18)
        top += px(34) if self._model.passage(row) else 0
        top += px(32) if self._model.new_day(row) else 0
        texts = [self._lines_of(row)]
        if entry.differs:
            texts += [self._wrapped(other.text) for other in self._model.others(row)]
        for number, lines in enumerate(texts):
            top += px(24) if number else 0
            for place, found in enumerate(in_lines(lines, marked)):
                if found:
                    return top + place * px(17)
            top += len(lines) * px(17)
            top += 0 if number else len(entry.message.attachments[:6]) * px(28)
        return 0

    # --- painting ----------------------------------------------------------------------------------

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one message."""
        now, row = theme(), index.row()
        message = self._model.entry(row).message
        box = QRectF(option.rect)
        painter.save()
        painter.fillRect(box, QColor(now.base))  # the table has painted a selection over its width
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        passage = self._model.passage(row)
        if passage:
            self._passage(painter, QRectF(box.left(), box.top(), box.width(), px(34)), passage, now)
            box.setTop(box.top() + px(34))
        if self._model.new_day(row):
            day = QRectF(box.left(), box.top(), box.width(), px(32))
            painter.setFont(font(META, 500))
            painter.setPen(QColor(now.secondary))
            painter.drawText(day, Qt.AlignmentFlag.AlignCenter, day_heading(message.sent))
            box.setTop(box.top() + px(32))
        selected = self._ground(painter, box, index, now)
        area = box.adjusted(self._left(), px(4), -px(36), -px(4))
        width = self.bubble_width()
        left = area.right() - width if self._model.own(row) else area.left()
        bubble = QRectF(left, area.top(), width, area.height())
        self._letters(painter, bubble, row, now, selected)
        self._bubble(painter, bubble, row, now)
        self._content(painter, bubble.adjusted(px(14), px(7), -px(14), -px(7)), row, now)
        painter.restore()

    def _ground(self, painter: QPainter, box: QRectF, index: Index, now: Theme) -> bool:
        selected = self._view.selectionModel().isSelected(index)
        if selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(now.soft))
            painter.drawRoundedRect(box.adjusted(px(8), 0, -px(8), 0), px(6), px(6))
        if self._view.currentIndex().row() == index.row() and self._view.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(now.accent), 2))
            painter.drawRoundedRect(box.adjusted(px(8) + 1, 1, -px(8) - 1, -1), px(6), px(6))
        return selected

    def _passage(self, painter: QPainter, box: QRectF, words: str, now: Theme) -> None:
        """A line across with the words in the middle: an export begins or ends here."""
        painter.setFont(font(META, 600))
        wide = QFontMetricsF(painter.font()).horizontalAdvance(words) + px(24)
        middle = box.center().y()
        painter.setPen(QPen(QColor(now.accent_frame), 1))
        gap_left, gap_right = box.center().x() - wide / 2, box.center().x() + wide / 2
        painter.drawLine(round(box.left() + px(20)), round(middle), round(gap_left), round(middle))
        painter.drawLine(
            round(gap_right), round(middle), round(box.right() - px(20)), round(middle)
        )
        painter.setPen(QColor(now.accent))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)

    def _letters(
        self, painter: QPainter, bubble: QRectF, row: int, now: Theme, selected: bool
    ) -> None:
        exports = list(zip(self._model.exports, self._model.presence(row), strict=True))
        many = len(exports) > COLUMNS
        if many:  # only what says something, behind each other
            exports = [pair for pair in exports if pair[1] is not Presence.BEYOND][: COLUMNS - 1]
        top = bubble.top() + px(7)
        for column, (export, how) in enumerate(exports):
            if how is not Presence.BEYOND:
                box = QRectF(px(20 + column * _STEP), top, px(_BADGE), px(_BADGE))
                paint_letter(painter, box, export.letter, how, now, selected=selected)
        if many and len(self._model.exports) > len(exports):
            painter.setPen(QColor(now.secondary))
            painter.setFont(font(META))
            box = QRectF(px(20 + len(exports) * _STEP), top, px(_STEP + 8), px(_BADGE))
            words = f"/{len(self._model.exports)}"
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)

    def _bubble(self, painter: QPainter, box: QRectF, row: int, now: Theme) -> None:
        how = self._model.presence(row)
        fill = now.soft2 if self._model.own(row) else now.alt
        if Presence.OTHER in how:
            painter.setPen(QPen(QColor(now.warn), 1))
            fill = now.base
        elif Presence.GONE in how:
            painter.setPen(QPen(QColor(now.accent_frame), 1))
            fill = now.base
        else:
            painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(fill))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), px(8), px(8))

    def _content(self, painter: QPainter, box: QRectF, row: int, now: Theme) -> None:
        entry = self._model.entry(row)
        y = self._head(painter, box, entry.message, self._model.own(row), now)
        system = entry.message.type == "system"
        ink = now.secondary if system or entry.message.deleted else now.text
        y = self._text(painter, box, y, self._lines_of(row), ink)
        for medium in entry.message.attachments[:6]:
            words = f"{medium.name}  {size(medium.size)}" if medium.size else medium.name
            chip = QRectF(box.left(), y + px(2), box.width(), px(24))
            paint_chip(painter, chip, "bijlage", words, "neutral", "neutral_fill")
            y += px(28)
        if not entry.differs:
            return
        for other in self._model.others(row):
            mark = QRectF(box.left() + 1, y + px(6), px(14), px(14))
            self._remark(painter, box, mark, "uitzondering", other.words, now.warn)
            y = self._text(painter, box, y + px(24), self._wrapped(other.text), now.text)
        for words in self._model.absences(row):
            mark = QRectF(box.left() + 1, y + px(3), px(14), px(14))
            self._remark(painter, box, mark, "waarom", words, now.accent)
            y += px(19)

    def _head(
        self, painter: QPainter, box: QRectF, message: ChatMessage, own: bool, now: Theme
    ) -> float:
        """Write who and when; gives where the text begins."""
        top = QRectF(box.left(), box.top(), box.width(), px(18))
        painter.setFont(font(BODY, tabular=True))
        painter.setPen(QColor(now.secondary))
        painter.drawText(top, Qt.AlignmentFlag.AlignRight, clock(message.sent))
        system = message.type == "system" or not message.sender
        who = t("vergelijk.app") if system else (t("prive.jij") if own else message.sender or "")
        painter.setFont(font(BODY, 600))
        painter.setPen(QColor(now.secondary if system else now.text))
        metrics = QFontMetricsF(painter.font())
        shown = metrics.elidedText(who, Qt.TextElideMode.ElideRight, top.width() - px(52))
        paint_marks(painter, top, shown, spans(shown, self._model.marked))
        painter.drawText(top, Qt.AlignmentFlag.AlignLeft, shown)
        return top.bottom()

    def _text(self, painter: QPainter, box: QRectF, y: float, lines: list[str], ink: str) -> float:
        painter.setFont(font(BODY))
        painter.setPen(QColor(ink))
        marks = in_lines(lines, self._model.marked)
        for line, found in zip(lines, marks, strict=True):
            at = QRectF(box.left(), y, box.width(), px(17))
            paint_marks(painter, at, line, found)
            painter.drawText(at, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, line)
            y += px(17)
        return y

    def _remark(
        self, painter: QPainter, box: QRectF, mark: QRectF, icon: str, words: str, ink: str
    ) -> None:
        icons.paint(painter, icon, ink, mark)
        painter.setFont(font(META, 600))
        painter.setPen(QColor(ink))
        at = QRectF(mark.right() + px(5), mark.top() - px(2), box.width() - px(20), px(18))
        shown = QFontMetricsF(painter.font()).elidedText(
            words, Qt.TextElideMode.ElideRight, at.width()
        )
        painter.drawText(at, Qt.AlignmentFlag.AlignVCenter, shown)
