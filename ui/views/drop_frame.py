"""A window that takes drops: what shows while something hovers, and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QMainWindow, QWidget

from ui.dropping.mime import Files, Unreadable, VirtualFiles, could_hold, held, remove, unpack
from ui.theme import px, theme
from ui.words import n, t


class DropFrame(QWidget):
    """The accent frame and the sentence while something hovers over the window."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.sentence = ""
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Frame and sentence."""
        now = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(now.accent), 2))
        painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        box = self.rect()
        box.setTop(box.bottom() - px(56))
        box = box.adjusted(px(16), 0, -px(16), -px(12))
        painter.setBrush(QColor(now.soft))
        painter.drawRoundedRect(box, px(8), px(8))
        painter.setPen(QColor(now.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.sentence)
        painter.end()


class DropWindow(QMainWindow):
    """The whole window takes drops and always answers Copy. `unreadable` carries a word key."""

    unreadable = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._cleanup: list[Path] = []
        self._drop_over: QWidget = self
        self._drop_frame = DropFrame(self)
        self.setAcceptDrops(True)

    def add(self, paths: Sequence[Path]) -> None:
        """Take files and folders."""
        raise NotImplementedError

    def drop_folder(self) -> Path | None:
        """Give the folder for what a mail program hands over as bytes; None is the system's."""
        return None

    def show_drops_over(self, widget: QWidget) -> None:
        """Show frame and sentence over this part of the window."""
        self._drop_over, self._drop_frame = widget, DropFrame(widget)

    def forget_drops(self) -> None:
        """Take away what was handed over as bytes; what was secured is in the vault."""
        for folder in self._cleanup:
            remove(folder)
        self._cleanup.clear()

    def paste(self) -> None:
        """Ctrl+V: the same road as a drop."""
        self.take(QGuiApplication.clipboard().mimeData())

    def take(self, mime: QMimeData) -> None:
        """Take what was dropped or pasted, or say why not."""
        found = held(mime)
        if isinstance(found, Unreadable):
            self.unreadable.emit(found.reason)
        elif isinstance(found, VirtualFiles):
            paths = unpack(found, self.drop_folder())
            self._cleanup.append(paths[0].parent.parent)
            self.add(paths)
        elif isinstance(found, Files):
            self.add(found.paths)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Say before the drop what it will do. Always Copy: a Move would empty a mailbox."""
        if not could_hold(event.mimeData()):
            event.ignore()
            return
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        count = len(event.mimeData().urls())
        self._drop_frame.sentence = n("slepen.bestanden", count) if count else t("slepen.mail")
        self._drop_frame.setGeometry(self._drop_over.rect())
        self._drop_frame.raise_()
        self._drop_frame.show()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Keep saying Copy."""
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Take the frame away."""
        self._drop_frame.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Collect what was dropped and return at once; the work comes later."""
        self._drop_frame.hide()
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.take(event.mimeData())
