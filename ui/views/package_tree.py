"""The contents of a package as a tree, painted like every list of the window."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
)

from ui import a11y, icons
from ui.operations.core import Node
from ui.theme import px, theme
from ui.views.message_list import Header
from ui.views.row_delegate import line
from ui.words import n, t

Index = QModelIndex | QPersistentModelIndex
NODE = Qt.ItemDataRole.UserRole + 1
_MARKS = {"": ("besloten", "ok"), "fout": ("mislukt", "error"), "let_op": ("uitzondering", "warn")}
_SHIFT = 10  # the tree starts at 16 like every list, its own indentation brings it to 6


class TreeDelegate(QStyledItemDelegate):
    """Rows of 40 with icon, kind and the result of the checks."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """40 high."""
        return QSize(px(80), px(40))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one cell."""
        now = theme()
        node = index.data(NODE)
        box = QRectF(option.rect)
        if not isinstance(node, Node):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        first = index.column() == 0
        size = px(16)
        left = box.left() + (px(_SHIFT + 4) if first else 1)
        mark = QRectF(left, box.center().y() - size / 2, size, size)
        inner = box.adjusted(px(_SHIFT + 28 if first else 26), 0, -px(8), 0)
        if first:
            icons.paint(painter, node.icon, now.secondary, mark)
            top = not index.parent().isValid()
            line(painter, inner, node.name, now.text, weight=600 if top else 400)
        elif index.column() == 1:
            line(painter, box.adjusted(1, 0, -px(8), 0), node.kind, now.secondary)
        else:
            icon, ink = _MARKS.get(node.worst, _MARKS[""])
            icons.paint(painter, icon, getattr(now, ink), mark)
            words = n("pakket.bevinding", node.findings) if node.findings else t("pakket.goed")
            line(painter, inner, words, now.text if node.findings else now.secondary)
        painter.restore()


class Tree(QTreeView):
    """The contents of the package."""

    def __init__(self) -> None:
        super().__init__()
        a11y.name(self, t("pakket.inhoud"))
        self.setHeader(Header(self))
        self.setFrameShape(QTreeView.Shape.NoFrame)
        self.setIndentation(px(20))
        self.setUniformRowHeights(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setItemDelegate(TreeDelegate(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAllColumnsShowFocus(True)

    def drawRow(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the whole row: the style would lay its own selection under ours."""
        now = theme()
        places = [
            self.model().index(index.row(), column, index.parent())
            for column in range(self.model().columnCount())
        ]
        box = QRectF(0, option.rect.top(), self.viewport().width(), option.rect.height())
        picked = self.selectionModel().isSelected(index)
        if picked:
            painter.fillRect(box, QColor(now.soft))
            painter.fillRect(QRectF(0, box.top(), 3, box.height()), QColor(now.accent))
        else:
            under = QRectF(px(16), box.bottom() - 1, box.width() - px(16), 1)
            painter.fillRect(under, QColor(now.line))
        indent = self.visualRect(places[0]).left()
        high = option.rect.height()
        self.drawBranches(painter, QRect(0, option.rect.top(), indent, high), index)
        for column, place in enumerate(places):
            cell = QStyleOptionViewItem(option)
            left = indent if column == 0 else self.columnViewportPosition(column)
            right = self.columnViewportPosition(column) + self.columnWidth(column)
            cell.rect = QRect(left, option.rect.top(), right - left, high)
            self.itemDelegate().paint(painter, cell, place)
        if self.hasFocus() and self.currentIndex().siblingAtColumn(0) == places[0]:
            painter.setPen(QPen(QColor(now.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box.adjusted(1, 1, -1, -1))

    def drawBranches(self, painter: QPainter, rect: QRect, index: Index) -> None:
        """A chevron of our own."""
        if not self.model().hasChildren(index):
            return
        box = QRectF(rect)
        size = px(14)
        mark = QRectF(box.right() - size + px(_SHIFT) - 2, box.center().y() - size / 2, size, size)
        name = "omlaag" if self.isExpanded(index) else "rechts"
        icons.paint(painter, name, theme().secondary, mark)
