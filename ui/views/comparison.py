"""Vergelijken: two exports of a conversation side by side, and linking them with a reason.

A mode of the window. Everything works by keyboard: arrows, N and P to the next and previous difference,
V for the differences only, Ctrl+F to search, L and R to choose another export at the left or right,
Ctrl+Enter to link, Ctrl+Z, Esc. Nothing is ever merged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from archiver.model import Changes
from ui.models.comparison_rows import Column, ComparisonRows
from ui.operations.comparison_core import Candidate
from ui.operations.desk import Desk
from ui.shortcuts import key_of
from ui.theme import PAGE, px
from ui.views.comparison_delegate import ComparisonDelegate
from ui.views.comparison_pair import PairChoice, whose
from ui.views.comparison_side import Side
from ui.views.controls import Button, ElidedText, Text
from ui.views.difference_page import DifferencePage
from ui.views.message_list import Table
from ui.views.people_dialog import PeopleDialog
from ui.words import moment, t

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


class ComparisonPage(DifferencePage):
    """`whole` asks for the whole conversation."""

    words = "vergelijk"
    whole = Signal(str)
    model: ComparisonRows
    view: Rows
    side: Side

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._asks = desk.comparisons
        self._desk = desk
        self.own: Candidate | None = None
        self.others: list[Candidate] = []
        self._wanted: str | None = None
        self.model = ComparisonRows()
        self.view = Rows(self.model)
        self.view.setItemDelegate(ComparisonDelegate(self.view, self.model))
        header = self.view.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(Column.WHY, QHeaderView.ResizeMode.Fixed)
        self.side = Side(self.model)
        self.pair = PairChoice()
        self.choice = self.pair.right
        self._lay_out(self.side, self._head(), self.pair)
        self._connect()

    def _connect(self) -> None:
        self.view.key.connect(self._key)
        self.view.selectionModel().currentRowChanged.connect(lambda *_: self._moved())
        self.side.link.connect(self._link)
        self.side.people.connect(self._people)
        self.pair.left_chosen.connect(self._left_chosen)
        self.pair.right_chosen.connect(self._chosen)
        asks = self._asks
        asks.candidates_came.connect(self._candidates)
        asks.alike_came.connect(self._alike)
        asks.compared.connect(self._compared)
        asks.failed.connect(self._failed)
        asks.linked.connect(self._linked)
        self._desk.register_changed.connect(self._register_changed)

    # --- parts -----------------------------------------------------------------------------------

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

    def is_shown(self) -> bool:
        """Tell whether two exports are shown."""
        return self.model.compared is not None

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
        self._show_rows()
        first = 0 if self.model.only_differences else self.model.next_difference(-1, 1)
        self._go_to(first or 0)

    def _show(self, compared: Compared | None) -> None:
        other = self._other()
        names = ("", "")
        if self.own is not None and other is not None:
            names = _names(self.own, other)
        self.model.show(compared, names)
        self._say_how_many(sum(self.model.counts.values()))
        self.side.show_comparison(compared, self.own, other)
        title = self.own.title if self.own is not None else ""
        self.subtitle.setText(t("vergelijk.onder", titel=title))
        self.subtitle.setVisible(compared is not None)
        self._show_count()

    def _other(self) -> Candidate | None:
        wanted = self.choice.currentData()
        return next((c for c in self.others if c.id == wanted), None)

    def leave(self) -> None:
        """Go back to the list (Esc)."""
        self._asks.stop()
        self.finder.forget()
        self.left.emit()

    # --- moving about ------------------------------------------------------------------------------

    def _key(self, key: int) -> None:
        if key in (Qt.Key.Key_L, Qt.Key.Key_R):
            choice = self.pair.left if key == Qt.Key.Key_L else self.pair.right
            choice.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            super()._key(key)

    def filter(self, *, only: bool) -> None:
        """Show the differences only, or everything; the row that is read stays current."""
        place = self.view.currentIndex().row()
        row = self.model.row(place) if 0 <= place < self.model.rowCount() else None
        self.model.show_only_differences(only)
        again = self.model.place_of(row) if row is not None else 0
        self._filtered(only, again or 0)

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

    def _arranged(self, compact: bool) -> None:
        self.view.setColumnWidth(Column.WHY, px(132 if compact else 204))


def _names(left: Candidate, right: Candidate) -> tuple[str, str]:
    """Name both by whose they are; by their last day too when they are of the same person."""
    if whose(left) != whose(right):
        return tuple(t("vergelijk.van", wie=whose(c)) for c in (left, right))  # type: ignore[return-value]
    return tuple(  # type: ignore[return-value]
        t("vergelijk.van_tot", wie=whose(c), dag=moment(c.last, time=False), n=c.count)
        for c in (left, right)
    )
