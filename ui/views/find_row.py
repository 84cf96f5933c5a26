"""Search in a conversation: what every search has, and the row of Heel gesprek and Vergelijken.

Enter and F3 go to the next hit, with Shift to the previous one, round the end; Esc closes the row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy

from archiver.folding import fold
from ui import a11y
from ui.models.hits import Hits
from ui.shortcuts import TABLE, key_of
from ui.theme import META, px
from ui.views.controls import Button, ElidedText, Pane
from ui.words import n, t

_SLOW_MS = 200  # of the design: shorter than this nothing is said
_STEPS = (("treffer.vorige", "previous_hit"), ("treffer.volgende", "next_hit"))


class Field(QLineEdit):
    """`stepped` asks for the next (1) or the previous (-1) hit."""

    stepped = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Shift+Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.stepped.emit(-1 if back else 1)
        else:
            super().keyPressEvent(event)


class Finder(Pane):
    """What every search in a conversation has. `go_to` carries the row of a hit; `left` comes with Esc.

    `here` gives the row that is current.
    """

    go_to = Signal(int)
    left = Signal()
    goes_while_typing = False

    def __init__(self, here: Callable[[], int]) -> None:
        super().__init__("base")
        self._here = here
        self._step = 0  # where to go when the hits are there
        self._fresh = False  # other words: a hit in the current row is the next one
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(150)
        self._wait.timeout.connect(lambda: self.look(int(self.goes_while_typing), fresh=True))
        self.hits = Hits(self)
        self.hits.found.connect(lambda: self._answer(self._step))
        self.words = self._field("prive.zoek", "prive.zoek")
        self.hide()

    def _field(self, name: str, placeholder: str) -> Field:
        made = Field()
        made.setFixedHeight(px(32))
        made.setPlaceholderText(t(placeholder))
        a11y.name(made, t(name))
        made.textChanged.connect(lambda _: self._wait.start())
        made.stepped.connect(self.next_hit)
        return made

    def open(self) -> None:
        """Show it and take the focus (Ctrl+F)."""
        self.show()
        self.look()
        self.words.selectAll()
        self.words.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def close_row(self) -> None:
        """Hide it and give the focus back (Esc)."""
        self._rest()
        self.left.emit()

    def _rest(self) -> None:
        self._wait.stop()
        self.hits.stop()
        self.hide()

    def look(self, step: int = 0, *, fresh: bool = False) -> None:
        """Find the hits, and go to one when a step is given."""
        self._wait.stop()
        self._step, self._fresh = step, fresh
        self._begin()

    def _begin(self) -> None:
        """Ask `hits` what the fields say."""
        raise NotImplementedError

    def next_hit(self, step: int) -> None:
        """Go to the next (1) or previous (-1) hit, round the end; closed, it opens."""
        if self.isHidden():
            self.open()
        elif self._wait.isActive():
            self.look(step, fresh=True)
        elif self.hits.busy:
            self._step = step
        else:
            self._answer(step)

    def _answer(self, step: int) -> None:
        """The hits are there: go where was asked."""
        here = self._here()
        row = self.hits.near(here - 1 if self._fresh and step > 0 else here, step)
        if step and row is not None:
            self._fresh = False
            self.go_to.emit(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back to the messages."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_row()
        else:
            super().keyPressEvent(event)


class Searched(Protocol):
    """The rows that are searched. `marked` is what the views mark, folded; empty for nothing."""

    marked: str

    @property
    def only_differences(self) -> bool:
        """Tell whether only the differences are shown, and so searched."""

    def rowCount(self) -> int:
        """Count the rows that are shown."""

    def mentions(self, row: int, folded: str) -> bool:
        """Tell whether a message in a row, or the name of who wrote it, has these folded words."""

    def spoken(self, row: int) -> str:
        """Give a row as one sentence for a screen reader."""


class FindRow(Finder):
    """The field, which hit of how many, back and on. `marks_changed` asks to mark other words."""

    marks_changed = Signal()
    goes_while_typing = True

    def __init__(self, rows: Searched, here: Callable[[], int]) -> None:
        super().__init__(here)
        self._rows = rows
        row = QHBoxLayout(self)
        row.setContentsMargins(px(20), 0, px(8), px(8))
        row.setSpacing(px(8))
        self.words.setMinimumWidth(px(140))
        row.addWidget(self.words, 3)
        self.found = ElidedText("", ratio=META, ink="secondary")
        self.found.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row.addWidget(self.found, 2)
        self.back, self.next = (Button(t(key), "quiet", height=28) for key, _ in _STEPS)
        for button, (_, action), step in zip((self.back, self.next), _STEPS, (-1, 1), strict=True):
            a11y.name(button, t(next(s.text for s in TABLE if s.action == action)))
            button.setToolTip(key_of(action))
            button.clicked.connect(lambda _=False, step=step: self.next_hit(step))
            row.addWidget(button)
        self.shut = Button("", "quiet", "sluiten", height=28, name=t("treffer.sluiten"))
        self.shut.setToolTip(f"{t('treffer.sluiten')} (Esc)")
        self.shut.clicked.connect(self.close_row)
        row.addWidget(self.shut)

    def close_row(self) -> None:
        """Take the marks away too."""
        super().close_row()
        self._mark("")

    def forget(self) -> None:
        """Close it and forget the words; the focus stays where it is."""
        self.words.clear()
        self._rest()
        self._mark("")

    def again(self) -> None:
        """Find anew because other rows are shown; nothing is gone to."""
        if not self.isHidden():
            self.look()

    def _begin(self) -> None:
        folded = fold(self.words.text().strip())
        self._mark(folded)
        count = self._rows.rowCount() if folded else 0
        self.hits.look(count, lambda row: self._rows.mentions(row, folded))
        if self.hits.busy:
            QTimer.singleShot(_SLOW_MS, self, self.show_count)

    def _mark(self, folded: str) -> None:
        if folded != self._rows.marked:
            self._rows.marked = folded
            self.marks_changed.emit()

    def _answer(self, step: int) -> None:
        """Go there and say which one it is, and what stands there: the focus stays in the field."""
        super()._answer(step)
        self.show_count()
        here = self._here()
        if step and self.found.text():
            words = self._rows.spoken(here) if self.hits.number_of(here) else ""
            a11y.announce(
                self.found, f"{self.found.text()}. {words}" if words else self.found.text()
            )

    def show_count(self) -> None:
        """Say which hit is current, of how many."""
        here, count = self.hits.number_of(self._here()), len(self.hits.rows)
        if not self._rows.marked:
            words = ""
        elif self.hits.busy:
            words = t("treffer.bezig")
        elif not count:
            only = self._rows.only_differences
            words = t("treffer.geen_verschil" if only else "treffer.geen")
        else:
            words = t("treffer.van", i=here, n=count) if here else n("treffer.aantal", count)
        self.found.setText(words)
        for button in (self.back, self.next):
            button.setEnabled(count > 0)
