"""Screen c: take private messages out of a conversation before anything of it is stored.

A mode of the window, not a dialog. Everything works by keyboard: arrows, space, Shift+arrows, 1 2 3
for the reason, N for the next that may be private, Ctrl+F, Ctrl+Z, Ctrl+Enter, Esc.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListView,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from archiver.errors import ArchiverError
from archiver.model import ChatMessage
from ui import a11y
from ui.models.chat_messages import ChatMessages, reason_word
from ui.models.row import Row
from ui.operations.chat_choices import REASONS
from ui.operations.desk import Desk
from ui.theme import PAGE, px, theme
from ui.views.chat_bubbles import LONG, BubbleDelegate
from ui.views.chat_find import FindBar
from ui.views.chat_out_side import Side, short_day
from ui.views.controls import Button, ElidedText, KeyCap, Line, Mark, Pane, Text, side_by_side
from ui.words import error_text, n, number, t

_NAMES = {
    "whatsapp": "WhatsApp",
    "imessage": "iMessage",
    "sms": "SMS",
    "google_chat": "Google Chat",
}
_SELECT = QItemSelectionModel.SelectionFlag.ClearAndSelect


class Messages(QListView):
    """The messages; `key` carries a key that means something in this mode."""

    key = Signal(int)

    def __init__(self, model: ChatMessages) -> None:
        super().__init__()
        a11y.name(self, t("prive.lijst"), t("prive.zo_kies_je"))
        self.setModel(model)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QListView.Shape.NoFrame)
        # A long conversation is laid out piece by piece: the first screen is there at once.
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(400)
        self._width = 0
        self._start: int | None = None  # the row from which Shift chooses
        self.pressed.connect(lambda _: setattr(self, "_start", None))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space and letters are ours; moving about stays as it is in every list."""
        plain = event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        )
        if plain and event.key() in _KEYS:
            self.key.emit(event.key())
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._start = None
            elif self._start is None:
                self._start = self.currentIndex().row()
            super().keyPressEvent(event)
            if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self._choose_here()

    def _choose_here(self) -> None:
        """Choose where the keys moved to, from where Shift was pressed.

        Qt looks for what lies at that place of the screen, and finds nothing until the last row of the
        conversation is laid out.
        """
        here = self.currentIndex()
        if here.isValid() and not self.selectionModel().isSelected(here):
            start = here if self._start is None else here.sibling(self._start, 0)
            self.selectionModel().select(QItemSelection(start, here), _SELECT)

    def keyboardSearch(self, search: str) -> None:
        """Letters do not jump about."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out again only when the bubbles change their width."""
        super().resizeEvent(event)
        delegate = self.itemDelegate()
        width = delegate.bubble_width() if isinstance(delegate, BubbleDelegate) else 0
        if width != self._width:
            self._width = width
            self.scheduleDelayedItemsLayout()


_KEYS = (
    Qt.Key.Key_Space,
    Qt.Key.Key_N,
    Qt.Key.Key_1,
    Qt.Key.Key_2,
    Qt.Key.Key_3,
)


class ChatOut(Pane):
    """`left` asks to go back to the list; `said` is for the task bar."""

    left = Signal()
    said = Signal(str, str, str)

    def __init__(self, desk: Desk) -> None:
        super().__init__("base")
        self._desk = desk
        self.row: Row | None = None
        self._next_reason = REASONS[0]
        self._at_start: dict[int, str] = {}
        self.loading = False
        self._compact: bool | None = None
        self.model = ChatMessages()
        self.view = Messages(self.model)
        self._delegate = BubbleDelegate(self.view, self.model)
        self.view.setItemDelegate(self._delegate)
        self.side = Side(self.model)
        self.finder = FindBar(self.model, lambda: self.view.currentIndex().row())
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self.split = side_by_side(self._middle(), self.side)
        outer.addWidget(self.split)
        self._connect()

    def _connect(self) -> None:
        self.view.key.connect(self._key)
        self.view.doubleClicked.connect(lambda _: self.toggle())
        self.view.selectionModel().currentChanged.connect(lambda *_: self._moved())
        self.view.selectionModel().selectionChanged.connect(lambda *_: self._show_reason())
        self.view.verticalScrollBar().valueChanged.connect(lambda _: self._scrolled())
        self.model.out_changed.connect(self._out_changed)
        self.side.reason_chosen.connect(self._reason_chosen)
        self.side.put_all_back.connect(lambda: self.change(lambda: self.model.set_out({})))
        self.side.secure.connect(self.act)
        self.finder.go_to.connect(self._go_to)
        self.finder.left.connect(self.focus)
        self.finder.take_out.connect(
            lambda rows: self.change(lambda: self.model.take_out(rows, self._next_reason))
        )
        self.finder.put_back.connect(lambda rows: self.change(lambda: self.model.put_back(rows)))

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
        words.addWidget(Text(t("prive.titel"), ratio=PAGE, weight=600))
        self.subtitle = ElidedText("", ink="secondary")
        words.addWidget(self.subtitle)
        column.addWidget(head)
        column.addWidget(self._banner())
        column.addWidget(self.finder)
        column.addWidget(Line())
        column.addWidget(self.view, 1)
        column.addWidget(Line())
        column.addWidget(self._foot())
        return made

    def _banner(self) -> QWidget:
        made = _Banner()
        made.setFixedHeight(px(40))
        row = QHBoxLayout(made)
        row.setContentsMargins(px(20), 0, px(12), 0)
        row.setSpacing(px(9))
        self._mark = Mark("waarom", "accent", 16)
        self.hint = ElidedText(t("prive.zo_kies_je"))
        self.hint.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.search = Button(t("prive.zoeken"), "quiet", "zoeken", height=28)
        self.search.setToolTip("Ctrl+F")
        self.search.clicked.connect(self.find_open)
        self.next = Button(f"{t('actie.volgende_mogelijk')}  N", "quiet", height=28)
        self.next.clicked.connect(self.next_possible)
        row.addWidget(self._mark)
        row.addWidget(self.hint, 1)
        row.addWidget(self.search)
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
        self.clear = Button(t("prive.keuze_wissen"), "quiet")
        self.clear.clicked.connect(lambda: self.change(lambda: self.model.set_out(self._at_start)))
        stop = Button(t("actie.stoppen"))
        stop.clicked.connect(self.leave)
        row.addWidget(self.count, 1)
        row.addWidget(self.clear)
        row.addWidget(stop)
        row.addWidget(KeyCap("Esc"))
        return made

    # --- beginning and ending ----------------------------------------------------------------------

    def begin(self, row: Row) -> None:
        """Open a conversation of Nieuw; its messages come in beside the window."""
        self.row = row
        self.loading = True
        self._next_reason = REASONS[0]
        self._at_start = self._desk.chats.out(row.key)  # type: ignore[arg-type]
        answers = getattr(row.preview.record, "answers", ()) if row.preview is not None else ()
        self.model.owner = next((a.value for a in answers if a.question == "owner"), "")
        self.model.clear(self._at_start)
        self.finder.begin()
        others = sum(key[0] == row.key[0] for key in self._desk.rows) - 1
        self.side.begin(others)
        self._show_head()
        self.hint.setText(t("prive.laden", n=0))
        self._desk.messages.ask(row, self._came, self._ready, self._failed)
        self.focus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange again when the window becomes narrow or wide."""
        super().resizeEvent(event)
        compact = self.width() < px(1000)
        if compact != self._compact:
            self._compact = compact
            self._arrange(compact)

    def _arrange(self, compact: bool) -> None:
        right = px(424 if compact else 488)
        self.split.setSizes([max(px(400), self.width() - right), right])
        self.search.setText("" if compact else t("prive.zoeken"))
        self.next.setText("N" if compact else f"{t('actie.volgende_mogelijk')}  N")
        a11y.name(self.search, t("prive.zoeken"))
        a11y.name(self.next, t("actie.volgende_mogelijk"))
        self.next.setToolTip(t("actie.volgende_mogelijk"))
        self.finder.set_compact(compact)

    def _came(self, messages: list[ChatMessage]) -> None:
        first = not self.model.rowCount()
        self.model.add(messages)
        if first and messages:
            self._go_to(0)
        if self.loading:
            self.hint.setText(t("prive.laden", n=number(self.model.rowCount())))

    def _ready(self, row: Row) -> None:
        if self.row is None or row.key != self.row.key:
            return
        self.loading = False
        self.hint.setText(t("prive.zo_kies_je"))
        self.side.show_preview()

    def _failed(self, error: ArchiverError) -> None:
        self.model.clear({})  # while loading: what was chosen before stays chosen
        self.loading = False
        self.hint.setText(error_text(error))
        self.said.emit(error_text(error), "mislukt", "error")

    def leave(self) -> None:
        """Go back to the list (Esc); the choice stays."""
        if self.side.asking:
            self.side.ask(False)
            return
        self._desk.messages.stop()
        out = len(self.model.out)
        if out:
            self.said.emit(n("prive.bewaard_keuze", out), "prive", "warn")
        else:
            self.said.emit(t("prive.nog_niets"), "besloten", "ok")
        self.left.emit()

    def act(self) -> None:
        """Secure this file (Ctrl+Enter); what goes out is asked once more, in the pane."""
        row = self.row
        if row is None or self.loading or not self.model.rowCount():
            return
        if self.model.out and not self.side.asking:
            self.side.ask(True)
            self.side.main.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.side.ask(False)
        self._desk.secure(str(row.key[0]))
        self.left.emit()

    def undo(self) -> None:
        """Undo the last choice (Ctrl+Z)."""
        if self.loading or not self.model.undo():
            self.said.emit(t("prive.nog_niets"), "besloten", "ok")

    def focus(self) -> None:
        """Take the focus."""
        self.view.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def find_open(self) -> None:
        """Search and choose (Ctrl+F)."""
        self.finder.open()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc stops, wherever the focus is in this mode."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)

    # --- choosing --------------------------------------------------------------------------------

    def chosen(self) -> list[int]:
        """Give the chosen rows, in order."""
        ranges = self.view.selectionModel().selection()
        rows = {row for part in ranges for row in range(part.top(), part.bottom() + 1)}  # type: ignore[attr-defined]
        return sorted(rows)

    def change(self, work: Callable[[], object]) -> None:
        """Change what goes out; not while only the first messages are there."""
        if not self.loading:
            work()

    def toggle(self) -> None:
        """Take the chosen messages out; put them back when all of them were out (space)."""
        rows = self.chosen()
        if not rows or self.loading:
            return
        if all(self.model.messages[row].index in self.model.out for row in rows):
            self.model.put_back(rows)
        else:
            keep = [r for r in rows if self.model.messages[r].index not in self.model.out]
            self.model.take_out(keep, self._next_reason)

    def _key(self, key: int) -> None:
        if key == Qt.Key.Key_Space:
            self.toggle()
        elif key == Qt.Key.Key_N:
            self.next_possible()
        elif not self.loading:
            reason = REASONS[(Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3).index(Qt.Key(key))]
            self.model.take_out(self.chosen(), reason)

    def _reason_chosen(self, reason: str) -> None:
        self._next_reason = reason
        rows = [r for r in self.chosen() if self.model.messages[r].index in self.model.out]
        self.change(lambda: self.model.take_out(rows, reason))
        self._show_reason()

    def next_possible(self) -> None:
        """Go to the next message that may be private (N); nothing is chosen by itself."""
        found = None if self.loading else self.model.next_hint(self.view.currentIndex().row())
        if found is None:
            self._say_hint(t("prive.geen_mogelijk"))
            return
        self._go_to(found)
        self.focus()

    def _go_to(self, row: int) -> None:
        index = self.model.index(row)
        self.view.selectionModel().setCurrentIndex(index, _SELECT)
        self.view.scrollTo(index)

    def _moved(self) -> None:
        row = self.view.currentIndex().row()
        if not 0 <= row < self.model.rowCount():
            return
        self.side.go_to(row)
        found = self.model.hint(row)
        gone = self.model.messages[row].index in self.model.out
        if found is None or gone:
            if not self.loading:
                self.hint.setText(t("prive.zo_kies_je"))
            return
        self._say_hint(
            t(
                "prive.mogelijk",
                reden=reason_word(found.reason).lower(),
                woord=" ".join(found.word.split()),
                toets=str(REASONS.index(found.reason) + 1),
            )
        )

    def _say_hint(self, words: str) -> None:
        self.hint.setText(words)
        a11y.announce(self.hint, words)

    def _scrolled(self) -> None:
        top = self.view.indexAt(QPoint(px(60), px(40)))
        if top.isValid():
            self.side.go_to(top.row())

    # --- what is shown ---------------------------------------------------------------------------

    def _out_changed(self) -> None:
        self.side.ask(False)
        self._show_count()
        self._show_reason()
        if self.row is None or self.loading:
            return
        if self.model.rowCount() <= LONG:
            self._delegate.sizeHintChanged.emit(self.view.currentIndex())
        self._desk.leave_out(self.row, self.model.out)
        out = len(self.model.out)
        words = n("prive.nog_niet", out) if out else t("prive.nog_niets")
        self.said.emit(words, "prive" if out else "besloten", "warn" if out else "ok")

    def _show_head(self) -> None:
        row = self.row
        if row is None:
            return
        record = row.preview.record if row.preview is not None else None
        first, last = getattr(record, "first", None), getattr(record, "last", None)
        platform = str(getattr(record, "platform", ""))
        kind = n(
            "prive.soort",
            getattr(record, "message_count", 0),
            app=_NAMES.get(platform, platform.capitalize()),
        )
        if first and last:
            period = t("prive.periode", van=short_day(first), tot=short_day(last))
            words = t("prive.kop", titel=row.title, soort=kind, periode=period)
        else:
            words = t("prive.kop_zonder_tijd", titel=row.title, soort=kind)
        self.subtitle.setText(words)
        self._show_count()

    def _show_count(self) -> None:
        out, total = len(self.model.out), self.model.rowCount()
        self.count.setText(t("prive.telling", n=out, totaal=total))
        self.clear.setVisible(self.model.out != self._at_start)

    def _show_reason(self) -> None:
        self.side.show_reason(self.chosen(), self._next_reason)


class _Banner(Pane):
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme().soft2))
        painter.end()
