"""Vergelijken: two exports of a conversation side by side, and linking them with a reason.

A mode of the window. Everything works by keyboard: arrows, N and P to the next and previous difference,
V for the differences only, L and R to choose another export at the left or right, Ctrl+Enter to link,
Ctrl+Z, Esc. Nothing is ever merged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from archiver.errors import ArchiverError
from archiver.model import Changes
from ui import a11y
from ui.models.comparison_rows import Column, ComparisonRows
from ui.operations.comparison_core import Candidate
from ui.operations.desk import Desk
from ui.shortcuts import key_of
from ui.theme import PAGE, px
from ui.views.comparison_delegate import ComparisonDelegate
from ui.views.comparison_pair import PairChoice, whose
from ui.views.comparison_side import Side
from ui.views.controls import Button, ElidedText, KeyCap, Line, Pane, Text, side_by_side
from ui.views.empty_state import Nothing
from ui.views.message_list import Table
from ui.views.people_dialog import PeopleDialog
from ui.views.pill import Pill
from ui.words import error_text, moment, n, t

if TYPE_CHECKING:
    from archiver.services.comparison import Compared

_KEYS = (Qt.Key.Key_N, Qt.Key.Key_P, Qt.Key.Key_V, Qt.Key.Key_L, Qt.Key.Key_R)
_SELECT = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows


class Rows(Table):
    """The rows; `key` carries a letter that means something in this mode."""

    key = Signal(int)

    def __init__(self, model: ComparisonRows) -> None:
        super().__init__(t("vergelijk.lijst"))
        self.setModel(model)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Letters are ours; moving about stays as it is in every list."""
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if plain and event.key() in _KEYS:
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


class ComparisonPage(Pane):
    """`left` asks to go back to the list; `whole` for the whole conversation; `said` is for the task bar."""

    left = Signal()
    said = Signal(str, str, str)
    whole = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__("base")
        self._asks = desk.comparisons
        self._desk = desk
        self.own: Candidate | None = None
        self.others: list[Candidate] = []
        self._wanted: str | None = None
        self.loading = False
        self._compact: bool | None = None
        self.model = ComparisonRows()
        self.view = Rows(self.model)
        self.view.setItemDelegate(ComparisonDelegate(self.view, self.model))
        header = self.view.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(Column.WHY, QHeaderView.ResizeMode.Fixed)
        self.side = Side(self.model)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self.split = side_by_side(self._middle(), self.side)
        outer.addWidget(self.split)
        self._connect()

    def _connect(self) -> None:
        self.view.key.connect(self._key)
        self.view.selectionModel().currentRowChanged.connect(lambda *_: self._moved())
        self.side.link.connect(self._link)
        self.side.people.connect(self._people)
        asks = self._asks
        asks.candidates_came.connect(self._candidates)
        asks.alike_came.connect(self._alike)
        asks.compared.connect(self._compared)
        asks.failed.connect(self._failed)
        asks.linked.connect(self._linked)
        self._desk.register_changed.connect(self._register_changed)

    # --- parts -----------------------------------------------------------------------------------

    def _middle(self) -> QWidget:
        made = Pane("base")
        made.setMinimumWidth(px(400))
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head())
        self.pair = PairChoice()
        self.pair.left_chosen.connect(self._left_chosen)
        self.pair.right_chosen.connect(self._chosen)
        self.choice = self.pair.right
        column.addWidget(self.pair)
        column.addWidget(self._filters())
        column.addWidget(Line())
        self._stack = QStackedLayout()
        self._stack.addWidget(self.view)
        self.nothing = Nothing()
        self._stack.addWidget(self.nothing)
        column.addLayout(self._stack, 1)
        column.addWidget(Line())
        column.addWidget(self._foot())
        return made

    def _head(self) -> QWidget:
        head = QWidget()
        head.setFixedHeight(px(72))
        row = QHBoxLayout(head)
        row.setContentsMargins(px(20), px(14), px(16), px(14))
        row.setSpacing(px(10))
        words = QVBoxLayout()
        words.setSpacing(px(2))
        words.addWidget(Text(t("vergelijk.titel"), ratio=PAGE, weight=600))
        self.subtitle = ElidedText("", ink="secondary")
        self.subtitle.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        words.addWidget(self.subtitle)
        row.addLayout(words, 1)
        self.all = Button(t("gesprek.titel"), icon="chat")
        self.all.setToolTip(key_of("conversation"))
        self.all.clicked.connect(self.show_whole)
        row.addWidget(self.all)
        return head

    def _filters(self) -> QWidget:
        made = QWidget()
        made.setFixedHeight(px(44))
        row = QHBoxLayout(made)
        row.setContentsMargins(px(20), 0, px(8), px(8))
        row.setSpacing(px(8))
        self.every = Pill("")
        self.only = Pill("")
        self.every.setChecked(True)
        self.every.clicked.connect(lambda: self.filter(only=False))
        self.only.clicked.connect(lambda: self.filter(only=True))
        row.addWidget(self.every)
        row.addWidget(self.only)
        row.addStretch(1)
        self.back = Button(f"{t('vergelijk.vorig')}  P", "quiet", height=28)
        self.next = Button(f"{t('vergelijk.volgend')}  N", "quiet", height=28)
        self.back.clicked.connect(lambda: self.go(-1))
        self.next.clicked.connect(lambda: self.go(1))
        row.addWidget(self.back)
        row.addWidget(self.next)
        return made

    def _foot(self) -> QWidget:
        made = QWidget()
        made.setFixedHeight(px(60))
        row = QHBoxLayout(made)
        row.setContentsMargins(px(20), px(8), px(16), px(8))
        row.setSpacing(px(8))
        self.count = ElidedText("", weight=600)
        self.count.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        stop = Button(t("vergelijk.terug"))
        stop.clicked.connect(self.leave)
        row.addWidget(self.count, 1)
        row.addWidget(stop)
        row.addWidget(KeyCap("Esc"))
        return made

    # --- beginning and ending ----------------------------------------------------------------------

    def begin(self, item_id: str, other: str | None = None) -> None:
        """Open a secured conversation; with `other` it is compared with that one at once."""
        self.own, self.others, self._wanted = None, [], other
        self._show(None)
        self.pair.clear()
        self._say_nothing("wacht", t("vergelijk.zoeken"))
        self.loading = True
        self._asks.ask_candidates(item_id)
        self.focus()

    def _candidates(self, found: tuple[Candidate, ...]) -> None:
        self.own, self.others = found[0], list(found[1:])
        looks = {c.id: c for c in self._asks.alike.get(self.own.id, ())}
        self.others = [looks.get(c.id, c) if c.how == "ander" else c for c in self.others]
        self.pair.fill(self.own, self.others)
        self.all.setEnabled(self.own.how != "bestand")
        wanted = self._wanted or next((c.id for c in self.others if c.how != "ander"), None)
        if wanted is None and self.others:
            same = self.others[0].title.casefold() == self.own.title.casefold()
            wanted = self.others[0].id if same or len(self.others) == 1 else None
        self._wanted = None
        if wanted is not None and any(c.id == wanted for c in self.others):
            self.pair.pick(wanted)
            self._compare(wanted)
            return
        self.loading = False
        self.pair.pick(None)
        self._say_nothing("chat", t("vergelijk.kies" if self.others else "vergelijk.geen_ander"))

    def _alike(self, item_id: str, found: tuple[Candidate, ...]) -> None:
        """What looks like it is known later, because messages are read for that."""
        if self.own is None or self.own.id != item_id or not found:
            return
        looks = {c.id: c for c in found}
        self.others = [looks.get(c.id, c) if c.how == "ander" else c for c in self.others]
        self.pair.fill(self.own, self.others)
        if self.model.compared is None and not self.loading:
            self.pair.pick(found[0].id)
            self._compare(found[0].id)

    def _chosen(self, other: str) -> None:
        self._compare(other)
        self.focus()

    def _left_chosen(self, item_id: str) -> None:
        """Another one at the left; when it stood at the right, the two change places."""
        if self.own is None or item_id == self.own.id:
            return
        other = self.choice.currentData()
        self.begin(item_id, self.own.id if other in (item_id, None) else other)

    def _compare(self, other: str) -> None:
        assert self.own is not None
        self._show(None)
        self.loading = True
        self._say_nothing("wacht", t("vergelijk.bezig"))
        self._asks.compare(self.own.id, other)

    def _compared(self, compared: Compared) -> None:
        self.loading = False
        if self.own is None:
            return
        self._show(compared)
        self._stack.setCurrentWidget(self.view)
        first = 0 if self.model.only_differences else self.model.next_difference(-1, 1)
        self._go_to(first or 0)

    def _show(self, compared: Compared | None) -> None:
        other = self._other()
        names = ("", "")
        if self.own is not None and other is not None:
            names = _names(self.own, other)
        self.model.show(compared, names)
        self.every.say(t("vergelijk.alles", n=sum(self.model.counts.values())))
        self.only.say(t("vergelijk.alleen_verschil", n=self.model.differences))
        for part in (self.back, self.next):
            part.setEnabled(self.model.differences > 0)
        self.side.show_comparison(compared, self.own, other)
        title = self.own.title if self.own is not None else ""
        self.subtitle.setText(t("vergelijk.onder", titel=title))
        self.subtitle.setVisible(compared is not None)
        self._show_count()

    def _other(self) -> Candidate | None:
        wanted = self.choice.currentData()
        return next((c for c in self.others if c.id == wanted), None)

    def _failed(self, error: ArchiverError) -> None:
        self.loading = False
        self.said.emit(error_text(error), "mislukt", "error")
        if self.model.compared is None:
            self._say_nothing("mislukt", error_text(error))

    def _say_nothing(self, icon: str, sentence: str) -> None:
        self.nothing.show_for(icon, sentence)
        self._stack.setCurrentWidget(self.nothing)

    def leave(self) -> None:
        """Go back to the list (Esc)."""
        self._asks.stop()
        self.left.emit()

    def focus(self) -> None:
        """Take the focus."""
        where = self.view if self._stack.currentWidget() is self.view else self.nothing
        where.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back, wherever the focus is in this mode."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)

    # --- moving about ------------------------------------------------------------------------------

    def _key(self, key: int) -> None:
        if key == Qt.Key.Key_V:
            self.filter(only=not self.model.only_differences)
        elif key in (Qt.Key.Key_L, Qt.Key.Key_R):
            choice = self.pair.left if key == Qt.Key.Key_L else self.pair.right
            choice.setFocus(Qt.FocusReason.ShortcutFocusReason)
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

    def filter(self, *, only: bool) -> None:
        """Show the differences only, or everything; the row that is read stays current."""
        place = self.view.currentIndex().row()
        row = self.model.row(place) if 0 <= place < self.model.rowCount() else None
        self.model.show_only_differences(only)
        (self.only if only else self.every).setChecked(True)
        if self.model.compared is not None:
            again = self.model.place_of(row) if row is not None else 0
            if self.model.rowCount():
                self._stack.setCurrentWidget(self.view)
                self._go_to(again or 0)
            else:
                self._say_nothing("besloten", t("vergelijk.geen_verschil"))
                self.side.show_row(-1)
        self._show_count()
        self.focus()

    def _go_to(self, place: int) -> None:
        if not 0 <= place < self.model.rowCount():
            return
        index = self.model.index(place, 0)
        self.view.selectionModel().setCurrentIndex(index, _SELECT)
        self.view.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)
        self._moved()

    def _moved(self) -> None:
        self.side.show_row(self.view.currentIndex().row())
        self._show_count()

    def _show_count(self) -> None:
        if self.model.compared is None:
            self.count.setText("")
            return
        here = self.model.number_of(self.view.currentIndex().row())
        if here:
            words = t("vergelijk.verschil_van", i=here, n=self.model.differences)
        else:
            words = n("vergelijk.verschillen", self.model.differences)
        self.count.setText(words)

    # --- linking -----------------------------------------------------------------------------------

    def act(self) -> None:
        """Link, or take the link away (Ctrl+Enter)."""
        self.side.act()

    def _people(self) -> None:
        """Say who is who; what is decided counts at once in this comparison."""
        other = self._other()
        if self.own is None or other is None:
            return
        own, ids = self.own.id, (self.own.id, other.id)
        dialog = PeopleDialog(self._asks, ids, self)
        dialog.changed.connect(lambda _: self._desk.refresh())
        dialog.finished.connect(lambda _: self.begin(own, ids[1]))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _link(self, reason: str, together: bool) -> None:
        other = self._other()
        if self.own is None or other is None:
            return
        if self.own.how == "bestand":
            self._asks.secure_and_link(self.own.id, other.id, reason)
        elif other.how == "bestand":
            self._asks.secure_and_link(other.id, self.own.id, reason)
        else:
            self._asks.link(self.own.id, other.id, reason, together=together)

    def _linked(self, changes: Changes, together: bool) -> None:
        key = "vergelijk.gekoppeld" if together else "vergelijk.losgemaakt"
        self.said.emit(t(key), "besloten", "ok")
        waiting = self.own is not None and self.own.id not in changes.ids
        self._desk.register_changed.emit(changes)
        self._desk.refresh()
        if waiting and self.isVisible() and len(changes.ids) == 2:
            self.begin(*changes.ids)  # what was a file is secured now

    def show_whole(self) -> None:
        """Show the conversation out of all its exports (Ctrl+Shift+H)."""
        if self.own is not None and self.own.how != "bestand":
            self.whole.emit(self.own.id)

    def _register_changed(self, changes: Changes) -> None:
        """A link was made, taken away or undone: show how it stands now."""
        other = self._other()
        if (
            self.own is not None
            and other is not None
            and self.own.id in changes.ids
            and self.isVisible()
        ):
            self.begin(self.own.id, other.id)

    # --- layout ------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange again when the window becomes narrow or wide."""
        super().resizeEvent(event)
        compact = self.width() < px(1000)
        if compact != self._compact:
            self._compact = compact
            right = px(400 if compact else 456)
            self.split.setSizes([max(px(400), self.width() - right), right])
            self.view.setColumnWidth(Column.WHY, px(132 if compact else 204))
            for button, key, letter in (
                (self.back, "vergelijk.vorig", "P"),
                (self.next, "vergelijk.volgend", "N"),
            ):
                button.setText(letter if compact else f"{t(key)}  {letter}")
                a11y.name(button, t(key))
                button.setToolTip(t(key))


def _names(left: Candidate, right: Candidate) -> tuple[str, str]:
    """Name both by whose they are; by their last day too when they are of the same person."""
    if whose(left) != whose(right):
        return tuple(t("vergelijk.van", wie=whose(c)) for c in (left, right))  # type: ignore[return-value]
    return tuple(  # type: ignore[return-value]
        t("vergelijk.van_tot", wie=whose(c), dag=moment(c.last, time=False), n=c.count)
        for c in (left, right)
    )
