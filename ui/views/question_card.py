"""An open question about a conversation, as a calm card above it: never a dialog, never a must."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from archiver.findings import Finding
from ui.theme import META, px
from ui.views.controls import Button, Card, Mark, Pane, Text
from ui.words import day_heading, t

DATE_ORDER = "chat.datumvolgorde_vragen"


class QuestionCard(Pane):
    """`answered` carries the question and the answer: ``date_order``, ``dmy``."""

    answered = Signal(str, str)

    def __init__(self) -> None:
        super().__init__("base")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(px(20), px(14), px(20), 0)
        card = Card("soft2", "line")
        outer.addWidget(card)
        row = QHBoxLayout(card)
        row.setContentsMargins(px(16), px(12), px(14), px(12))
        row.setSpacing(px(12))
        marks = QVBoxLayout()
        marks.addWidget(Mark("waarom", "accent", 18))
        marks.addStretch(1)
        row.addLayout(marks)
        column = QVBoxLayout()
        column.setSpacing(px(4))
        column.addWidget(Text(t("vraag.datumvolgorde.kop"), weight=600))
        self._words = Text("", wrap=True)
        column.addWidget(self._words)
        column.addSpacing(px(6))
        buttons = QHBoxLayout()
        buttons.setSpacing(px(8))
        self.choices = (Button(""), Button(""))
        self._orders = ["", ""]
        for place, button in enumerate(self.choices):
            button.clicked.connect(lambda _=False, p=place: self._answer(p))
            buttons.addWidget(button)
        buttons.addStretch(1)
        column.addLayout(buttons)
        column.addWidget(
            Text(t("vraag.datumvolgorde.later"), ratio=META, ink="secondary", wrap=True)
        )
        row.addLayout(column, 1)
        self.hide()

    def show_for(self, findings: Sequence[Finding]) -> None:
        """Show the question when one of the findings asks it; else stay away."""
        asked = next((f for f in findings if f.code == DATE_ORDER), None)
        self.setVisible(asked is not None)
        if asked is None:
            return
        self._words.setText(t("vraag.datumvolgorde.uitleg", voorbeeld=asked.params["voorbeeld"]))
        for place, button in enumerate(self.choices):
            self._orders[place] = str(asked.params.get(f"volgorde_{place + 1}", ""))
            button.setText(day_heading(str(asked.params.get(f"lezing_{place + 1}", ""))))
            button.setVisible(bool(self._orders[place]))
        self.setAccessibleName(f"{t('vraag.datumvolgorde.kop')} {self._words.text()}")

    def _answer(self, place: int) -> None:
        self.hide()
        self.answered.emit("date_order", self._orders[place])
