"""Heel gesprek: one conversation out of all its exports, each message once, with the exports that have it.

A mode of the window that changes nothing. Everything works by keyboard: arrows, N and P to the next and
previous difference, V for the differences only, Ctrl+Shift+G for two exports side by side, Esc.
"""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from archiver.errors import ArchiverError
from archiver.model import Changes
from ui import a11y
from ui.models.conversation_rows import ConversationRows
from ui.operations.conversation_core import WholeConversation
from ui.operations.desk import Desk
from ui.shortcuts import key_of
from ui.theme import PAGE, px
from ui.views.controls import Button, ElidedText, KeyCap, Line, Pane, Text, side_by_side
from ui.views.conversation_list import Entries
from ui.views.conversation_side import ConversationSide
from ui.views.empty_state import Nothing
from ui.views.pill import Pill
from ui.words import error_text, n, t

_SELECT = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows


class ConversationPage(Pane):
    """`left` asks to go back to the list; `beside` to lay two exports side by side (ids)."""

    left = Signal()
    said = Signal(str, str, str)
    beside = Signal(str, object)

    def __init__(self, desk: Desk) -> None:
        super().__init__("base")
        self._asks = desk.comparisons
        self._retired = desk.retired
        self.loading = False
        self._item = ""
        self._compact: bool | None = None
        self.model = ConversationRows()
        self.view = Entries(self.model)
        self.side = ConversationSide(self.model)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self.split = side_by_side(self._middle(), self.side)
        outer.addWidget(self.split)
        self.view.key.connect(self._key)
        self.view.selectionModel().currentChanged.connect(lambda *_: self._moved())
        self._asks.whole_came.connect(self._came)
        self._asks.whole_failed.connect(self._failed)
        desk.register_changed.connect(self._register_changed)

    # --- parts -----------------------------------------------------------------------------------

    def _middle(self) -> QWidget:
        made = Pane("base")
        made.setMinimumWidth(px(400))
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QWidget()
        head.setFixedHeight(px(72))
        words = QVBoxLayout(head)
        words.setContentsMargins(px(20), px(14), px(16), px(14))
        words.setSpacing(px(2))
        words.addWidget(Text(t("gesprek.titel"), ratio=PAGE, weight=600))
        self.subtitle = ElidedText("", ink="secondary")
        words.addWidget(self.subtitle)
        column.addWidget(head)
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
        self.back = Button(f"{t('vergelijk.vorig')}  P", "quiet", height=28)
        self.next = Button(f"{t('vergelijk.volgend')}  N", "quiet", height=28)
        self.back.clicked.connect(lambda: self.go(-1))
        self.next.clicked.connect(lambda: self.go(1))
        row.addWidget(self.every)
        row.addWidget(self.only)
        row.addStretch(1)
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
        self.pair = Button(t("gesprek.naast"), icon="chat")
        self.pair.setToolTip(key_of("compare"))
        self.pair.clicked.connect(self.lay_beside)
        stop = Button(t("vergelijk.terug"))
        stop.clicked.connect(self.leave)
        row.addWidget(self.count, 1)
        row.addWidget(self.pair)
        row.addWidget(stop)
        row.addWidget(KeyCap("Esc"))
        return made

    # --- beginning and ending ----------------------------------------------------------------------

    def begin(self, item_id: str) -> None:
        """Open the conversation of a secured item; its exports are read beside the window."""
        self._item = item_id
        self.loading = True
        self.every.setChecked(True)
        self._show(None)
        self._say_nothing("wacht", t("gesprek.bezig"))
        self._asks.ask_whole(item_id)
        self.focus()

    def _came(self, whole: WholeConversation) -> None:
        if whole.id != self._item:
            return
        self.loading = False
        again = whole.view.entries and self.nothing.hasFocus()
        self._show(whole)
        if not self.model.rowCount():
            self._say_nothing(
                "besloten", t("gesprek.geen_verschil" if self.model.total else "gesprek.leeg")
            )
            return
        self._stack.setCurrentWidget(self.view)
        if again:
            self.focus()
        self._go_to(0 if self.model.only_differences else self.model.next_difference(-1, 1) or 0)

    def _show(self, whole: WholeConversation | None) -> None:
        before = self.model.whole
        self.model.show(whole)
        if before is not None:  # given back bit by bit
            self._retired.take(before.view.entries)
            for export in before.view.exports:
                self._retired.take(export.messages)
        self.every.say(t("gesprek.alles", n=self.model.total))
        self.only.say(t("gesprek.alleen_verschil", n=self.model.differences))
        for part in (self.back, self.next):
            part.setEnabled(self.model.differences > 0)
        self.pair.setEnabled(len(self.model.exports) > 1)
        self.subtitle.setText(
            n("gesprek.onder", len(whole.exports), titel=whole.title) if whole else ""
        )
        self.side.show_exports()
        self.side.show_row(-1)
        self._show_count()

    def _failed(self, error: ArchiverError) -> None:
        self.loading = False
        self.said.emit(error_text(error), "mislukt", "error")
        self._say_nothing("mislukt", error_text(error))

    def _say_nothing(self, icon: str, sentence: str) -> None:
        self.nothing.show_for(icon, sentence)
        self._stack.setCurrentWidget(self.nothing)

    def leave(self) -> None:
        """Go back to the list (Esc)."""
        self._asks.stop()
        self._item = ""
        self._show(None)
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

    def lay_beside(self) -> None:
        """Lay two exports side by side: those that the message is about, else the first two."""
        exports = self.model.exports
        if len(exports) < 2:
            return
        row = self.view.currentIndex().row()
        pair = [0, 1]
        if 0 <= row < self.model.rowCount():
            entry = self.model.entry(row)
            first = entry.witnesses[0].export
            other = [w.export for w in entry.witnesses if w.differs]
            other += [gone.export for gone in entry.missing]
            pair = sorted([first, other[0]]) if other else pair
        left, right = (exports[number].state.id for number in pair)
        self.beside.emit(left, right)

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

    def filter(self, *, only: bool) -> None:
        """Show the differences only, or everything; the message that is read stays current."""
        row = self.view.currentIndex().row()
        place = self.model.place(row) if 0 <= row < self.model.rowCount() else 0
        self.model.show_only_differences(only)
        (self.only if only else self.every).setChecked(True)
        if self.model.whole is not None:
            if self.model.rowCount():
                self._stack.setCurrentWidget(self.view)
                self._go_to(self.model.row_of(place) or 0)
            else:
                self._say_nothing("besloten", t("gesprek.geen_verschil"))
                self.side.show_row(-1)
        self._show_count()
        self.focus()

    def _go_to(self, row: int) -> None:
        if not 0 <= row < self.model.rowCount():
            return
        index = self.model.index(row)
        self.view.selectionModel().setCurrentIndex(index, _SELECT)
        self.view.scrollTo(index)
        self._moved()

    def _moved(self) -> None:
        self.side.show_row(self.view.currentIndex().row())
        self._show_count()

    def _show_count(self) -> None:
        if self.model.whole is None:
            self.count.setText("")
            return
        here = self.model.number_of(self.view.currentIndex().row())
        if here:
            words = t("vergelijk.verschil_van", i=here, n=self.model.differences)
        else:
            words = n("vergelijk.verschillen", self.model.differences)
        self.count.setText(words)

    def _register_changed(self, changes: Changes) -> None:
        """A link or decision was made or undone: show how it stands now."""
        whole = self.model.whole
        if whole is None or not self._item or not self.isVisible():
            return
        if {export.state.id for export in whole.exports} & set(changes.ids):
            self.begin(self._item)

    # --- layout ------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange again when the window becomes narrow or wide."""
        super().resizeEvent(event)
        compact = self.width() < px(1000)
        if compact != self._compact:
            self._compact = compact
            right = px(400 if compact else 456)
            self.split.setSizes([max(px(400), self.width() - right), right])
            for button, key, letter in (
                (self.back, "vergelijk.vorig", "P"),
                (self.next, "vergelijk.volgend", "N"),
            ):
                button.setText(letter if compact else f"{t(key)}  {letter}")
                a11y.name(button, t(key))
                button.setToolTip(t(key))
