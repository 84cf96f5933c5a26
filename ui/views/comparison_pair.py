"""Which two exports stand side by side: a choice over each of the two columns."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui import a11y
from ui.operations.comparison_core import Candidate
from ui.theme import META, px
from ui.views.choice import Choice
from ui.views.controls import Text
from ui.words import t


class PairChoice(QWidget):
    """`left_chosen` and `right_chosen` carry the id of the conversation that was chosen."""

    left_chosen = Signal(str)
    right_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(px(44))
        self.own: Candidate | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(px(20), 0, px(16), px(8))
        row.setSpacing(px(8))
        self.left, self.right = Choice(), Choice()
        for choice, key, name in (
            (self.left, "vergelijk.links", "vergelijk.links_naam"),
            (self.right, "vergelijk.met", "vergelijk.met_naam"),
        ):
            label = Text(t(key), ratio=META, weight=500, ink="secondary")
            choice.setFixedHeight(px(32))
            choice.setMinimumWidth(px(100))
            choice.setSizeAdjustPolicy(
                Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            choice.setToolTip(t(name))
            a11y.buddy(label, choice, t(name))
            row.addWidget(label)
            row.addWidget(choice, 1)
        self.left.activated.connect(lambda at: self.left_chosen.emit(self.left.itemData(at)))
        self.right.activated.connect(lambda at: self.right_chosen.emit(self.right.itemData(at)))

    def clear(self) -> None:
        """Show that nothing is known yet."""
        self.own = None
        for choice in (self.left, self.right):
            choice.clear()
            choice.setEnabled(False)

    def fill(self, own: Candidate, others: Sequence[Candidate]) -> None:
        """Show what there is; what was chosen at the right stays."""
        here = self.right.currentData()
        self.clear()
        self.own = own
        self.left.addItem(_words(own, own), own.id)
        for one in others:
            self.left.addItem(_words(one, own), one.id)
            self.right.addItem(_words(one, own), one.id)
        self.left.setCurrentIndex(0)
        self.right.setPlaceholderText(t("vergelijk.kies_kort"))
        self.pick(here)
        for choice in (self.left, self.right):
            choice.setEnabled(bool(others))

    def pick(self, other: object) -> None:
        """Choose at the right; None is nothing."""
        self.right.setCurrentIndex(self.right.findData(other) if other else -1)


def _words(one: Candidate, own: Candidate) -> str:
    """Name a candidate: whose it is first, its title only when that is another one."""
    words = t("vergelijk.keuze", wie=whose(one), n=one.count)
    if one.title.casefold() != own.title.casefold():
        words = f"{one.title}, {words}"
    plain = one.how == "ander" or (one is own and one.how != "bestand")
    return words if plain or not one.how else f"{words} {t(f'vergelijk.hoe.{one.how}')}"


def whose(one: Candidate) -> str:
    """Say whose export a candidate is."""
    return one.owner or t("vergelijk.eigenaar_onbekend")
