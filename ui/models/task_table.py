"""Long work as the tasks panel shows it: one line per file with what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from archiver.findings import Finding
from ui.operations.core import Secured
from ui.words import n, number, size, t, tip

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
LINE = Qt.ItemDataRole.UserRole + 1
HALF_READ = "bestand.half_gelezen"
HEADERS = ("taak.bestand", "taak.uitkomst", "taak.berichten")
MARKS: Mapping[str, tuple[str, str]] = {
    "gelukt": ("besloten", "ok"),
    "opmerking": ("besloten", "ok"),
    "overgeslagen": ("overslaan", "secondary"),
    "mislukt": ("mislukt", "error"),
    "bezig": ("opnieuw", "accent"),
    "wacht": ("wacht", "secondary"),
    "gestopt": ("overslaan", "secondary"),
}


@dataclass(slots=True)
class TaskLine:
    """One file. `outcome` is a key of `MARKS`."""

    path: str
    outcome: str = "wacht"
    size: int = 0
    messages: int = 0
    stored: int = 0
    doubles: int = 0
    left: int = 0  # not chosen: they stay in the mailbox
    kind: str = "email"
    findings: tuple[Finding, ...] = ()

    @property
    def name(self) -> str:
        """The file name alone."""
        return PurePath(self.path).name

    @property
    def half(self) -> bool:
        """Tell whether its reader failed after it gave something."""
        return any(found.code == HALF_READ for found in self.findings)

    def word(self) -> str:
        """Give the outcome in words."""
        if self.outcome == "opmerking":
            return n("status.gelukt_opm", len(self.findings))
        if self.outcome == "bezig":
            return t("taak.bezig")
        return t(f"status.{self.outcome}")

    def second(self) -> str:
        """Give the line under the outcome."""
        if self.outcome == "mislukt":
            return t("taak.niet_gelezen")
        if self.outcome == "overgeslagen" and not self.left:
            return t("status.dubbel")
        parts = []
        if self.stored:
            parts.append(n("taak.nieuw", self.stored))
        if self.doubles:
            parts.append(n("taak.dubbel", self.doubles))
        if self.left:
            parts.append(n("taak.achtergebleven", self.left))
        if self.half:
            parts.append(t("taak.half"))
        return ", ".join(parts)


@dataclass(slots=True)
class Task:
    """One piece of long work. `secures` tells whether it stores anything."""

    name: str
    secures: bool
    started: datetime = field(default_factory=datetime.now)
    lines: list[TaskLine] = field(default_factory=list)
    done: int = 0
    total: int | None = None
    what: str = ""
    note: tuple[str, str] = ("", "")  # of which file, and how far that is
    running: bool = True
    stopped: bool = False

    @property
    def where(self) -> str:
        """Say what is worked on, and how far that is when somebody told."""
        name, words = self.note
        return f"{self.what}: {words}" if words and name == self.what else self.what

    def count(self, *outcomes: str) -> int:
        """Count lines by outcome."""
        return sum(line.outcome in outcomes for line in self.lines)

    def trouble(self) -> str:
        """Say how many files were not read, or not to the end; empty when all were."""
        half = sum(line.half for line in self.lines)
        said = (("melding.mislukt", self.count("mislukt")), ("melding.half_gelezen", half))
        return " ".join(n(words, count) for words, count in said if count)

    def settle(self, secured: Secured) -> set[str]:
        """Take over what became of each file; gives the paths that are in the vault now."""
        by_path = {line.path: line for line in self.lines}
        done: set[str] = set()
        for outcome in secured.outcomes:
            line = by_path.get(outcome.path) or TaskLine(outcome.path)
            if outcome.path not in by_path:
                self.lines.append(line)
            line.size, line.findings = outcome.size, outcome.findings
            line.messages, line.stored = outcome.messages, outcome.stored
            if outcome.status == "geweigerd":
                line.outcome = "mislukt"
                continue
            done.add(outcome.path)
            line.doubles, line.left = outcome.earlier, outcome.not_chosen
            if outcome.status in ("dubbel", "niet_gekozen"):
                line.outcome, line.stored = "overgeslagen", 0
                line.doubles = outcome.messages - outcome.not_chosen
            else:
                line.outcome = "opmerking" if outcome.findings else "gelukt"
        self.stopped = secured.stopped
        self.stop_lines()
        return done

    def stop_lines(self) -> None:
        """Mark what was not done any more."""
        for line in self.lines:
            if line.outcome in ("wacht", "bezig"):
                line.outcome = "gestopt"

    def totals(self) -> tuple[tuple[str, int], ...]:
        """Give the count table: in the source = new + double + skipped, nothing lost."""
        found = sum(line.messages for line in self.lines)
        fresh = sum(line.stored for line in self.lines)
        doubles = sum(line.doubles for line in self.lines)
        undone = ("wacht", "bezig", "gestopt")
        left = sum(line.messages - line.stored for line in self.lines if line.outcome in undone)
        failed = sum(line.messages for line in self.lines if line.outcome == "mislukt")
        behind = sum(line.left for line in self.lines if line.outcome not in (*undone, "mislukt"))
        lost = found - fresh - doubles - left - failed - behind
        rows = [
            ("taak.gevonden", found),
            ("taak.ingelezen", fresh),
            ("taak.dubbel_herkend", doubles),
        ]
        if behind:
            rows.append(("taak.niet_gekozen", behind))
        if left:
            rows.append(("taak.niet_gedaan", left))
        if failed:
            rows.append(("taak.niet_opgenomen", failed))
        return (*rows, ("taak.zoekgeraakt", lost))


class TaskTable(QAbstractTableModel):
    """The lines of one task."""

    def __init__(self) -> None:
        super().__init__()
        self.task: Task | None = None
        self._shown = 0

    def show_task(self, task: Task | None) -> None:
        """Show another task, or the same one after lines came."""
        if task is self.task and task is not None and len(task.lines) >= self._shown:
            if len(task.lines) > self._shown:
                self.beginInsertRows(_ROOT, self._shown, len(task.lines) - 1)
                self._shown = len(task.lines)
                self.endInsertRows()
            if self._shown:
                self.dataChanged.emit(self.index(0, 0), self.index(self._shown - 1, 2))
            return
        self.beginResetModel()
        self.task = task
        self._shown = len(task.lines) if task else 0
        self.endResetModel()

    def line(self, place: int) -> TaskLine | None:
        """Give one line."""
        if self.task is None or not 0 <= place < self._shown:
            return None
        return self.task.lines[place]

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Count the files."""
        return 0 if parent.isValid() else self._shown

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Give three."""
        return 0 if parent.isValid() else 3

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Give words; the delegate takes the line itself."""
        line = self.line(index.row()) if index.isValid() else None
        if line is None:
            return None
        if role == LINE:
            return line
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(line, index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(_text(line, index.column()))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            second = size(line.size) if index.column() == 0 else line.second()
            words = _text(line, index.column())
            tail = f", {second}" if second and index.column() < 2 else ""
            return f"{t(HEADERS[index.column()])}: {words}{tail}"
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """Give the words over the columns; numbers stand right."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return t(HEADERS[section])
        if role == Qt.ItemDataRole.TextAlignmentRole and section == 2:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None


def _text(line: TaskLine, column: int) -> str:
    if column == 0:
        return line.name
    if column == 1:
        return line.word()
    if line.outcome == "mislukt":
        return "–"
    return number(line.messages) if line.messages else ""
