"""What was noticed while reading: what may be missing, and what a reader must know of the original."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from archiver.findings import Finding, Severity
from ui.theme import px
from ui.views.controls import Mark, Text, clear
from ui.words import breakable, finding_text, t

_LOOKS = {
    Severity.FOUT: ("mislukt", "error"),
    Severity.LET_OP: ("uitzondering", "warn"),
    Severity.INFO: ("waarom", "secondary"),
}
_ORDER = tuple(_LOOKS)
# The card above the message says it.
_ASKED = ("chat.datumvolgorde_vragen", "chat.eigenaar_vragen", "chat.sleutel_vragen")
_MOST = 8


class Remarks(QWidget):
    """One line for each finding, the gravest first; nothing when nothing was noticed."""

    def __init__(self) -> None:
        super().__init__()
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(px(6))
        self.hide()

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Show what was noticed of one message or conversation, each kind once."""
        clear(self._lines)
        kinds = {(f.code, finding_text(f)): f for f in findings if f.code not in _ASKED}
        found = sorted(kinds.values(), key=lambda f: _ORDER.index(f.severity))
        self.setVisible(bool(found))
        if not found:
            return
        self._lines.addWidget(Text(t("inspecteur.opgevallen"), weight=600))
        for finding in found[:_MOST]:
            self._lines.addWidget(_line(finding))
        if len(found) > _MOST:
            more = t("inspecteur.opgevallen_meer", n=len(found) - _MOST)
            self._lines.addWidget(Text(more, ink="secondary"))


def _line(finding: Finding) -> QWidget:
    icon, ink = _LOOKS[finding.severity]
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(px(10))
    word = t(f"ernst.{finding.severity}")
    row.addWidget(Mark(icon, ink, 16, word), 0, Qt.AlignmentFlag.AlignTop)
    said = finding_text(finding)
    text = Text(breakable(said), wrap=True)
    text.setAccessibleName(f"{word}: {said}")
    row.addWidget(text, 1)
    return made
