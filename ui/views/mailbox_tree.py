"""The folders of a mailbox with a tick and two numbers, and its messages with what becomes of each."""

from __future__ import annotations

import itertools

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from ui import a11y, icons
from ui.models.mailbox_lists import MAIL, FolderMails, FolderTree
from ui.operations.mailbox_core import Mail
from ui.theme import BODY, META, font, px, theme
from ui.views.message_list import Table
from ui.views.package_tree import Tree
from ui.views.row_delegate import halves, line, paint_ground
from ui.words import moment, t

Index = QModelIndex | QPersistentModelIndex
_TICK = 18


class FolderDelegate(QStyledItemDelegate):
    """Rows of 36: tick, icon, name; numbers right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """36 high."""
        return QSize(px(80), px(36))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one cell."""
        now = theme()
        box = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.column() == 0:
            side = px(_TICK)
            tick = QRectF(box.left() + px(14), box.center().y() - side / 2, side, side)
            paint_tick(painter, tick, Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole)))
            size = px(16)
            mark = QRectF(tick.right() + px(9), box.center().y() - size / 2, size, size)
            top = not index.parent().isValid()
            icons.paint(painter, "mail" if top else "dossier", now.secondary, mark)
            words = box.adjusted(mark.right() - box.left() + px(8), 0, -px(8), 0)
            line(painter, words, str(index.data() or ""), now.text, weight=600 if top else 400)
        else:
            painter.setFont(font(BODY, tabular=True))
            painter.setPen(QColor(now.text if index.column() == 2 else now.secondary))
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box.adjusted(0, 0, -px(10), 0), flags, str(index.data() or ""))
        painter.restore()


def paint_tick(painter: QPainter, box: QRectF, state: Qt.CheckState) -> None:
    """Paint a tick box: open, ticked, or a bar for a part of what lies below."""
    now = theme()
    on = state != Qt.CheckState.Unchecked
    painter.setPen(QPen(QColor(now.accent_frame if on else now.frame), 1))
    painter.setBrush(QColor(now.accent_fill if on else now.base))
    painter.drawRoundedRect(box, px(4), px(4))
    if not on:
        return
    painter.setPen(QPen(QColor(now.on_accent), px(2)))
    left, top, unit = box.left(), box.top(), box.width() / 18
    points: tuple[tuple[float, float], ...] = ((5, 9), (13, 9))
    if state == Qt.CheckState.Checked:
        points = ((4.5, 9.5), (7.5, 12.5), (13.5, 5.8))
    spots = [(left + x * unit, top + y * unit) for x, y in points]
    for (x1, y1), (x2, y2) in itertools.pairwise(spots):
        painter.drawLine(round(x1), round(y1), round(x2), round(y2))


class FolderView(Tree):
    """The tree; space chooses, Enter goes to the messages."""

    read = Signal()

    def __init__(self, model: FolderTree) -> None:
        super().__init__()
        a11y.name(self, t("postvak.mappen"), t("postvak.zo_kies_je"))
        self._folders = model
        self.setModel(model)
        self.setItemDelegate(FolderDelegate(self))
        self.setIndentation(px(18))
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            self.setColumnWidth(column, px(104))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space and Enter are ours; arrows, plus and minus stay as in every tree."""
        current = self.currentIndex()
        if event.key() == Qt.Key.Key_Space and current.isValid():
            self._folders.toggle(current)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.read.emit()
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on the tick chooses."""
        index = self.indexAt(event.position().toPoint())
        left = self.visualRect(index.siblingAtColumn(0)).left() + px(10)
        over = left <= event.position().x() <= left + px(_TICK + 8)
        if index.isValid() and index.column() == 0 and over:
            self.setCurrentIndex(index)
            self._folders.toggle(index)
        else:
            super().mousePressEvent(event)


class MailDelegate(QStyledItemDelegate):
    """Rows of 56: sender with date, subject with folder, and what becomes of it with the reason."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one cell."""
        now = theme()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_ground(painter, option, index, now)
        found = index.data(MAIL)
        if found is not None:
            mail, (icon, token, word), why = found
            assert isinstance(mail, Mail)
            box = QRectF(option.rect)
            size = px(16)
            if index.column() == 0:
                mark = QRectF(box.left() + px(17), box.top() + px(9), size, size)
                icons.paint(painter, "mail", now.secondary, mark)
                first, second = halves(box.adjusted(px(42), 0, -px(8), 0))
                line(painter, first, mail.author or t("lijst.geen_afzender"), now.text, weight=600)
                when = moment(mail.date, year=True, time=box.width() > px(180))
                line(painter, second, when, now.secondary, ratio=META)
            elif index.column() == 1:
                first, second = halves(box.adjusted(0, 0, -px(12), 0))
                if mail.attachments:
                    clip = px(14)
                    place = QRectF(first.right() - clip, first.center().y() - clip / 2, clip, clip)
                    icons.paint(painter, "bijlage", now.secondary, place)
                    first.setRight(place.left() - px(6))
                title = mail.title or t("lijst.geen_onderwerp")
                title = t("postvak.niet_leesbaar") if mail.trouble else title
                line(painter, first, title, now.text)
                line(painter, second, ", ".join(mail.folders), now.secondary, ratio=META)
            else:
                first, second = halves(box.adjusted(px(22), 0, -px(8), 0))
                place = QRectF(box.left(), first.center().y() - size / 2, size, size)
                icons.paint(painter, icon, getattr(now, token), place)
                line(painter, first, word, now.text)
                line(painter, second, why, now.secondary, ratio=META)
        painter.restore()


class MailTable(Table):
    """The messages of the folder that is current."""

    left = Signal()

    def __init__(self, model: FolderMails) -> None:
        super().__init__(t("postvak.berichten"))
        self.setModel(model)
        self.setItemDelegate(MailDelegate(self))
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.setColumnWidth(0, px(200))
        self.setColumnWidth(2, px(190))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back to the folders."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
