"""The messages of a whole conversation as a list that measures only what is near the screen.

A table of one column: every row begins with a height that is guessed, and is measured when it comes near.
So the first screen of 100,000 messages, and any place in them, is there at once.
"""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyleOptionViewItem

from ui.models.conversation_rows import ConversationRows
from ui.theme import px
from ui.views.conversation_bubbles import ConversationDelegate
from ui.views.message_list import Table
from ui.words import t

Index = QModelIndex | QPersistentModelIndex
Hint = QAbstractItemView.ScrollHint
_GUESS = 88  # of the design: day or not, two lines of text
_AHEAD = 24  # rows before and after the screen that are measured too
_SELECT = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows


class Entries(Table):
    """The messages; `key` carries a letter that means something in this mode."""

    key = Signal(int)

    def __init__(self, model: ConversationRows) -> None:
        super().__init__(t("gesprek.lijst"), _GUESS)
        self._measured: set[int] = set()
        self._width = 0
        self._busy = False
        self._model = model
        self.setModel(model)
        self._delegate = ConversationDelegate(self, model)
        self.setItemDelegate(self._delegate)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalScrollBar().valueChanged.connect(lambda _: self._measure_screen())
        model.modelReset.connect(self._forget)

    # --- heights -----------------------------------------------------------------------------------

    def _forget(self) -> None:
        self._measured.clear()
        self._measure_screen()

    def _measure_screen(self) -> None:
        first = self.rowAt(0)
        last = self.rowAt(self.viewport().height() - 1)
        if first >= 0:
            self._measure(first - _AHEAD, (last if last >= 0 else first) + _AHEAD)

    def _measure(self, first: int, last: int) -> None:
        """Measure these rows; what is on the screen stays where it is when rows above it change."""
        if self._busy:
            return
        self._busy = True
        width = self._delegate.bubble_width()
        if width != self._width:
            self._width = width
            self._measured.clear()
        top, moved, changed = self.rowAt(0), 0, False
        option = QStyleOptionViewItem()
        for row in range(max(0, first), min(last + 1, self.model().rowCount())):
            if row in self._measured:
                continue
            self._measured.add(row)
            more = self._delegate.sizeHint(option, self.model().index(row, 0)).height()
            more -= self.rowHeight(row)
            if more:
                changed = True
                moved += more if row < top else 0
                self.setRowHeight(row, self.rowHeight(row) + more)
        if changed:
            self.updateGeometries()
        if moved:
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + moved)
        self._busy = False

    def scrollTo(self, index: Index, hint: Hint = Hint.EnsureVisible) -> None:
        """Measure the rows round the place before going there."""
        if index.isValid():
            self._measure(index.row() - _AHEAD, index.row() + _AHEAD)
        super().scrollTo(index, hint)
        self._measure_screen()
        if index.isValid() and self._model.marked:
            self._show_mark(index.row())

    def _show_mark(self, row: int) -> None:
        """Bring what was looked for on the screen in a message that is longer than the screen."""
        down = self.rowViewportPosition(row) + self._delegate.mark_top(row)
        if not 0 <= down < self.viewport().height() - px(24):
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + down - self.viewport().height() // 3)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Measure again when the bubbles change their width."""
        super().resizeEvent(event)
        self._measure_screen()
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    # --- keys --------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Letters are ours; moving about stays as it is in every list."""
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if plain and event.key() in (Qt.Key.Key_N, Qt.Key.Key_P, Qt.Key.Key_V):
            self.key.emit(event.key())
        elif plain and event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            # In a table these go along the columns; here a row is read as one.
            place = 0 if event.key() == Qt.Key.Key_Home else self.model().rowCount() - 1
            self.selectionModel().setCurrentIndex(self.model().index(place, 0), _SELECT)
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters do not jump about."""
