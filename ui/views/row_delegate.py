"""How a line of a list is painted: two lines of text, icons, a chip, selection and focus."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from archiver.folding import spans
from ui import icons
from ui.models.message_table import ROW, Column
from ui.models.row import Row
from ui.theme import BODY, META, Theme, font, px, theme
from ui.views.controls import paint_chip
from ui.views.hit_marks import from_hit, paint_marks
from ui.words import moment, t

Index = QModelIndex | QPersistentModelIndex
State = QStyle.StateFlag
_MOST_TEXT = 8_000  # characters that are looked through for what is marked


def paint_ground(painter: QPainter, option: QStyleOptionViewItem, index: Index, now: Theme) -> bool:
    """Paint the ground, the line under the row and the frame of the current row over all columns.

    Gives whether the row is selected. The view must select rows.
    """
    box = QRectF(option.rect)
    selected = bool(option.state & State.State_Selected)
    view = option.widget
    current = isinstance(view, QTableView) and view.currentIndex().row() == index.row()
    hover = bool(option.state & State.State_MouseOver)
    if selected:
        painter.fillRect(box, QColor(now.soft))
    elif hover:
        painter.fillRect(box, QColor(now.hover))
    first = index.column() == 0
    last = isinstance(view, QTableView) and _last_column(view) == index.column()
    if not selected:
        left = box.left() + (px(16) if first else 0)
        painter.fillRect(QRectF(left, box.bottom() - 1, box.right() - left, 1), QColor(now.line))
    if selected and first:
        painter.fillRect(QRectF(box.left(), box.top(), 3, box.height()), QColor(now.accent))
    if current and isinstance(view, QTableView) and view.hasFocus():
        ink = QColor(now.accent)
        painter.fillRect(QRectF(box.left(), box.top(), box.width(), 2), ink)
        painter.fillRect(QRectF(box.left(), box.bottom() - 2, box.width(), 2), ink)
        if first:
            painter.fillRect(QRectF(box.left(), box.top(), 2, box.height()), ink)
        if last:
            painter.fillRect(QRectF(box.right() - 2, box.top(), 2, box.height()), ink)
    return selected


def _last_column(view: QTableView) -> int:
    shown = [n for n in range(view.model().columnCount()) if not view.isColumnHidden(n)]
    return shown[-1] if shown else -1


def line(
    painter: QPainter,
    box: QRectF,
    text: str,
    ink: str,
    *,
    ratio: float = BODY,
    weight: int = 400,
    marked: str = "",
) -> None:
    """Write one line of text, ended with … when it does not fit; `marked` are folded words in it."""
    used = font(ratio, weight)
    painter.setFont(used)
    metrics = QFontMetricsF(used)
    if marked:
        text = from_hit(text[:_MOST_TEXT], marked, metrics, box.width())
        paint_marks(painter, box, text, spans(text, marked))
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    painter.setPen(QColor(ink))
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


def halves(box: QRectF) -> tuple[QRectF, QRectF]:
    """Give the places of the first and second line of a row of 56."""
    return (
        QRectF(box.left(), box.top() + px(7), box.width(), px(20)),
        QRectF(box.left(), box.top() + px(28), box.width(), px(20)),
    )


class RowDelegate(QStyledItemDelegate):
    """Paints the rows of the message list."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one cell."""
        now = theme()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = paint_ground(painter, option, index, now)
        box = QRectF(option.rect)
        row = index.data(ROW)
        if isinstance(row, Row):
            paint = (self._sender, self._subject, self._status, self._keep)[index.column()]
            paint(painter, box, row, now, selected)
        elif index.column() == Column.SUBJECT:
            line(painter, halves(box)[0], t("laden.lijst"), now.secondary)
        painter.restore()

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Leave the palette as it is: the colours are ours."""
        super().initStyleOption(option, index)
        option.palette.setColor(QPalette.ColorRole.Text, QColor(theme().text))

    def _sender(self, painter: QPainter, box: QRectF, row: Row, now: Theme, selected: bool) -> None:
        size = px(16)
        mark = QRectF(box.left() + px(17), box.top() + px(9), size, size)
        icons.paint(painter, "mail" if row.kind == "email" else "chat", now.secondary, mark)
        inner = box.adjusted(px(42), 0, -px(8), 0)
        first, second = halves(inner)
        line(painter, first, row.sender, now.text, weight=600)
        line(painter, second, moment(row.date), now.secondary, ratio=META)

    def _subject(
        self, painter: QPainter, box: QRectF, row: Row, now: Theme, selected: bool
    ) -> None:
        inner = box.adjusted(0, 0, -px(12), 0)
        first, second = halves(inner)
        size = px(14)
        if row.attachments:
            mark = QRectF(
                inner.right() - size, first.top() + (first.height() - size) / 2, size, size
            )
            icons.paint(painter, "bijlage", now.secondary, mark)
            first.setRight(mark.left() - px(6))
        line(painter, first, row.about or row.title or t("lijst.geen_onderwerp"), now.text)
        mark = QRectF(second.left(), second.top() + (second.height() - size) / 2, size, size)
        icon, ink = ("dossier", now.secondary) if row.dossier else ("uitzondering", now.warn)
        icons.paint(painter, icon, ink, mark)
        second.setLeft(mark.right() + px(5))
        line(painter, second, row.dossier or t("lijst.geen_dossier"), ink, ratio=META)

    def _status(self, painter: QPainter, box: QRectF, row: Row, now: Theme, selected: bool) -> None:
        icon, token, word = row.state()
        size = px(16)
        mark = QRectF(box.left() + 1, box.center().y() - size / 2, size, size)
        icons.paint(painter, icon, getattr(now, token), mark)
        ink = now.secondary if token in ("ok", "secondary") else now.text
        line(painter, box.adjusted(px(26), 0, -px(8), 0), word, ink)

    def _keep(self, painter: QPainter, box: QRectF, row: Row, now: Theme, selected: bool) -> None:
        mark = row.chip()
        fill = "base" if selected and mark.fill in ("soft", "neutral_fill") else mark.fill
        area = QRectF(box.left(), box.top() + px(4), box.width() - px(10), px(24))
        paint_chip(painter, area, mark.icon, mark.word, mark.ink, fill)
        second = halves(box)[1].adjusted(px(2), px(2), -px(8), px(2))
        line(painter, second, mark.ground, now.secondary, ratio=META)
