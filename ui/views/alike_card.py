"""What a conversation looks like that is in the vault already, as a calm card above it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from ui.operations.comparison_core import Candidate
from ui.shortcuts import key_of
from ui.theme import META, px
from ui.views.comparison_pair import whose
from ui.views.controls import Button, Card, KeyCap, Mark, Pane, Text
from ui.words import moment, n, t


class AlikeCard(Pane):
    """`compare` asks to lay the two side by side; nothing is linked by itself."""

    compare = Signal(str, str)

    def __init__(self) -> None:
        super().__init__("base")
        self._pair = ("", "")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(px(20), px(14), px(20), 0)
        card = Card("soft2", "line")
        outer.addWidget(card)
        row = QHBoxLayout(card)
        row.setContentsMargins(px(16), px(12), px(14), px(12))
        row.setSpacing(px(12))
        row.addWidget(Mark("chat", "accent", 18), 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(px(4))
        column.addWidget(Text(t("vergelijk.kaart"), weight=600, wrap=True))
        self._words = Text("", wrap=True)
        column.addWidget(self._words)
        column.addSpacing(px(6))
        act = QHBoxLayout()
        act.setSpacing(px(8))
        self.button = Button(t("vergelijk.kaart_knop"))
        self.button.clicked.connect(lambda: self.compare.emit(*self._pair))
        act.addWidget(self.button)
        act.addWidget(KeyCap(key_of("compare")))
        act.addStretch(1)
        column.addLayout(act)
        column.addWidget(Text(t("vergelijk.kaart_niets"), ratio=META, ink="secondary", wrap=True))
        row.addLayout(column, 1)
        self.hide()

    def show_for(self, item_id: str, found: Sequence[Candidate]) -> None:
        """Show what a conversation looks like; nothing hides the card."""
        self.setVisible(bool(found))
        if not found:
            return
        best = found[0]
        self._pair = (item_id, best.id)
        self._words.setText(alike_words(found))
        self.setAccessibleName(f"{t('vergelijk.kaart')}. {self._words.text()}")

    @property
    def asked(self) -> bool:
        """Tell whether the card is shown."""
        return not self.isHidden()

    def focus(self) -> None:
        """Take the focus."""
        self.button.setFocus(Qt.FocusReason.OtherFocusReason)


def alike_words(found: Sequence[Candidate]) -> str:
    """Say what it looks like and why, the best first, and how many more there are."""
    best = found[0]
    key = "vergelijk.kaart_zelfde" if best.shared else "vergelijk.kaart_deel"
    words = t(
        key,
        titel=best.title,
        van=whose(best),
        dag=moment(best.last, year=True, time=False),
        gedeeld=best.shared,
        alle=best.of,
    )
    more = len(found) - 1
    return f"{words} {n('vergelijk.kaart_meer', more)}" if more else words
