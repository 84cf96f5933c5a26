"""Search and choose in a conversation: by word, person and period, then all hits at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout

from archiver.folding import fold
from ui import a11y
from ui.models.chat_messages import ChatMessages, Wanted
from ui.theme import META, px
from ui.views.choice import Choice
from ui.views.controls import Button, Text
from ui.views.find_row import Finder
from ui.words import n, t


class FindBar(Finder):
    """`take_out` and `put_back` carry the rows of all hits."""

    take_out = Signal(list)
    put_back = Signal(list)

    def __init__(self, model: ChatMessages, here: Callable[[], int]) -> None:
        super().__init__(here)
        self._model = model
        column = QVBoxLayout(self)
        column.setContentsMargins(px(20), px(10), px(16), px(8))
        column.setSpacing(px(6))
        self._grid = QGridLayout()
        self._grid.setSpacing(px(8))
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
        self.out.clicked.connect(lambda: self.take_out.emit(list(self.hits.rows)))
        self.back.clicked.connect(lambda: self.put_back.emit(list(self.hits.rows)))
        below.addWidget(self.found, 1)
        below.addWidget(self.back)
        below.addWidget(self.out)
        column.addLayout(below)
        self.person.activated.connect(lambda _: self.look(fresh=True))
        model.out_changed.connect(self._show)

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
        super().open()

    def _begin(self) -> None:
        days = [day_of(field.text()) for field in (self.since, self.until)]
        wanted = Wanted(
            self.person.currentData() or "",
            days[0] or "",
            days[1] or "",
            fold(self.words.text().strip()),
        )
        messages = self._model.messages
        self._says = ""
        if any(day is None for day in days):
            self._says = t("prive.datum_fout")
        elif wanted.empty:
            self._says = t("prive.vul_in")
        count = 0 if self._says else len(messages)
        self.hits.look(count, lambda row: row < len(messages) and wanted.holds(messages[row]))
        if self.hits.busy:
            self.found.setText(t("treffer.bezig"))
            self._show()

    def _answer(self, step: int) -> None:
        super()._answer(step)
        self.found.setText(self._says or n("prive.gevonden", len(self.hits.rows)))
        self._show()

    def _show(self) -> None:
        if self.isHidden():
            return
        messages, out = self._model.messages, self._model.out
        rows = [] if self.hits.busy else self.hits.rows  # all of them, or none yet
        gone = sum(messages[row].index in out for row in rows if row < len(messages))
        stay = len(rows) - gone
        for button, key, count in (
            (self.out, "prive.haal_eruit", stay),
            (self.back, "prive.zet_terug", gone),
        ):
            button.setText(n(key, count))
            button.setVisible(count > 0)


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
