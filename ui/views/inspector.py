"""The right pane: reader, proposal, Gegevens. Wide: below each other. Compact: card and tabs."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from ui import a11y
from ui.models.row import Row
from ui.operations.core import Change, Detail
from ui.theme import px
from ui.views.controls import Line, Pane, Text
from ui.views.facts import Editor, Facts, History
from ui.views.proof_list import Proofs
from ui.views.proposal_card import ProposalCard, title_of
from ui.views.reader import Reader
from ui.views.remarks import Remarks
from ui.views.tabs import Tab
from ui.views.thread_block import ThreadBlock
from ui.words import t


class Inspector(Pane):
    """Everything about the line that is current. `changed` carries the row and the change."""

    changed = Signal(object, Change)
    editing_ended = Signal()

    def __init__(self) -> None:
        super().__init__("base")
        self.setMinimumWidth(px(400))
        self._row: Row | None = None
        self._compact: bool | None = None
        self.dossiers: tuple[str, ...] = ()
        self.reader = Reader()
        self.card = ProposalCard()
        self.remarks = Remarks()
        self.facts = Facts()
        self.related = ThreadBlock()
        self.editor = Editor()
        self.history = History()
        self.proofs = Proofs()
        self._head = Text(t("inspecteur.voorstel"), weight=600)
        self.facts.edit.connect(self.edit)
        self.card.other.connect(self._other)
        self.editor.saved.connect(self._saved)
        self.editor.left.connect(self.stop_editing)
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(0, 0, 0, 0)
        self._outer.setSpacing(0)
        self._fit_timer = QTimer(self)
        self._fit_timer.setSingleShot(True)
        self._fit_timer.timeout.connect(self._fit)
        self.reader.attachments.resized.connect(self._fit_timer.start)
        self._body: QWidget | None = None
        self.set_compact(False)
        self.show_nothing()

    def set_compact(self, compact: bool) -> None:
        """Arrange for a wide or a narrow window."""
        if compact == self._compact:
            return
        self._compact = compact
        for part in (
            *(self.reader, self._head, self.card, self.remarks, self.facts),
            *(self.related, self.editor, self.history, self.proofs),
        ):
            part.setParent(self)
        if self._body is not None:
            self._outer.removeWidget(self._body)
            self._body.hide()
            self._body.deleteLater()
        self._body = self._narrow() if compact else self._wide()
        self._outer.addWidget(self._body)
        self.history.title.setVisible(not compact)
        self._fit_timer.start()

    def _wide(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.reader, 1)
        self._line = Line()
        column.addWidget(self._line)
        inner = _Inner()
        inner.add(self._head)
        inner.add(self.card)
        inner.lines.addSpacing(px(14))
        inner.add(self.remarks)
        inner.lines.addSpacing(px(14))
        inner.add(self.facts)
        inner.add(self.editor)
        inner.add(self.related)
        inner.lines.addSpacing(px(14))
        inner.add(self.proofs)
        inner.lines.addSpacing(px(14))
        inner.add(self.history)
        inner.lines.addStretch(1)
        self._below = _scroll(inner, t("inspecteur.naam"))
        column.addWidget(self._below, 1)
        self._show_parts()
        return body

    def _narrow(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        top = QVBoxLayout()
        top.setContentsMargins(px(16), px(14), px(16), px(10))
        top.addWidget(self.card)
        column.addLayout(top)
        row = QHBoxLayout()
        row.setContentsMargins(px(20), 0, px(20), 0)
        row.setSpacing(px(22))
        stack = QStackedLayout()
        self._tabs = QButtonGroup(body)
        for place, key in enumerate(("bericht", "gegevens", "geschiedenis")):
            tab = Tab(t(f"inspecteur.{key}"))
            self._tabs.addButton(tab, place)
            row.addWidget(tab)
        row.addStretch(1)
        self._tabs.idClicked.connect(stack.setCurrentIndex)
        self._stack = stack
        column.addLayout(row)
        column.addWidget(Line())
        stack.addWidget(self.reader)
        self._free_reader()
        for parts in (
            (self.remarks, self.facts, self.editor, self.related, self.proofs),
            (self.history,),
        ):
            inner = _Inner()
            for part in parts:
                inner.add(part)
            inner.lines.addStretch(1)
            stack.addWidget(_scroll(inner, t("inspecteur.naam")))
        column.addLayout(stack, 1)
        self._tab(0)
        self._show_parts()
        return body

    def _show_parts(self) -> None:
        known = self._row is not None
        self.reader.show()
        self._head.setVisible(known and not self._compact)
        if not self._compact:
            self._line.setVisible(known)
            self._below.setVisible(known)
        self.card.setVisible(known)
        self.facts.setVisible(known)
        self.history.setVisible(known and (self._compact or self._row_is_stored()))
        self.editor.hide()

    def _row_is_stored(self) -> bool:
        return self._row is not None and isinstance(self._row.key, str)

    def _tab(self, place: int) -> None:
        if self._compact:
            button = self._tabs.button(place)
            if button is not None:
                button.setChecked(True)
            self._stack.setCurrentIndex(place)

    def show_nothing(self, sentence: str = "") -> None:
        """Nothing is current."""
        self._row = None
        self.remarks.show_findings(())
        self.related.show_related(None)
        self.proofs.forget()
        self.reader.clear(sentence)
        self._show_parts()
        self._fit_timer.start()

    def show_row(self, row: Row) -> None:
        """Show what the list knows already; reading and detail follow."""
        self._row = row
        self.proofs.forget()
        self.related.show_related(None)
        self.remarks.show_findings(row.findings)
        self.card.show_appraisal(row.appraisal)
        self._head.setText(title_of(row.appraisal))
        self._show_parts()

    def show_detail(self, detail: Detail) -> None:
        """Show everything the core knows of it."""
        if self._row is None or detail.row.key != self._row.key:
            return
        self._row = detail.row
        self.remarks.show_findings(detail.row.findings)
        self.card.show_appraisal(detail.row.appraisal)
        self._head.setText(title_of(detail.row.appraisal))
        self.facts.show_facts(detail.facts)
        self.related.show_related(detail.related, detail.pieces)
        self.history.show_entries(detail.history)

    def show_reading(self, reading: object) -> None:
        """Show the text."""
        self.reader.show_reading(reading)  # type: ignore[arg-type]
        self._fit_timer.start()

    def toggle_why(self) -> None:
        """Open or close the proof (key W)."""
        if self._row is not None:
            self.card.toggle()

    def edit(self, waardering: str | None = None) -> None:
        """Open the form (F2); a `waardering` goes straight to the reason."""
        if self._row is None:
            return
        self._tab(1)
        self.facts.hide()
        self.editor.show()
        self.editor.open(self._row, self.dossiers, waardering=waardering or None)

    def stop_editing(self) -> None:
        """Leave the form; what was not saved is not changed."""
        self.editor.hide()
        self.facts.setVisible(self._row is not None)
        self.editing_ended.emit()

    @property
    def editing(self) -> bool:
        """Tell whether the form is open."""
        return not self.editor.isHidden()

    def focus(self) -> None:
        """Take the focus for F6."""
        target = self.card.different if self.card.isVisible() else self.reader.browser
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _other(self) -> None:
        self.edit("")
        self.editor.value.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _saved(self, change: Change) -> None:
        row = self._row
        self.stop_editing()
        if row is not None:
            self.changed.emit(row, change)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the reader its share again."""
        super().resizeEvent(event)
        self._fit_timer.start()

    def _fit(self) -> None:
        if self._compact:
            return
        if self._row is None:
            self._free_reader()
            return
        most = round(self.height() * 0.45)
        wanted = min(most, max(px(120), self.reader.content_height()))
        self.reader.setFixedHeight(wanted)

    def _free_reader(self) -> None:
        self.reader.setMinimumHeight(0)
        self.reader.setMaximumHeight(16_777_215)


class _Inner(Pane):
    def __init__(self) -> None:
        super().__init__("base")
        self.lines = QVBoxLayout(self)
        self.lines.setContentsMargins(px(24), px(14), px(16), px(16))
        self.lines.setSpacing(px(8))

    def add(self, part: QWidget) -> None:
        """Gegevens and Gesprek keep their own right margin: their quiet button reaches 8 outside the text."""
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0 if isinstance(part, Facts | ThreadBlock) else px(8), 0)
        row.addWidget(part)
        self.lines.addLayout(row)


def _scroll(inner: QWidget, name: str) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inner)
    a11y.name(area, name)
    return area
