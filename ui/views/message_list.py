"""The middle pane: header with search, the list, and the action bar with the one main action."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from PySide6.QtCore import (
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QObject,
    QRectF,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QSizePolicy,
    QStackedLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from ui import a11y, icons
from ui.models.message_table import Column, MessageTable
from ui.models.row import Key, Row
from ui.theme import META, PAGE, font, px, theme
from ui.views.controls import Button, ElidedText, KeyCap, Line, Pane, Text
from ui.views.empty_state import Nothing
from ui.views.row_delegate import RowDelegate
from ui.words import t

_SELECT = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows


class Header(QHeaderView):
    """Words over the columns, secondary, with a line under them."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setHighlightSections(False)
        self.setFixedHeight(px(36))
        self.setSectionsClickable(False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def paintSection(self, painter: QPainter, rect: object, logical: int) -> None:
        """Paint one word."""
        now = theme()
        box = self.rect().__class__(rect)  # type: ignore[call-overload]
        painter.save()
        painter.fillRect(box, QColor(now.base))
        painter.fillRect(box.left(), box.bottom(), box.width(), 1, QColor(now.line))
        painter.setFont(font(META, 500))
        painter.setPen(QColor(now.secondary))
        align = self.model().headerData(
            logical, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole
        )
        right = bool(align and Qt.AlignmentFlag(align) & Qt.AlignmentFlag.AlignRight)
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        words = box.adjusted(px(16) if logical == 0 else 1, 0, -px(10), 0)
        painter.drawText(
            words,
            Qt.AlignmentFlag.AlignVCenter | side,
            str(self.model().headerData(logical, Qt.Orientation.Horizontal)),
        )
        painter.restore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground first, so that the space beside the last column is not another colour."""
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), QColor(theme().base))
        painter.end()
        super().paintEvent(event)


class Table(QTableView):
    """A table of rows that is fast for a million of them (reference: Ctrl+A froze for 15 s)."""

    def __init__(self, name: str, row_height: int = 56) -> None:
        super().__init__()
        a11y.name(self, name)
        self._row_height = row_height
        self.setHorizontalHeader(Header(self))
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setMinimumSectionSize(px(24))
        self.verticalHeader().setDefaultSectionSize(px(row_height))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setDragEnabled(False)

    def setModel(self, model: object) -> None:
        """Give the header its own selection model: it asks about every row of the table's one."""
        super().setModel(model)  # type: ignore[arg-type]
        header = self.horizontalHeader()
        header.setSelectionModel(QItemSelectionModel(self.model(), header))
        vertical = self.verticalHeader()
        vertical.setSelectionModel(QItemSelectionModel(self.model(), vertical))

    def focusInEvent(self, event: object) -> None:
        """A list that gets the focus has a current row."""
        super().focusInEvent(event)  # type: ignore[arg-type]
        if not self.currentIndex().isValid() and self.model().rowCount():
            self.selectionModel().setCurrentIndex(self.model().index(0, 0), _SELECT)
        self.viewport().update()

    def focusOutEvent(self, event: object) -> None:
        """Take the focus frame away."""
        super().focusOutEvent(event)  # type: ignore[arg-type]
        self.viewport().update()


class SearchField(QLineEdit):
    """Search in the list that is shown; Down goes to the list, Esc empties it."""

    leave = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText(t("lijst.zoek"))
        a11y.name(self, t("lijst.zoek"))
        self.setClearButtonEnabled(False)
        self.setFixedHeight(px(32))
        self.setTextMargins(px(22), 0, 0, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The field, and a glass in it that is decoration and no button."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        size = px(16)
        box = QRectF(px(9), (self.height() - size) / 2, size, size)
        icons.paint(painter, "zoeken", theme().secondary, box)
        painter.end()

    def keyPressEvent(self, event: object) -> None:
        """Down, Enter and Esc."""
        key = event.key()  # type: ignore[attr-defined]
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.leave.emit()
        elif key == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)  # type: ignore[arg-type]


class MessageList(Pane):
    """List with head and foot. `opened` follows the current row, after a short rest."""

    opened = Signal(object)
    selected = Signal()
    searched = Signal(str)
    main_action = Signal()

    def __init__(self) -> None:
        super().__init__("base")
        self.setMinimumWidth(px(400))
        self.model = MessageTable()
        self.table = Table(t("lijst.naam"))
        self.table.setModel(self.model)
        self.table.setItemDelegate(RowDelegate(self.table))
        header = self.table.horizontalHeader()
        header.setMinimumSectionSize(px(60))
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(Column.SUBJECT, QHeaderView.ResizeMode.Stretch)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(40)
        self._rest.timeout.connect(self._open)
        picked = self.table.selectionModel()
        picked.currentRowChanged.connect(lambda *_: self._rest.start())
        picked.selectionChanged.connect(lambda *_: self.selected.emit())
        self.model.modelReset.connect(self._after_reset)
        self.model.rowsInserted.connect(lambda *_: self._after_reset())
        self.model.dataChanged.connect(self._values_came)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head())
        column.addWidget(Line())
        self._stack = QStackedLayout()
        self._stack.addWidget(self.table)
        self.nothing = Nothing()
        self._stack.addWidget(self.nothing)
        column.addLayout(self._stack, 1)
        column.addWidget(self._foot())

    def _head(self) -> QWidget:
        head = QWidget()
        head.setFixedHeight(px(72))
        row = QHBoxLayout(head)
        row.setContentsMargins(px(20), px(14), px(16), px(14))
        row.setSpacing(px(10))
        words = QVBoxLayout()
        words.setSpacing(px(2))
        self.title = Text("", ratio=PAGE, weight=600)
        self.subtitle = ElidedText("", ink="secondary")
        self.subtitle.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        words.addWidget(self.title)
        words.addWidget(self.subtitle)
        row.addLayout(words, 1)
        self.search = SearchField()
        self.search.setFixedWidth(px(200))
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(180)
        self._wait.timeout.connect(lambda: self.searched.emit(self.search.text().strip()))
        self.search.textChanged.connect(lambda _: self._wait.start())
        self.search.leave.connect(self.table.setFocus)
        row.addWidget(self.search, 0, Qt.AlignmentFlag.AlignVCenter)
        return head

    def _foot(self) -> QWidget:
        self.foot = QWidget()
        outer = QVBoxLayout(self.foot)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(Line())
        inner = QWidget()
        inner.setFixedHeight(px(60))
        row = QHBoxLayout(inner)
        row.setContentsMargins(px(20), px(8), px(16), px(8))
        row.setSpacing(px(10))
        words = QVBoxLayout()
        words.setSpacing(px(1))
        words.addStretch(1)
        self.count = ElidedText("", weight=600)
        self.remark = ElidedText("", ratio=META, ink="secondary")
        for label in (self.count, self.remark):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            words.addWidget(label)
        words.addStretch(1)
        row.addLayout(words, 1)
        self.button = Button("", "main", "kluis", height=36)
        self.button.clicked.connect(self.main_action)
        row.addWidget(self.button)
        self.key = KeyCap("")
        row.addWidget(self.key)
        outer.addWidget(inner)
        return self.foot

    def set_compact(self, compact: bool) -> None:
        """Leave out the column Status, the search field and the key cap below 1200 wide."""
        self.table.setColumnHidden(Column.STATUS, compact)
        self.table.setColumnWidth(Column.SENDER, px(168 if compact else 192))
        self.table.setColumnWidth(Column.STATUS, px(144))
        self.table.setColumnWidth(Column.KEEP, px(128))
        self.search.setFixedWidth(px(180 if compact else 200))
        self.key.setVisible(not compact)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the list from getting too narrow columns."""
        super().resizeEvent(event)
        narrow = self.width() < px(640)
        self.table.setColumnHidden(Column.STATUS, narrow)

    def show_action(self, text: str, icon: str, key: str, count: str, remark: str) -> None:
        """Fill the foot; no action hides it."""
        self.foot.setVisible(bool(text))
        self.button.set_icon(icon)
        self.button.setText(text)
        self.key.setText(key)
        self.key.setVisible(bool(key) and self.width() >= px(640))
        self.count.setText(count)
        self.remark.setText(remark)

    def focus(self) -> None:
        """Take the focus: the list, or the sentence that stands there instead."""
        target: QWidget = self.table if self.model.rowCount() else self.nothing
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def current(self) -> Row | None:
        """Give the row that is read now."""
        return self.model.row_at(self.table.currentIndex().row())

    def selected_count(self) -> int:
        """Count the selected rows by their ranges; never row by row."""
        return sum(last - first + 1 for first, last in self._ranges())

    def selected_keys(self) -> list[Key]:
        """Give the keys of the selected rows, in the order of the list."""
        keys = self.model.keys
        return [key for first, last in sorted(self._ranges()) for key in keys[first : last + 1]]

    def _ranges(self) -> set[tuple[int, int]]:
        """Give first and last row of each range; rows are selected whole, so none overlap."""
        chosen = cast("Iterable[QItemSelectionRange]", self.table.selectionModel().selection())
        return {(r.top(), r.bottom()) for r in chosen}

    def go_to(self, place: int) -> None:
        """Make a row the current one."""
        count = self.model.rowCount()
        if count:
            index = self.model.index(max(0, min(place, count - 1)), 0)
            self.table.selectionModel().setCurrentIndex(index, _SELECT)
            self.table.scrollTo(index)

    def _open(self) -> None:
        self.opened.emit(self.current())

    def _values_came(self, first: QModelIndex, last: QModelIndex) -> None:
        if first.row() <= self.table.currentIndex().row() <= last.row():
            self._rest.start()

    def _after_reset(self) -> None:
        empty = self.model.rowCount() == 0
        there = self.table.hasFocus() or self.nothing.hasFocus()
        self._stack.setCurrentIndex(1 if empty else 0)
        if there:
            self.focus()
        if empty:
            self._rest.start()
        elif not self.table.currentIndex().isValid():
            self.go_to(0)


def in_list(widget: QObject | None, table: QTableView) -> bool:
    """Tell whether the focus is in the list."""
    return widget is table or widget is table.viewport()
