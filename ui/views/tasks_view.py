"""Screen h: long work, a result per file, a failure in three paragraphs, a count that adds up."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QScrollArea,
    QSplitter,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from archiver.findings import Finding, Severity
from ui import a11y, icons
from ui.models.task_table import LINE, MARKS, Task, TaskLine, TaskTable
from ui.operations.unread_files import UnreadFiles
from ui.theme import BODY, META, PAGE, PANE, font, px, theme
from ui.views.controls import Button, Card, Line, Mark, Pane, Text, clear
from ui.views.empty_state import Nothing
from ui.views.message_list import Table
from ui.views.row_delegate import halves, line, paint_ground
from ui.views.task_bar import Bar
from ui.words import finding_text, number, paragraphs, size, t

Index = QModelIndex | QPersistentModelIndex


class TaskDelegate(QStyledItemDelegate):
    """Paints a file and what became of it."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one cell."""
        now = theme()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = paint_ground(painter, option, index, now)
        box = QRectF(option.rect)
        found = index.data(LINE)
        if isinstance(found, TaskLine):
            first, second = halves(box.adjusted(px(42), 0, -px(10), 0))
            mark = QRectF(box.left() + px(17), box.top() + px(9), px(16), px(16))
            if index.column() == 0:
                icon = "mail" if found.kind == "email" else "chat"
                icons.paint(painter, icon, now.secondary, mark)
                line(painter, first, found.name, now.text)
                line(
                    painter,
                    second,
                    size(found.size) if found.size else "",
                    now.secondary,
                    ratio=META,
                )
            elif index.column() == 1:
                shift = -px(16)
                icon, ink = MARKS[found.outcome]
                icons.paint(painter, icon, getattr(now, ink), mark.translated(shift, 0))
                heavy = 600 if selected and found.outcome == "mislukt" else 400
                first, second = first.adjusted(shift, 0, 0, 0), second.adjusted(shift, 0, 0, 0)
                line(painter, first, found.word(), now.text, weight=heavy)
                line(painter, second, found.second(), now.secondary, ratio=META)
            else:
                painter.setFont(font(BODY, tabular=True))
                painter.setPen(QColor(now.secondary))
                flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                painter.drawText(box.adjusted(0, 0, -px(10), 0), flags, str(index.data() or ""))
        painter.restore()


class TasksView(Pane):
    """Shows the task that was asked last."""

    stop = Signal()
    again = Signal(list)

    def __init__(self, unread: UnreadFiles) -> None:
        super().__init__("base")
        self._unread = unread
        unread.changed.connect(lambda: self.show_task(self.task))
        self.setAccessibleName(t("taak.naam"))
        self.task: Task | None = None
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setHandleWidth(1)
        self._split.setChildrenCollapsible(False)
        outer.addWidget(self._split)
        self._split.addWidget(self._left())
        self._split.addWidget(self._right())
        self._split.setStretchFactor(0, 1)
        self._split.setSizes([px(760), px(456)])
        self.show_task(None)

    def _left(self) -> QWidget:
        pane = Pane("base")
        pane.setMinimumWidth(px(400))
        column = QVBoxLayout(pane)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QWidget()
        lines = QVBoxLayout(head)
        lines.setContentsMargins(px(24), px(14), px(24), px(14))
        lines.setSpacing(px(8))
        top = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(px(2))
        self._name = Text("", ratio=PAGE, weight=600)
        self._sub = Text("", ink="secondary")
        words.addWidget(self._name)
        words.addWidget(self._sub)
        top.addLayout(words, 1)
        self.stop_button = Button(t("actie.stoppen"))
        self.stop_button.clicked.connect(self.stop)
        top.addWidget(self.stop_button, 0, Qt.AlignmentFlag.AlignVCenter)
        lines.addLayout(top)
        progress = QHBoxLayout()
        progress.setSpacing(px(12))
        self._percent = Text("", weight=600)
        self._bar = Bar()
        self._rest = Text("", ink="secondary")
        for widget, stretch in ((self._percent, 0), (self._bar, 1), (self._rest, 0)):
            progress.addWidget(widget, stretch)
        lines.addLayout(progress)
        self._tally = QHBoxLayout()
        self._tally.setSpacing(px(6))
        self._numbers: dict[str, Text] = {}
        for outcome, word in (
            ("gelukt", "taak.n_gelukt"),
            ("overgeslagen", "taak.n_overgeslagen"),
            ("mislukt", "taak.n_mislukt"),
            ("bezig", "taak.n_bezig"),
            ("wacht", "taak.n_wachten"),
        ):
            icon, ink = MARKS[outcome]
            self._tally.addWidget(Mark(icon, ink, 16))
            self._numbers[outcome] = Text("0", ratio=1.15, weight=600)
            self._tally.addWidget(self._numbers[outcome])
            self._tally.addWidget(Text(t(word), ink="secondary"))
            self._tally.addSpacing(px(16))
        self._tally.addStretch(1)
        lines.addLayout(self._tally)
        column.addWidget(head)
        column.addWidget(Line())
        self.model = TaskTable()
        self.table = Table(t("taak.lijst"))
        self.table.setModel(self.model)
        self.table.setItemDelegate(TaskDelegate(self.table))
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.setColumnWidth(1, px(260))
        self.table.setColumnWidth(2, px(100))
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._show_line())
        self._nothing = Nothing()
        self._nothing.show_for("wacht", t("taak.geen"))
        column.addWidget(self.table, 1)
        column.addWidget(self._nothing, 1)
        column.addWidget(Line())
        foot = QWidget()
        foot.setFixedHeight(px(48))
        row = QHBoxLayout(foot)
        row.setContentsMargins(px(24), 0, px(16), 0)
        row.setSpacing(px(10))
        row.addWidget(Mark("waarom", "secondary", 14))
        row.addWidget(Text(t("taak.stop_uitleg"), ratio=META, ink="secondary", wrap=True), 1)
        column.addWidget(foot)
        return pane

    def _right(self) -> QWidget:
        inner = Pane("base")
        column = QVBoxLayout(inner)
        column.setContentsMargins(px(24), px(16), px(24), px(16))
        column.setSpacing(px(10))
        self._failure = QWidget()
        lines = QVBoxLayout(self._failure)
        lines.setContentsMargins(0, 0, 0, px(8))
        lines.setSpacing(px(10))
        head = QHBoxLayout()
        head.setSpacing(px(12))
        self._fault_mark = Mark("mislukt", "error", 22)
        self._fault_title = Text("", ratio=PANE, weight=600, wrap=True)
        head.addWidget(self._fault_mark, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._fault_title, 1)
        lines.addLayout(head)
        self._fault_card = Card("error_fill", "error_fill")
        inside = QVBoxLayout(self._fault_card)
        inside.setContentsMargins(px(16), px(14), px(16), px(14))
        inside.setSpacing(px(2))
        self._paragraphs: list[tuple[Text, Text]] = []
        for key in ("taak.wat", "taak.waarom", "taak.doen"):
            label = Text(t(key), ratio=META, weight=600)
            words = Text("", wrap=True)
            words.setContentsMargins(0, 0, 0, px(8))
            self._paragraphs.append((label, words))
            inside.addWidget(label)
            inside.addWidget(words)
        lines.addWidget(self._fault_card)
        row = QHBoxLayout()
        self.retry = Button(t("actie.opnieuw"), "main", "opnieuw")
        self.retry.clicked.connect(self._again)
        row.addWidget(self.retry)
        self.keep = Button(t("niet_geduid.bewaren"))
        self.keep.clicked.connect(self._keep)
        row.addWidget(self.keep)
        row.addStretch(1)
        lines.addLayout(row)
        self._untouched = Text(t("taak.ongemoeid"), ratio=META, ink="secondary", wrap=True)
        lines.addWidget(self._untouched)
        lines.addWidget(Line())
        column.addWidget(self._failure)
        top = QHBoxLayout()
        self._totals_title = Text(t("taak.telling"), ratio=1.15, weight=600)
        top.addWidget(self._totals_title, 1)
        self._right_mark = Mark("besloten", "ok", 16)
        self._right_word = Text(t("taak.klopt"), weight=600, ink="ok")
        top.addWidget(self._right_mark)
        top.addWidget(self._right_word)
        column.addLayout(top)
        self._grid = QGridLayout()
        self._grid.setVerticalSpacing(px(6))
        self._grid.setColumnStretch(0, 1)
        column.addLayout(self._grid)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inner)
        area.setMinimumWidth(px(400))
        a11y.name(area, t("taak.telling"))
        return area

    def show_task(self, task: Task | None) -> None:
        """Show a task as it stands now."""
        fresh = task is not self.task
        self.task = task
        self.model.show_task(task)
        self.table.setVisible(task is not None)
        self._nothing.setVisible(task is None)
        self._name.setText(task.name if task else t("taak.titel"))
        self.stop_button.setVisible(task is not None and task.running)
        for outcome, label in self._numbers.items():
            names = (outcome, "opmerking") if outcome == "gelukt" else (outcome,)
            label.setText(number(task.count(*names)) if task else "0")
        if task is None:
            self._sub.setText(t("taak.geen_kop"))
            self._percent.setText("")
            self._bar.setValue(0)
            self._rest.setText("")
        else:
            self._show_progress(task)
        self._show_totals(task)
        if fresh and task is not None and task.lines:
            self._go_to_failure(task)
        self._show_line()

    def _show_progress(self, task: Task) -> None:
        at = f"{task.started:%H:%M}"
        key = "taak.gestart" if task.running else "taak.klaar"
        self._sub.setText(t(key, tijd=at))
        finished = not task.running and not task.stopped
        share = 1.0 if finished else min(1.0, task.done / (task.total or 1))
        known = bool(task.total) or not task.running
        self._percent.setText(f"{round(share * 100)}%" if known else "")
        self._bar.setValue(round(share * 1000) if known else 0)
        self._rest.setVisible(bool(task.total) and not finished)
        if task.total and not finished:
            self._rest.setText(t("voortgang.telling", n=task.done, totaal=task.total))
        else:
            self._rest.setText("")

    def _go_to_failure(self, task: Task) -> None:
        for place, found in enumerate(task.lines):
            if found.outcome == "mislukt" or found.half:
                self.table.selectRow(place)
                return
        self.table.selectRow(0)

    def _show_totals(self, task: Task | None) -> None:
        clear(self._grid)
        totals = task.totals() if task and task.lines else ()
        self._totals_title.setVisible(bool(totals))
        for place, (key, count) in enumerate(totals):
            heavy = 600 if place in (0, len(totals) - 1) else 400
            self._grid.addWidget(Text(t(key), weight=heavy if place else 400), place, 0)
            value = Text(number(count), weight=heavy)
            value.setFont(font(BODY, heavy, tabular=True))
            self._grid.addWidget(value, place, 1, Qt.AlignmentFlag.AlignRight)
        sound = bool(totals) and totals[-1][1] == 0
        self._right_mark.setVisible(bool(totals))
        self._right_mark.change("besloten" if sound else "mislukt", "ok" if sound else "error")
        self._right_word.setVisible(bool(totals))
        self._right_word.setText(t("taak.klopt" if sound else "taak.klopt_niet"))
        self._right_word.set_ink("ok" if sound else "error")

    def _show_line(self) -> None:
        found = self.model.line(self.table.currentIndex().row())
        failure = _worst(found)
        self._failure.setVisible(found is not None and failure is not None)
        if found is None or failure is None:
            return
        failed = found.outcome == "mislukt"
        key = "taak.niet_gelezen_titel" if failed else "taak.opmerking_titel"
        self._fault_title.setText(t(key, bestand=found.name))
        self._fault_mark.change(*(("mislukt", "error") if failed else ("uitzondering", "warn")))
        fill = "error_fill" if failed else "warn_fill"
        self._fault_card.change(fill, fill)
        for (label, words), part in zip(self._paragraphs, paragraphs(failure), strict=True):
            label.setVisible(bool(part))
            words.setVisible(bool(part))
            words.setText(part)
        self.retry.setVisible(failed)
        self.keep.setVisible(failed and self._unread.offers(found.path))
        self._untouched.setVisible(failed)
        spoken = f"{self._fault_title.text()}. {finding_text(failure)}"
        self._fault_card.setAccessibleName(spoken)

    def _again(self) -> None:
        found = self.model.line(self.table.currentIndex().row())
        if found is not None:
            self.again.emit([found.path])

    def _keep(self) -> None:
        found = self.model.line(self.table.currentIndex().row())
        if found is not None:
            self._unread.keep(found.path)


def _worst(found: TaskLine | None) -> Finding | None:
    if found is None or not found.findings:
        return None
    order = (Severity.FOUT, Severity.LET_OP, Severity.INFO)
    return min(found.findings, key=lambda f: order.index(f.severity))
