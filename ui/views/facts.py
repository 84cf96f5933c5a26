"""Gegevens: the grid with source marks, the form that changes them, and the history."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from archiver.model import AuditEntry
from ui import a11y
from ui.models.row import Row
from ui.operations.core import Change, Fact
from ui.shortcuts import key_of
from ui.theme import META, font, px
from ui.views.choice import Choice
from ui.views.controls import Button, Text, clear
from ui.words import breakable, moment, parse_term, t, term


class Facts(QWidget):
    """The grid: label left, source mark right, value below; two columns."""

    edit = Signal()

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(6))
        head = QHBoxLayout()
        self._title = Text(t("inspecteur.gegevens"), weight=600)
        head.addWidget(self._title)
        head.addStretch(1)
        label = f"{t('actie.bewerken')}  {key_of('edit')}"
        self.button = Button(label, "quiet", name=t("actie.bewerken"))
        self.button.clicked.connect(self.edit)
        head.addWidget(self.button)
        column.addLayout(head)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, px(8), 0)  # the button reaches 8 outside the text edge
        self._grid.setHorizontalSpacing(px(32))
        self._grid.setVerticalSpacing(px(10))
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)
        column.addLayout(self._grid)

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Show them, in two columns."""
        clear(self._grid)
        for place, fact in enumerate(facts):
            self._grid.addWidget(_cell(fact), place // 2, place % 2, Qt.AlignmentFlag.AlignTop)


def _cell(fact: Fact) -> QWidget:
    cell = QWidget()
    column = QVBoxLayout(cell)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(px(1))
    top = QHBoxLayout()
    top.addWidget(Text(t(fact.label), ratio=META, weight=500, ink="secondary"))
    top.addStretch(1)
    if fact.source:
        top.addWidget(Text(fact.source, ratio=META, ink="secondary"))
    value = Text(breakable(fact.value), wrap=True)
    value.setAccessibleName(f"{t(fact.label)}: {fact.value}. {fact.source}")
    column.addLayout(top)
    column.addWidget(value)
    return cell


class Editor(QWidget):
    """The form: labels above fields; `saved` gives only what was touched."""

    saved = Signal(Change)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._row: Row | None = None
        self._needs_reason = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(4))
        column.addWidget(Text(t("inspecteur.bewerken"), weight=600))
        self.title = QLineEdit()
        self.dossier = Choice()
        self.dossier.set_free()
        self.value = Choice()
        for code in ("", "B", "V", "N"):
            self.value.addItem(t(f"bewerken.waardering.{code or 'voorstel'}"), code)
        self.value.currentIndexChanged.connect(self._value_changed)
        self.term = QLineEdit()
        self.term.setPlaceholderText(t("bewerken.termijn_voorbeeld"))
        self.reason = QLineEdit()
        self.reason.setPlaceholderText(t("bewerken.reden_voorbeeld"))
        self._rows: dict[QWidget, QWidget] = {}
        for key, field in (
            ("bewerken.titel", self.title),
            ("bewerken.dossier", self.dossier),
            ("bewerken.waardering", self.value),
            ("bewerken.termijn", self.term),
            ("bewerken.reden", self.reason),
        ):
            column.addWidget(self._field(key, field))
        self.alone = QCheckBox(t("bewerken.alleen_deel"))
        self.alone.setFont(font())
        self.alone.setMinimumHeight(px(24))
        self.alone.installEventFilter(self)
        column.addWidget(self.alone)
        self.complaint = Text("", ink="error", wrap=True, ratio=META)
        column.addWidget(self.complaint)
        foot = QHBoxLayout()
        foot.addStretch(1)
        self.cancel = Button(t("actie.niet_wijzigen"))
        self.cancel.clicked.connect(self.left)
        self.save = Button(t("bewerken.opslaan"), "main")
        self.save.clicked.connect(self._save)
        foot.addWidget(self.cancel)
        foot.addWidget(self.save)
        column.addLayout(foot)

    def _field(self, key: str, field: QWidget) -> QWidget:
        box = QWidget()
        lines = QVBoxLayout(box)
        lines.setContentsMargins(0, px(4), 0, 0)
        lines.setSpacing(px(2))
        label = Text(t(key), ratio=META, weight=500, ink="secondary")
        a11y.buddy(label, field)
        field.setFont(font())
        field.setFixedHeight(px(32))
        field.installEventFilter(self)
        inner = field.lineEdit() if isinstance(field, QComboBox) else None
        if inner is not None:
            inner.setAccessibleName(label.text())
            inner.installEventFilter(self)
        lines.addWidget(label)
        lines.addWidget(field)
        self._rows[field] = box
        return box

    def open(self, row: Row, dossiers: Sequence[str], *, waardering: str | None = None) -> None:
        """Fill the form; `waardering` sets an answer already and then asks for the reason."""
        self._row = row
        self.title.setText(row.title)
        self.title.setCursorPosition(0)
        self.dossier.clear()
        self.dossier.addItems(list(dossiers))
        self.dossier.setEditText(row.dossier or "")
        self.term.setText(term(row.appraisal.get("termijn")))
        self.reason.clear()
        self.alone.setChecked(False)
        self.alone.setText(
            t("bewerken.alleen_bericht" if row.kind == "email" else "bewerken.alleen_deel")
        )
        self.alone.setVisible(row.exports > 1)
        self.complaint.setText("")
        self.complaint.hide()
        self.value.setCurrentIndex(max(0, self.value.findData(waardering or "")))
        self._value_changed()
        if waardering is None:
            self.title.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.title.selectAll()
        elif waardering == "V" and not self.term.text():
            self.term.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self.reason.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def ask_term(self) -> None:
        """Go to the term (key T)."""
        self.term.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.term.selectAll()

    def change(self) -> Change:
        """Give what was touched."""
        row = self._row
        assert row is not None
        title, dossier = self.title.text().strip(), self.dossier.currentText().strip()
        value = str(self.value.currentData() or "")
        return Change(
            title=title if title and title != row.title else None,
            dossier=dossier if dossier and dossier != (row.dossier or "") else None,
            waardering=value or None,
            termijn=parse_term(self.term.text()) if value == "V" else None,
            reason=self.reason.text().strip(),
            alone=self.alone.isChecked(),
        )

    def _value_changed(self) -> None:
        value = self.value.currentData()
        self._rows[self.term].setVisible(value == "V")
        self._rows[self.reason].setVisible(bool(value))

    def _save(self) -> None:
        change = self.change()
        if change.waardering == "V" and change.termijn is None:
            self._complain(t("bewerken.termijn_fout"), self.term)
        elif self._departs(change) and not change.reason:
            self._complain(t("fout.reden_nodig"), self.reason)
        else:
            self.saved.emit(change)

    def _departs(self, change: Change) -> bool:
        if change.waardering is None or self._row is None:
            return False
        proposed = self._row.appraisal
        same = proposed.get("waardering") == change.waardering
        return not same or (change.waardering == "V" and change.termijn != proposed.get("termijn"))

    def _complain(self, sentence: str, field: QWidget) -> None:
        self.complaint.setText(sentence)
        self.complaint.show()
        field.setFocus()
        a11y.announce(self, sentence, urgent=True)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Enter saves, Esc leaves; both from any field."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = event.key()
            if key == Qt.Key.Key_Escape:
                self.left.emit()
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                    return False
                self._save()
                return True
        return super().eventFilter(watched, event)  # type: ignore[arg-type]


class History(QWidget):
    """What happened to one item, newest first."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        self.title = Text(t("inspecteur.geschiedenis"), weight=600)
        column.addWidget(self.title)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(px(8))
        column.addLayout(self._lines)

    def show_entries(self, entries: Sequence[AuditEntry]) -> None:
        """Show them."""
        clear(self._lines)
        if not entries:
            self._lines.addWidget(Text(t("geschiedenis.leeg"), ink="secondary", wrap=True))
        for entry in reversed(entries):
            event = entry.event
            words = t(f"geschiedenis.{event.action}")
            line = t("geschiedenis.regel", wat=words, wie=event.actor, wanneer=moment(entry.time))
            if event.reason:
                line += f" {t('geschiedenis.reden', reden=event.reason)}"
            self._lines.addWidget(Text(line, wrap=True))
