"""A file that no reader took, as a calm card: keep it whole, or leave it. Never a must."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui import a11y
from ui.operations.unread_files import UnreadFile, UnreadFiles
from ui.theme import META, px
from ui.views.controls import Button, Card, Mark, Pane, Text
from ui.views.flow import FlowLayout
from ui.words import breakable, t


class UnreadCard(Pane):
    """Shows the first file that waits; `file` is None when it asks nothing."""

    def __init__(self, unread: UnreadFiles) -> None:
        super().__init__("base")
        self._unread = unread
        self.file: UnreadFile | None = None
        outer = QVBoxLayout(self)
        outer.setContentsMargins(px(20), px(14), px(20), 0)
        card = Card("soft2", "line")
        outer.addWidget(card)
        row = QHBoxLayout(card)
        row.setContentsMargins(px(16), px(12), px(14), px(12))
        row.setSpacing(px(12))
        row.addWidget(Mark("uitzondering", "warn", 18), 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(px(4))
        head = QHBoxLayout()
        self._title = Text(t("niet_geduid.kop"), weight=600, wrap=True)
        self._count = Text("", ratio=META, ink="secondary")
        head.addWidget(self._title, 1)
        head.addWidget(self._count)
        column.addLayout(head)
        self._words = Text("", wrap=True)
        column.addWidget(self._words)
        column.addSpacing(px(6))
        column.addWidget(self._ways())
        column.addWidget(Text(t("niet_geduid.later"), ratio=META, ink="secondary", wrap=True))
        row.addLayout(column, 1)
        self.hide()

    def _ways(self) -> QWidget:
        made = QWidget()
        flow = FlowLayout(px(8))
        made.setLayout(flow)
        self.keep = Button(t("niet_geduid.bewaren"))
        self.keep.clicked.connect(self._keep)
        self.leave = Button(t("niet_geduid.laten"))
        self.leave.clicked.connect(self._leave)
        flow.addWidget(self.keep)
        flow.addWidget(self.leave)
        return made

    def show_for(self, *, wanted: bool) -> None:
        """Show the first file that waits; stay away when none does or something else is asked."""
        waiting = self._unread.asked() if wanted else ()
        self.file = waiting[0] if waiting else None
        self.setVisible(self.file is not None)
        if self.file is None:
            return
        many = len(waiting) > 1
        self._count.setText(t("vraag.van", n=1, totaal=len(waiting)) if many else "")
        words = t(self.file.words, bestand=self.file.line.name)
        self._words.setText(breakable(words))
        self.setAccessibleName(f"{self._title.text()} {words}")

    def focus(self) -> None:
        """Take the focus on the first way out."""
        self.keep.setFocus(Qt.FocusReason.ShortcutFocusReason)
        a11y.announce(self, self.accessibleName())

    def _keep(self) -> None:
        if self.file is not None:
            self._unread.keep(self.file.path)

    def _leave(self) -> None:
        if self.file is not None:
            self._unread.leave(self.file.path)
