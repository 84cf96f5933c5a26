"""Wie is wie: names, numbers and accounts of a conversation linked to persons, once, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from archiver.errors import ArchiverError
from archiver.model import Changes
from ui import a11y
from ui.operations.comparison import Comparisons
from ui.operations.comparison_core import WhoRow
from ui.theme import META, PANE, font, px
from ui.views.choice import Choice
from ui.views.controls import Button, Line, Pane, Text
from ui.words import date, error_text, t

if TYPE_CHECKING:
    from archiver.services.people import Person

MOST = 200  # participants that are shown; a channel may have thousands


class PeopleDialog(QDialog):
    """Shows one row per participant, or per pair of labels of two exports; `done` tells of a change."""

    changed = Signal(object)  # Changes

    def __init__(self, asks: Comparisons, ids: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        self._asks, self._ids = asks, tuple(ids)
        self.setWindowTitle(t("persoon.titel"))
        self.resize(px(640), px(520))
        self.rows: tuple[WhoRow, ...] = ()
        self.fields: list[Choice] = []
        self._persons: tuple[Person, ...] = ()
        ground = Pane("base")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(ground)
        column = QVBoxLayout(ground)
        column.setContentsMargins(px(24), px(18), px(24), px(16))
        column.setSpacing(px(6))
        column.addWidget(Text(t("persoon.titel"), ratio=PANE, weight=600))
        column.addWidget(Text(t("persoon.uitleg"), ink="secondary", wrap=True))
        column.addSpacing(px(6))
        column.addWidget(Line())
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        a11y.name(self._area, t("persoon.titel"))
        column.addWidget(self._area, 1)
        column.addWidget(Line())
        label = Text(t("persoon.reden"), ratio=META, weight=500, ink="secondary")
        self.reason = QLineEdit()
        self.reason.setFont(font())
        self.reason.setFixedHeight(px(32))
        self.reason.setPlaceholderText(t("persoon.reden_voorbeeld"))
        self.reason.textChanged.connect(lambda _: self._ready())
        a11y.buddy(label, self.reason)
        column.addWidget(label)
        column.addWidget(self.reason)
        column.addLayout(self._foot())
        asks.who_came.connect(self._came)
        asks.person_linked.connect(self._saved)
        asks.failed.connect(self._failed)
        asks.ask_who(self._ids)

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setSpacing(px(10))
        self.complaint = Text("", ratio=META, ink="secondary", wrap=True)
        foot.addWidget(self.complaint, 1)
        close = Button(t("persoon.sluiten"))
        close.clicked.connect(self.reject)
        self.save = Button(t("persoon.vastleggen"), "main", "persoon")
        self.save.clicked.connect(self.act)
        foot.addWidget(close)
        foot.addWidget(self.save)
        return foot

    # --- what is shown ---------------------------------------------------------------------------

    def _came(
        self, ids: tuple[str, ...], rows: tuple[WhoRow, ...], persons: tuple[Person, ...]
    ) -> None:
        if ids != self._ids:
            return
        self.rows, self._persons = rows[:MOST], persons
        inner = Pane("base")
        grid = QGridLayout(inner)
        grid.setContentsMargins(0, px(8), px(8), px(8))
        grid.setHorizontalSpacing(px(16))
        grid.setVerticalSpacing(px(10))
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        self.fields = []
        for place, row in enumerate(self.rows):
            grid.addWidget(self._label(row), place, 0)
            grid.addWidget(self._field(row), place, 1, Qt.AlignmentFlag.AlignTop)
        grid.setRowStretch(len(self.rows), 1)
        self._area.setWidget(inner)
        self.reason.clear()
        self._ready()
        if self.fields:
            self.fields[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def _label(self, row: WhoRow) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(1))
        column.addWidget(Text(row.words, weight=600, wrap=True))
        column.addWidget(Text(_about(row), ratio=META, ink="secondary", wrap=True))
        return made

    def _field(self, row: WhoRow) -> QWidget:
        field = Choice()
        field.set_free()
        field.setFixedHeight(px(32))
        field.setMinimumWidth(px(220))
        for person in self._persons:
            field.addItem(person.naam, person.id)
        field.setCurrentIndex(-1)
        field.setEditText(row.naam)
        inner = field.lineEdit()
        words = t("persoon.veld", label=row.words)
        a11y.name(field, words)
        if inner is not None:
            a11y.name(inner, words)
            inner.setPlaceholderText(t("persoon.nog_niemand"))
        field.editTextChanged.connect(lambda _: self._ready())
        self.fields.append(field)
        return field

    # --- linking ---------------------------------------------------------------------------------

    def wanted(self) -> list[tuple[WhoRow, str]]:
        """Give what was changed: the row, and the name that stands there now (empty: nobody)."""
        return [
            (row, name)
            for row, field in zip(self.rows, self.fields, strict=True)
            if (name := " ".join(field.currentText().split())) != row.naam
        ]

    def _ready(self) -> None:
        changed, said = self.wanted(), bool(self.reason.text().strip())
        self.save.setEnabled(bool(changed) and said)
        if changed and not said:
            self.complaint.setText(t("persoon.reden_nodig"))
        else:
            self.complaint.setText("" if changed else t("persoon.niets_gewijzigd"))

    def act(self) -> None:
        """Record it (Ctrl+Enter)."""
        if not self.save.isEnabled():
            if self.wanted():
                self.reason.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        known = {person.naam: person.id for person in self._persons}
        changes = [(row.labels, name, known.get(name)) for row, name in self.wanted()]
        self._asks.link_persons(changes, self.reason.text().strip())

    def _saved(self, changes: Changes) -> None:
        self.changed.emit(changes)
        a11y.announce(self, t("persoon.klaar"))
        self._asks.ask_who(self._ids)

    def _failed(self, error: ArchiverError) -> None:
        self.complaint.setText(error_text(error))
        a11y.announce(self, error_text(error), urgent=True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+Enter records, Esc closes."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self.act()
            return
        super().keyPressEvent(event)


def _about(row: WhoRow) -> str:
    """Say as what it is known, what it looks like, and who decided."""
    parts = [t(f"persoon.soort.{row.kind}", eigenaar=row.scope or t("vergelijk.eigenaar_onbekend"))]
    if row.hint:
        parts.append(t("persoon.lijkt", label=row.hint))
    if row.decided_by:
        parts.append(t("persoon.door", wie=row.decided_by, dag=date(row.decided_at)))
    return " · ".join(parts)
