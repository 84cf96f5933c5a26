"""Heel gesprek: one conversation out of all its exports, each message once, with the exports that have it.

A mode of the window that changes nothing. Everything works by keyboard: arrows, N and P to the next and
previous difference, V for the differences only, Ctrl+F to search, Ctrl+Shift+G for two exports side by
side, Esc.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from archiver.model import Changes
from ui.models.conversation_rows import ConversationRows
from ui.operations.conversation_core import WholeConversation
from ui.operations.desk import Desk
from ui.shortcuts import key_of
from ui.theme import PAGE, px
from ui.views.controls import Button, ElidedText, Text
from ui.views.conversation_list import Entries
from ui.views.conversation_side import ConversationSide
from ui.views.difference_page import DifferencePage
from ui.words import n, t


class ConversationPage(DifferencePage):
    """`beside` asks to lay two exports side by side (ids)."""

    words = "gesprek"
    beside = Signal(str, object)
    model: ConversationRows
    side: ConversationSide

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._asks = desk.comparisons
        self._retired = desk.retired
        self._item = ""
        self.model = ConversationRows()
        self.view = entries = Entries(self.model)
        self.side = ConversationSide(self.model)
        self.pair = Button(t("gesprek.naast"), icon="chat")
        self.pair.setToolTip(key_of("compare"))
        self.pair.clicked.connect(self.lay_beside)
        self._lay_out(self.side, self._head(), foot=(self.pair,))
        entries.key.connect(self._key)
        entries.selectionModel().currentChanged.connect(lambda *_: self._moved())
        self._asks.whole_came.connect(self._came)
        self._asks.whole_failed.connect(self._failed)
        desk.register_changed.connect(self._register_changed)

    def _head(self) -> QWidget:
        head = QWidget()
        head.setFixedHeight(px(72))
        words = QVBoxLayout(head)
        words.setContentsMargins(px(20), px(14), px(16), px(14))
        words.setSpacing(px(2))
        words.addWidget(Text(t("gesprek.titel"), ratio=PAGE, weight=600))
        self.subtitle = ElidedText("", ink="secondary")
        words.addWidget(self.subtitle)
        return head

    def is_shown(self) -> bool:
        """Tell whether a conversation is shown."""
        return self.model.whole is not None

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
        self._show_rows()
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
        self._say_how_many(self.model.total)
        self.pair.setEnabled(len(self.model.exports) > 1)
        self.subtitle.setText(
            n("gesprek.onder", len(whole.exports), titel=whole.title) if whole else ""
        )
        self.side.show_exports()
        self.side.show_row(-1)
        self._show_count()

    def leave(self) -> None:
        """Go back to the list (Esc)."""
        self._asks.stop()
        self.finder.forget()
        self._item = ""
        self._show(None)
        self.left.emit()

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

    def filter(self, *, only: bool) -> None:
        """Show the differences only, or everything; the message that is read stays current."""
        row = self.view.currentIndex().row()
        place = self.model.place(row) if 0 <= row < self.model.rowCount() else 0
        self.model.show_only_differences(only)
        self._filtered(only, self.model.row_of(place) or 0)

    def _register_changed(self, changes: Changes) -> None:
        """A link or decision was made or undone: show how it stands now."""
        whole = self.model.whole
        if whole is None or not self._item or not self.isVisible():
            return
        if {export.state.id for export in whole.exports} & set(changes.ids):
            self.begin(self._item)
