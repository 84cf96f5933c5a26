"""What two pages share that show differences: Vergelijken and Heel gesprek.

A list with the details beside it, all or only the differences (V), to the next and previous one (N and P),
how many there are, searching (Ctrl+F), and back with Esc.
"""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from archiver.errors import ArchiverError
from ui import a11y
from ui.shortcuts import key_of
from ui.theme import px
from ui.views.controls import Button, ElidedText, KeyCap, Line, Pane, side_by_side
from ui.views.empty_state import Nothing
from ui.views.find_row import FindRow, Searched
from ui.views.pill import Pill
from ui.words import error_text, n, t

_SELECT = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
_STEPS = (("vergelijk.vorig", "P"), ("vergelijk.volgend", "N"))


class Differences(Searched, Protocol):
    """The rows of such a page."""

    modelReset: SignalInstance

    @property
    def differences(self) -> int:
        """Count the differences."""

    def index(self, row: int, column: int, /) -> QModelIndex:
        """Give the place of a row."""

    def next_difference(self, row: int, step: int) -> int | None:
        """Give the row of the next or previous difference."""

    def number_of(self, row: int) -> int:
        """Give which difference a row is; 0 for none."""


class Details(Protocol):
    """The pane beside the rows."""

    def show_row(self, row: int) -> None:
        """Show a row; -1 for none."""


class DifferencePage(Pane):
    """`left` asks to go back to the list; `said` is for the task bar."""

    left = Signal()
    said = Signal(str, str, str)
    words = ""  # where the page has words of its own
    model: Differences
    view: QAbstractItemView
    side: Details

    def __init__(self) -> None:
        super().__init__("base")
        self.loading = False
        self._compact: bool | None = None

    # --- for the page itself -----------------------------------------------------------------------

    def is_shown(self) -> bool:
        """Tell whether there is something to show."""
        raise NotImplementedError

    def leave(self) -> None:
        """Go back to the list (Esc)."""
        raise NotImplementedError

    def filter(self, *, only: bool) -> None:
        """Show the differences only, or everything."""
        raise NotImplementedError

    # --- parts -------------------------------------------------------------------------------------

    def _lay_out(self, side: QWidget, *above: QWidget, foot: tuple[QWidget, ...] = ()) -> None:
        middle = Pane("base")
        middle.setMinimumWidth(px(400))
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.finder = FindRow(self.model, lambda: self.view.currentIndex().row())
        self.finder.go_to.connect(self._go_to)
        self.finder.left.connect(self.focus)
        self.finder.marks_changed.connect(self._show_marks)
        self.model.modelReset.connect(self.finder.again)
        for part in (*above, self._filters(), self.finder, Line()):
            column.addWidget(part)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.view)
        self.nothing = Nothing()
        self._stack.addWidget(self.nothing)
        column.addLayout(self._stack, 1)
        column.addWidget(Line())
        column.addWidget(self._foot(foot))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self.split = side_by_side(middle, side)
        outer.addWidget(self.split)

    def _filters(self) -> QWidget:
        made = QWidget()
        made.setFixedHeight(px(44))
        row = QHBoxLayout(made)
        row.setContentsMargins(px(20), 0, px(8), px(8))
        row.setSpacing(px(8))
        self.every, self.only = Pill(""), Pill("")
        self.every.setChecked(True)
        self.every.clicked.connect(lambda: self.filter(only=False))
        self.only.clicked.connect(lambda: self.filter(only=True))
        self.back, self.next = (Button(f"{t(k)}  {c}", "quiet", height=28) for k, c in _STEPS)
        self.back.clicked.connect(lambda: self.go(-1))
        self.next.clicked.connect(lambda: self.go(1))
        self.search = Button(t("actie.zoeken"), "quiet", "zoeken", height=28)
        self.search.setToolTip(key_of("find"))
        self.search.clicked.connect(self.find_open)
        row.addWidget(self.every)
        row.addWidget(self.only)
        row.addStretch(1)
        row.addWidget(self.search)
        row.addWidget(self.back)
        row.addWidget(self.next)
        return made

    def _foot(self, more: tuple[QWidget, ...]) -> QWidget:
        made = QWidget()
        made.setFixedHeight(px(60))
        row = QHBoxLayout(made)
        row.setContentsMargins(px(20), px(8), px(16), px(8))
        row.setSpacing(px(8))
        self.count = ElidedText("", weight=600)
        self.count.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        stop = Button(t("vergelijk.terug"))
        stop.clicked.connect(lambda: self.leave())
        row.addWidget(self.count, 1)
        for part in (*more, stop, KeyCap("Esc")):
            row.addWidget(part)
        return made

    # --- what is shown -----------------------------------------------------------------------------

    def _say_nothing(self, icon: str, sentence: str) -> None:
        self.nothing.show_for(icon, sentence)
        self._stack.setCurrentWidget(self.nothing)

    def _show_rows(self) -> None:
        self._stack.setCurrentWidget(self.view)

    def _say_how_many(self, total: int) -> None:
        self.every.say(t(f"{self.words}.alles", n=total))
        self.only.say(t(f"{self.words}.alleen_verschil", n=self.model.differences))
        for part in (self.back, self.next):
            part.setEnabled(self.model.differences > 0)

    def _failed(self, error: ArchiverError) -> None:
        self.loading = False
        self.said.emit(error_text(error), "mislukt", "error")
        if not self.is_shown():
            self._say_nothing("mislukt", error_text(error))

    def focus(self) -> None:
        """Take the focus."""
        where = self.view if self._stack.currentWidget() is self.view else self.nothing
        where.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes the search, then goes back, wherever the focus is in this mode."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.finder.isHidden():
            self.leave()
        else:
            self.finder.close_row()

    def find_open(self) -> None:
        """Search in what is shown (Ctrl+F)."""
        self.finder.open()

    def _show_marks(self) -> None:
        self.view.viewport().update()
        self.side.show_row(self.view.currentIndex().row())

    # --- moving about ------------------------------------------------------------------------------

    def _key(self, key: int) -> None:
        if key == Qt.Key.Key_V:
            self.filter(only=not self.model.only_differences)
        else:
            self.go(1 if key == Qt.Key.Key_N else -1)

    def go(self, step: int) -> None:
        """Go to the next or previous difference; at the end that is said."""
        found = self.model.next_difference(self.view.currentIndex().row(), step)
        if found is None:
            self.said.emit(t("vergelijk.geen_verder"), "waarom", "secondary")
            return
        self._go_to(found)
        self.focus()

    def _filtered(self, only: bool, row: int) -> None:
        """After the model was filtered: stay at `row`, or say that there is nothing."""
        (self.only if only else self.every).setChecked(True)
        if self.is_shown():
            if self.model.rowCount():
                self._show_rows()
                self._go_to(row)
            else:
                self._say_nothing("besloten", t(f"{self.words}.geen_verschil"))
                self.side.show_row(-1)
        self._show_count()
        self.focus()

    def _go_to(self, row: int) -> None:
        if not 0 <= row < self.model.rowCount():
            return
        index = self.model.index(row, 0)
        self.view.selectionModel().setCurrentIndex(index, _SELECT)
        self.view.scrollTo(index)
        self._moved()

    def _moved(self) -> None:
        self.side.show_row(self.view.currentIndex().row())
        self._show_count()
        self.finder.show_count()

    def _show_count(self) -> None:
        if not self.is_shown():
            self.count.setText("")
            return
        here = self.model.number_of(self.view.currentIndex().row())
        if here:
            words = t("vergelijk.verschil_van", i=here, n=self.model.differences)
        else:
            words = n("vergelijk.verschillen", self.model.differences)
        self.count.setText(words)

    # --- layout ------------------------------------------------------------------------------------

    def _arranged(self, compact: bool) -> None:
        """What the page itself arranges when the window becomes narrow or wide."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange again when the window becomes narrow or wide."""
        super().resizeEvent(event)
        compact = self.width() < px(1000)
        if compact == self._compact:
            return
        self._compact = compact
        right = px(400 if compact else 456)
        self.split.setSizes([max(px(400), self.width() - right), right])
        for button, (key, letter) in zip((self.back, self.next), _STEPS, strict=True):
            button.setText(letter if compact else f"{t(key)}  {letter}")
            a11y.name(button, t(key))
            button.setToolTip(t(key))
        self.search.setText("" if compact else t("actie.zoeken"))
        self._arranged(compact)
