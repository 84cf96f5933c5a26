"""Search and choose in a conversation: by word, person and period, then all hits at once."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout

from ui import a11y
from ui.models.chat_messages import ChatMessages, Wanted
from ui.theme import META, px
from ui.views.choice import Choice
from ui.views.controls import Button, Pane, Text
from ui.words import n, t


class FindBar(Pane):
    """`go_to` carries the row of the next hit; `take_out` and `put_back` the rows of all hits."""

    go_to = Signal(int)
    take_out = Signal(list)
    put_back = Signal(list)
    left = Signal()

    def __init__(self, model: ChatMessages) -> None:
        super().__init__("base")
        self._model = model
        self._rows: list[int] = []
        self._hit = -1
        column = QVBoxLayout(self)
        column.setContentsMargins(px(20), px(10), px(16), px(8))
        column.setSpacing(px(6))
        self._grid = QGridLayout()
        self._grid.setSpacing(px(8))
        self.words = self._field("prive.zoek", "prive.zoek")
        self.person = Choice()
        self.person.setFixedHeight(px(32))
        a11y.name(self.person, t("prive.persoon"))
        self.since = self._field("prive.van", "prive.datum_vorm")
        self.until = self._field("prive.tot", "prive.datum_vorm")
        self._labels = [
            Text(t(key), ratio=META, ink="secondary") for key in ("prive.van", "prive.tot")
        ]
        for label in self._labels:
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for field in (self.since, self.until):
            field.setFixedWidth(px(100))
        self.set_compact(False)
        column.addLayout(self._grid)
        below = QHBoxLayout()
        below.setSpacing(px(8))
        self.found = Text("", ratio=META, ink="secondary")
        self.out = Button("", "quiet", "prive", height=28)
        self.back = Button("", "quiet", "ongedaan", height=28)
        self.out.clicked.connect(lambda: self.take_out.emit(list(self._rows)))
        self.back.clicked.connect(lambda: self.put_back.emit(list(self._rows)))
        below.addWidget(self.found, 1)
        below.addWidget(self.back)
        below.addWidget(self.out)
        column.addLayout(below)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(150)
        self._wait.timeout.connect(self.look)
        self.person.activated.connect(lambda _: self.look())
        model.out_changed.connect(self._show)
        self.hide()

    def set_compact(self, compact: bool) -> None:
        """Put the period below word and person when there is little room."""
        period = (self._labels[0], self.since, self._labels[1], self.until)
        self._grid.addWidget(self.words, 0, 0, 1, 3 if compact else 1)
        self._grid.addWidget(self.person, 0, 3 if compact else 1)
        for place, part in enumerate(period):
            self._grid.addWidget(part, int(compact), place + (0 if compact else 2))
        for place in range(6):
            self._grid.setColumnStretch(
                place, (0 if compact else (3, 2)[place]) if place < 2 else 0
            )
        self._grid.setColumnStretch(3 if compact else 0, 3)

    def _field(self, name: str, placeholder: str) -> QLineEdit:
        made = QLineEdit()
        made.setFixedHeight(px(32))
        made.setPlaceholderText(t(placeholder))
        a11y.name(made, t(name))
        made.textChanged.connect(lambda _: self._wait.start())
        made.returnPressed.connect(self.next_hit)
        return made

    def begin(self) -> None:
        """Empty everything for another conversation."""
        for field in (self.words, self.since, self.until):
            field.clear()
        self.person.clear()
        self.hide()
        self.look()

    def open(self) -> None:
        """Show it and take the focus (Ctrl+F)."""
        if self.person.count() <= 1:
            self.person.clear()
            self.person.addItem(t("prive.iedereen"), "")
            for sender in self._model.senders():
                self.person.addItem(sender, sender)
        self.show()
        self.look()
        self.words.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def look(self) -> None:
        """Find the hits."""
        self._wait.stop()
        self._hit = -1
        days = [day_of(field.text()) for field in (self.since, self.until)]
        wrong = any(day is None for day in days)
        wanted = Wanted(
            self.person.currentData() or "",
            days[0] or "",
            days[1] or "",
            self.words.text().strip().casefold(),
        )
        self._rows = [] if wrong else self._model.find(wanted)
        if wrong:
            self.found.setText(t("prive.datum_fout"))
        elif wanted.empty:
            self.found.setText(t("prive.vul_in"))
        else:
            self.found.setText(n("prive.gevonden", len(self._rows)))
        self._show()

    def _show(self) -> None:
        if self.isHidden():
            return
        messages, out = self._model.messages, self._model.out
        gone = sum(messages[row].index in out for row in self._rows if row < len(messages))
        stay = len(self._rows) - gone
        for button, key, count in (
            (self.out, "prive.haal_eruit", stay),
            (self.back, "prive.zet_terug", gone),
        ):
            button.setText(n(key, count))
            button.setVisible(count > 0)

    def next_hit(self) -> None:
        """Go to the next hit, round the end (Enter)."""
        self.look_now()
        if self._rows:
            self._hit = (self._hit + 1) % len(self._rows)
            self.go_to.emit(self._rows[self._hit])

    def look_now(self) -> None:
        """Find what was typed a moment ago."""
        if self._wait.isActive():
            self.look()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back to the messages."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
            self.left.emit()
        else:
            super().keyPressEvent(event)


def day_of(typed: str) -> str | None:
    """Give 2026-11-16 for 16-11-2026; empty for nothing, None for what is no date."""
    typed = typed.strip()
    if not typed:
        return ""
    for form in ("%d-%m-%Y", "%Y-%m-%d", "%d/%m/%Y"):
        try:
            return f"{datetime.strptime(typed, form):%Y-%m-%d}"
        except ValueError:
            continue
    return None
