"""The proposal: one sentence, "Waarom?" that opens the proof in place, and "Anders…"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui import a11y
from ui.models.proposal import reasons, sentence
from ui.models.row import chip
from ui.shortcuts import key_of
from ui.theme import META, SECTION, font, px
from ui.views.controls import Button, Card, Line, Mark, clear
from ui.words import t

_CODE = re.compile(r"(?<=[A-Z])-(?=[A-Z0-9])")  # MAIL-GEM-01 stays on one line
_MARKS = {"goed": ("besloten", "ok"), "niet": ("waarom", "secondary")}


def rich(bold: str, rest: str, ratio: float) -> QLabel:
    """Make a label that starts bold; both parts are escaped."""
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setWordWrap(True)
    label.setFont(font(ratio))
    set_rich(label, bold, rest)
    return label


def set_rich(label: QLabel, bold: str, rest: str) -> None:
    """Change both parts; a screen reader gets them without tags."""
    shown = escape(_CODE.sub("\N{NON-BREAKING HYPHEN}", rest))
    label.setText(f"<b style='font-weight:600'>{escape(bold)}</b> {shown}")
    label.setAccessibleName(f"{bold} {rest}".strip())


class ProposalCard(Card):
    """Screen b, right pane. `other` asks for another appraisal."""

    other = Signal()
    toggled = Signal(bool)

    def __init__(self) -> None:
        super().__init__("soft2", "line")
        self._fit_timer = QTimer(self)  # after the layout round it is done, else it keeps old sizes
        self._fit_timer.setSingleShot(True)
        self._fit_timer.timeout.connect(self._fit)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(8), px(14), px(12), px(10))  # 8 more where no button stands
        column.setSpacing(px(8))
        top = QHBoxLayout()
        top.setContentsMargins(px(8), 0, 0, 0)
        top.setSpacing(px(14))
        self._mark = Mark("onbekend", "accent", 22)
        self._sentence = rich("", "", SECTION)
        top.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self._sentence, 1)
        column.addLayout(top)
        self._proof = QWidget()
        self._lines = QVBoxLayout(self._proof)
        self._lines.setContentsMargins(px(8), 0, 0, 0)
        self._lines.setSpacing(px(8))
        column.addWidget(self._proof)
        foot = QHBoxLayout()
        self.why = Button(t("actie.waarom"), "quiet")
        self.why.setToolTip(f"{t('actie.waarom')} ({key_of('why')})")
        self.why.clicked.connect(self.toggle)
        self.different = Button(t("actie.anders"))
        self.different.clicked.connect(self.other)
        foot.addWidget(self.why)
        foot.addStretch(1)
        foot.addWidget(self.different)
        column.addLayout(foot)
        self._open = False
        self.show_appraisal({})

    @property
    def words(self) -> str:
        """The sentence as it is spoken."""
        return self._sentence.accessibleName()

    @property
    def opened(self) -> bool:
        """Tell whether the proof is shown."""
        return self._open

    def show_appraisal(self, appraisal: Mapping[str, Any]) -> None:
        """Show a proposal or a decision."""
        mark = chip(appraisal)
        self._mark.change(mark.icon, "warn" if mark.ink == "warn" else "accent")
        bold, rest = sentence(appraisal)
        set_rich(self._sentence, bold, rest)
        clear(self._lines)
        self._lines.addWidget(Line())
        for kind, start, words in reasons(appraisal):
            self._lines.addWidget(self._reason(kind, start, words))
        self.why.setVisible(bool(reasons(appraisal)))
        self._show_open()

    def toggle(self) -> None:
        """Open or close the proof."""
        self._open = not self._open
        self._show_open()
        self.toggled.emit(self._open)
        if self._open:
            said = [label.accessibleName() for label in self._proof.findChildren(QLabel)]
            a11y.announce(self, " ".join(said))

    def _show_open(self) -> None:
        shown = self._open and self._lines.count() > 1
        self._proof.setVisible(shown)
        self.why.setText(t("actie.minder") if shown else t("actie.waarom"))
        self.why.set_icon("" if shown else "waarom")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Be as high as the text at this width: a layout that is short of room would cut lines."""
        super().resizeEvent(event)
        self._fit_timer.start()

    def hasHeightForWidth(self) -> bool:
        """The height is set by `_fit`; a layout round it must not make one of its own."""
        return False

    def event(self, event: QEvent) -> bool:
        """Fit again after other words."""
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit_timer.start()
        return done

    def _fit(self) -> None:
        column = self.layout()
        high = column.heightForWidth(self.width()) if column is not None else 0
        if high > 0 and high != self.minimumHeight():
            self.setFixedHeight(high)

    def _reason(self, kind: str, bold: str, words: str) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(8))
        icon, ink = _MARKS.get(kind, _MARKS["niet"])
        row.addWidget(Mark(icon, ink, 14), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(rich(bold, words, META), 1)
        return line


def title_of(appraisal: Mapping[str, Any]) -> str:
    """Give the word over the card: Voorstel or Besluit."""
    return t("inspecteur.besluit" if appraisal.get("besluit") else "inspecteur.voorstel")
