"""Screen f: a package with its tree, findings, passed checks and pakbon."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    Qt,
    Signal,
)
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from archiver.findings import Finding, Severity
from ui import a11y
from ui.operations.core import Node, Package
from ui.theme import META, PAGE, PANE, SECTION, font, px
from ui.views.controls import Button, Chip, ElidedText, Line, Mark, Pane, Text, clear
from ui.views.finding_card import FindingCard
from ui.views.package_tree import NODE, Tree
from ui.words import n, t


class PackageView(Pane):
    """The result of packaging."""

    open_folder = Signal(object)

    def __init__(self) -> None:
        super().__init__("base")
        self.setAccessibleName(t("pakket.naam"))
        self.package: Package | None = None
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        outer.addWidget(split)
        split.addWidget(self._left())
        split.addWidget(self._right())
        split.setStretchFactor(0, 1)
        split.setSizes([px(728), px(488)])
        self._cards: list[FindingCard] = []

    def _left(self) -> QWidget:
        pane = Pane("base")
        pane.setMinimumWidth(px(400))
        column = QVBoxLayout(pane)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QWidget()
        lines = QVBoxLayout(head)
        lines.setContentsMargins(px(24), px(14), px(24), px(12))
        lines.setSpacing(px(10))
        top = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(px(2))
        self._title = ElidedText("", ratio=PAGE, weight=600)
        self._sub = ElidedText("", ink="secondary")
        words.addWidget(self._title)
        words.addWidget(self._sub)
        top.addLayout(words, 1)
        self._chip = Chip("besloten", "")
        top.addWidget(self._chip)
        lines.addLayout(top)
        self._counts = QHBoxLayout()
        self._counts.setSpacing(px(40))
        lines.addLayout(self._counts)
        column.addWidget(head)
        column.addWidget(Line())
        self.model = QStandardItemModel(0, 3)
        self.model.setHorizontalHeaderLabels(
            [t("pakket.inhoud"), t("pakket.soort"), t("pakket.controle")]
        )
        self.tree = Tree()
        self.tree.setModel(self.model)
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.resizeSection(1, px(176))
        header.resizeSection(2, px(136))
        column.addWidget(self.tree, 1)
        column.addWidget(Line())
        foot = QWidget()
        foot.setFixedHeight(px(60))
        row = QHBoxLayout(foot)
        row.setContentsMargins(px(24), px(8), px(16), px(8))
        row.setSpacing(px(12))
        self._foot_mark = Mark("besloten", "ok", 18)
        row.addWidget(self._foot_mark)
        said = QVBoxLayout()
        said.setSpacing(px(1))
        self._verdict = ElidedText("", weight=600)
        self._advice = ElidedText("", ratio=META, ink="secondary")
        said.addStretch(1)
        said.addWidget(self._verdict)
        said.addWidget(self._advice)
        said.addStretch(1)
        row.addLayout(said, 1)
        self.open_button = Button(t("actie.pakket_openen"), "main", "dossier", height=36)
        self.open_button.clicked.connect(self._open)
        row.addWidget(self.open_button)
        column.addWidget(foot)
        return pane

    def _right(self) -> QWidget:
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setMinimumWidth(px(400))
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        a11y.name(self._area, t("pakket.bevindingen"))
        return self._area

    def show_package(self, package: Package) -> None:
        """Show a package that was made or checked."""
        self.package = package
        self._title.setText(package.name)
        key = "pakket.kop" if package.receiver else "pakket.kop_zonder"
        head = t(key, ontvanger=package.receiver, profiel=package.profile)
        if package.seconds:
            head += " " + t("pakket.seconden", n=max(1, round(package.seconds)))
        self._sub.setText(head)
        errors = sum(f.severity is Severity.FOUT for f in package.findings)
        if package.released:
            self._chip.change("besloten", t("status.vrij"), "ok", "soft2")
        else:
            self._chip.change("uitzondering", t("status.nog_niet_vrij"), "warn", "warn_fill")
        clear(self._counts)
        for value, word in package.counts:
            self._counts.addWidget(_count(value, word))
        self._counts.addStretch(1)
        self._fill_tree(package.tree)
        self._foot_mark.change(*(("mislukt", "error") if errors else ("besloten", "ok")))
        self._verdict.setText(n("pakket.fouten", errors) if errors else t("melding.pakket_klaar"))
        self._advice.setText(t("pakket.los_op") if errors else str(package.path))
        self.open_button.setEnabled(package.released)
        self._area.setWidget(self._details(package))

    def _details(self, package: Package) -> QWidget:
        inner = Pane("base")
        column = QVBoxLayout(inner)
        column.setContentsMargins(px(24), px(16), px(24), px(16))
        column.setSpacing(px(8))
        order = (Severity.FOUT, Severity.LET_OP, Severity.INFO)
        found = sorted(package.findings, key=lambda f: order.index(f.severity))
        column.addLayout(_title(t("pakket.bevindingen"), _tally(found), PANE))
        self._cards = []
        if not found:
            column.addWidget(Text(t("pakket.geen_bevindingen"), ink="secondary", wrap=True))
        for finding, times in _grouped(found):
            card = FindingCard(finding, times)
            card.chosen.connect(self._go_to)
            self._cards.append(card)
            column.addWidget(card)
        column.addSpacing(px(8))
        passed = t(
            "voortgang.telling", n=len(package.checks), totaal=len(package.checks) + _failed(found)
        )
        column.addLayout(_title(t("pakket.geslaagd"), passed, SECTION))
        for check in package.checks:
            column.addLayout(_check(check.code, check.passed, check.total))
        column.addSpacing(px(4))
        column.addWidget(Line())
        column.addSpacing(px(4))
        column.addLayout(_title(t("pakket.pakbon"), "", SECTION))
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(24))
        grid.setVerticalSpacing(px(10))
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        for place, (label, value) in enumerate(package.pakbon):
            cell = QVBoxLayout()
            cell.setSpacing(px(1))
            cell.addWidget(Text(t(label), ratio=META, weight=500, ink="secondary"))
            cell.addWidget(Text(value, wrap=True))
            grid.addLayout(cell, place // 2, place % 2)
        column.addLayout(grid)
        if package.sha256:
            half = len(package.sha256) // 2
            digest = Text(f"{package.sha256[:half]}\n{package.sha256[half:]}", ratio=META)
            digest.setFont(font(META, tabular=True))
            digest.setAccessibleName(package.sha256)
            cell = QVBoxLayout()
            cell.setSpacing(px(1))
            cell.addWidget(Text(t("pakket.sha256"), ratio=META, weight=500, ink="secondary"))
            cell.addWidget(digest)
            column.addSpacing(px(2))
            column.addLayout(cell)
        column.addStretch(1)
        return inner

    def next_finding(self, step: int) -> None:
        """Go to the next or previous finding (F8)."""
        if not self._cards:
            return
        here = next((i for i, c in enumerate(self._cards) if c.hasFocus()), -1 if step > 0 else 0)
        card = self._cards[(here + step) % len(self._cards)]
        card.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._area.ensureWidgetVisible(card)
        self._go_to(card.finding)

    def _go_to(self, finding: Finding) -> None:
        """Select the row of a finding in the tree."""
        best: tuple[int, QStandardItem] | None = None
        for item in _walk(self.model.invisibleRootItem()):
            node = item.data(NODE)
            if not isinstance(node, Node) or not node.place:
                continue
            here = node.place == finding.place or finding.place.startswith(node.place + "/")
            if here and (best is None or len(node.place) > best[0]):
                best = len(node.place), item
        if best is not None:
            self.tree.setCurrentIndex(best[1].index())
            self.tree.scrollTo(best[1].index())

    def _fill_tree(self, nodes: Sequence[Node]) -> None:
        self.model.removeRows(0, self.model.rowCount())
        for node in nodes:
            self.model.appendRow(_items(node))
        self.tree.expandToDepth(1)
        if self.model.rowCount():
            self.tree.setCurrentIndex(self.model.index(0, 0))

    def _open(self) -> None:
        if self.package is not None:
            self.open_folder.emit(self.package.path)


def _items(node: Node) -> list[QStandardItem]:
    words = n("pakket.bevinding", node.findings) if node.findings else t("pakket.goed")
    row = [QStandardItem(word) for word in (node.name, node.kind, words)]
    for item in row:
        item.setData(node, NODE)
    for child in node.children:
        row[0].appendRow(_items(child))
    return row


def _walk(item: QStandardItem) -> list[QStandardItem]:
    found = []
    for place in range(item.rowCount()):
        child = item.child(place)
        found += [child, *_walk(child)]
    return found


def _count(value: str, word: str) -> QWidget:
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(Text(value, ratio=PANE, weight=600))
    column.addWidget(Text(word, ratio=META, ink="secondary"))
    return box


def _title(words: str, right: str, ratio: float) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addWidget(Text(words, ratio=ratio, weight=600), 1)
    row.addWidget(Text(right, ratio=META, ink="secondary"))
    return row


def _check(code: str, passed: int, total: int) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(px(8))
    row.addWidget(Mark("besloten", "ok", 16))
    row.addWidget(Text(t(code), wrap=True), 1)
    if total:
        words = t("voortgang.telling", n=passed, totaal=total)
        row.addWidget(Text(words, ratio=META, ink="secondary"))
    return row


def _grouped(found: Sequence[Finding]) -> list[tuple[Finding, int]]:
    """The same finding on many places is one card with a number."""
    seen: dict[tuple[str, str], list[Finding]] = {}
    for finding in found:
        seen.setdefault((finding.code, finding.severity), []).append(finding)
    grouped: list[tuple[Finding, int]] = []
    for same in seen.values():
        grouped += [(f, 1) for f in same] if len(same) <= 2 else [(same[0], len(same))]
    return grouped


def _failed(found: Sequence[Finding]) -> int:
    return len({f.code for f in found if f.severity is Severity.FOUT})


def _tally(found: Sequence[Finding]) -> str:
    errors = sum(f.severity is Severity.FOUT for f in found)
    warnings = sum(f.severity is Severity.LET_OP for f in found)
    return f"{n('pakket.tel_fout', errors)}, {n('pakket.tel_letop', warnings)}"
