"""Postvak: a mailbox as a folder tree, what goes along and what stays, before anything is stored.

A mode of the window, not a dialog. By keyboard: arrows, space, Left and Right in the tree, Enter to the
messages, Ctrl+F to the period, Ctrl+Enter secures, Esc goes back (the choice stays).
"""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSplitter, QVBoxLayout, QWidget

from ui.models.mailbox import Mailbox
from ui.models.mailbox_lists import FolderMails, FolderTree
from ui.models.task_table import Task
from ui.operations.desk import Desk
from ui.operations.mailbox_core import Batch, Chosen
from ui.theme import PAGE, px
from ui.views.controls import Button, ElidedText, KeyCap, Line, Pane, side_by_side
from ui.views.mailbox_side import MailboxSide
from ui.views.mailbox_tree import FolderView, MailTable
from ui.words import n, t

_SELECT = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows


class MailboxPage(Pane):
    """`shown` asks to be on the screen, `left` to go back; `said` is for the task bar."""

    shown = Signal()
    left = Signal()
    said = Signal(str, str, str)

    def __init__(self, desk: Desk) -> None:
        super().__init__("base")
        self._desk = desk
        self._box = desk.mailbox
        self._running = False
        self._compact: bool | None = None
        self.mailbox = Mailbox()
        self.folders = FolderTree(self.mailbox)
        self.mails = FolderMails(self.mailbox)
        self.tree = FolderView(self.folders)
        self.table = MailTable(self.mails)
        self.side = MailboxSide(self.mailbox)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self.split = side_by_side(self._middle(), self.side)
        outer.addWidget(self.split)
        self._connect()

    def _connect(self) -> None:
        self._box.opened.connect(self._opened)
        self._box.counted.connect(self._counted)
        self._box.mails_came.connect(self._came)
        self._box.all_read.connect(self._read)
        self._box.ended.connect(self._ended)
        self._desk.task_changed.connect(self._task_changed)
        self.mailbox.changed.connect(self._show_words)
        self.mailbox.boxes_changed.connect(lambda: self._look_at(self.tree.currentIndex()))
        self.tree.selectionModel().currentChanged.connect(lambda now, _: self._look_at(now))
        self.tree.read.connect(self._to_mails)
        self.table.left.connect(self._from_mails)
        self.side.secure.connect(self.act)

    def _middle(self) -> QWidget:
        made = Pane("base")
        made.setMinimumWidth(px(400))
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QWidget()
        head.setFixedHeight(px(72))
        words = QVBoxLayout(head)
        words.setContentsMargins(px(20), px(14), px(16), px(14))
        words.setSpacing(px(2))
        self.title = ElidedText("", ratio=PAGE, weight=600)
        self.subtitle = ElidedText("", ink="secondary")
        for label in (self.title, self.subtitle):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            words.addWidget(label)
        column.addWidget(head)
        column.addWidget(Line())
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setHandleWidth(1)
        parts.setChildrenCollapsible(False)
        parts.addWidget(self.tree)
        parts.addWidget(self.table)
        parts.setStretchFactor(0, 2)
        parts.setStretchFactor(1, 3)
        column.addWidget(parts, 1)
        column.addWidget(Line())
        column.addWidget(self._foot())
        return made

    def _foot(self) -> QWidget:
        made = QWidget()
        made.setFixedHeight(px(60))
        row = QHBoxLayout(made)
        row.setContentsMargins(px(20), px(8), px(16), px(8))
        row.setSpacing(px(8))
        self.count = ElidedText("", weight=600)
        self.count.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.every = Button(t("postvak.alles"), "quiet")
        self.none = Button(t("postvak.niets"), "quiet")
        self.every.clicked.connect(lambda: self.mailbox.tick(self.mailbox.folders(), True))
        self.none.clicked.connect(lambda: self.mailbox.tick(self.mailbox.folders(), False))
        self.stop = Button("")
        self.stop.clicked.connect(self.leave)
        row.addWidget(self.count, 1)
        row.addWidget(self.every)
        row.addWidget(self.none)
        row.addWidget(self.stop)
        row.addWidget(KeyCap("Esc"))
        return made

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange again when the window becomes narrow or wide."""
        super().resizeEvent(event)
        compact = self.width() < px(1000)
        if compact != self._compact:
            self._compact = compact
            right = px(424 if compact else 488)
            self.split.setSizes([max(px(400), self.width() - right), right])
            self.table.setColumnWidth(0, px(150 if compact else 200))
            self.table.setColumnWidth(2, px(140 if compact else 190))
            for column in (1, 2):
                self.tree.setColumnWidth(column, px(84 if compact else 104))
            self._show_words()

    # --- what the desk tells -----------------------------------------------------------------------

    def _opened(self, box: str) -> None:
        first = not self.mailbox.boxes
        self._running = False
        self.mailbox.open(box)
        if first:
            self.side.begin()
        self.shown.emit()
        self.focus()

    def _counted(self, counts: list[tuple[str, tuple[str, ...], int]]) -> None:
        self.mailbox.counted(counts)
        self.tree.expandToDepth(2)
        if not self.tree.currentIndex().isValid() and self.folders.rowCount():
            self._go_to(self.folders.index(0, 0))

    def _came(self, batch: Batch) -> None:
        self.mailbox.add(batch)
        self._show_words()

    def _read(self, task: Task) -> None:
        self.mailbox.all_read()
        self.mails.show_folders(self.mails.folders)
        if not self.mailbox.fates:
            self._desk.tell(task, n("postvak.gelezen", len(self.mailbox.mails)))

    def _ended(self, chosen: Chosen) -> None:
        self._running = False
        whole = self.mailbox.whole
        if not whole:  # the list was not read to the end: it comes anew, with the outcomes
            self.mailbox.forget_mails()
            self.mails.show_folders(self.mails.folders)
        self.mailbox.settle(chosen.fates)
        self._show_words()
        if not whole:
            self._box.look()

    def _task_changed(self, task: Task) -> None:
        if self._running and task.secures and not task.running:
            self._running = False
            self._show_words()

    # --- choosing ----------------------------------------------------------------------------------

    @property
    def active(self) -> bool:
        """Tell whether a mailbox is open."""
        return bool(self.mailbox.boxes)

    def focus(self) -> None:
        """Take the focus."""
        self.tree.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def find_open(self) -> None:
        """Go to the period (Ctrl+F)."""
        self.side.since.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _go_to(self, index: QModelIndex) -> None:
        self.tree.selectionModel().setCurrentIndex(index, _SELECT)

    def _look_at(self, index: QModelIndex) -> None:
        folders = tuple(self.folders.folders_at(index)) if index.isValid() else ()
        if folders != self.mails.folders:
            self.mails.show_folders(folders)

    def _to_mails(self) -> None:
        self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _from_mails(self) -> None:
        """Esc in the messages goes to the folders; while messages are secured it stops, as everywhere."""
        if self._running:
            self.leave()
        else:
            self.focus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back, wherever the focus is in this mode."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)

    def leave(self) -> None:
        """Go back to the list (Esc); the choice stays. While messages are secured it asks to stop."""
        if self._running:
            self._desk.stop()
            return
        self.said.emit(t("postvak.bewaard_keuze"), "waarom", "secondary")
        self.left.emit()

    def act(self) -> None:
        """Secure what is chosen, or close the mailbox when all of it is done (Ctrl+Enter)."""
        if self._running or not self.active or not self.side.settled():
            return
        if not self.side.main.isEnabled():
            self.said.emit(t("postvak.kies_eerst"), "waarom", "secondary")
            return
        chosen = self.mailbox.numbers()[0]
        if self.mailbox.fates and chosen == 0:
            self._close()
            return
        if self._desk.task is not None and self._desk.task.running and not self._box.reading:
            name = self._desk.task.name
            self.said.emit(t("melding.even_wachten", taak=name), "wacht", "secondary")
            return
        self._running = True
        self._box.secure(self.mailbox.choices(), self._box.expected or len(self.mailbox.mails))
        self._show_words()

    def _close(self) -> None:
        self._box.close()
        self.mailbox.clear()
        self.folders.clear_all()
        self.mails.show_folders(())
        self.left.emit()

    # --- words -------------------------------------------------------------------------------------

    def _show_words(self) -> None:
        mailbox = self.mailbox
        names = [box.replace("\\", "/").rpartition("/")[2] for box in mailbox.boxes]
        self.title.setText(t("postvak.titel", naam=", ".join(names)))
        chosen, _, _, total = mailbox.numbers()
        said = n("postvak.berichten_n", total)
        key = "postvak.labels_n" if mailbox.labelled else "postvak.mappen_n"
        folders = n(key, len(mailbox.folders()))
        state = "postvak.bezig" if self._running else "postvak.nog_niets"
        if mailbox.fates and not self._running:
            state = "postvak.vastgelegd"
        self.subtitle.setText(t("postvak.kop", berichten=said, mappen=folders, stand=t(state)))
        count = "postvak.telling_kort" if self._compact else "postvak.telling"
        self.count.setText(t(count, n=chosen, totaal=total))
        self.stop.setText(t("actie.stoppen" if self._running else "postvak.terug"))
        self.side.main.setVisible(not self._running)
        for button in (self.every, self.none):
            button.setEnabled(not self._running)
        self.tree.setEnabled(not self._running)
