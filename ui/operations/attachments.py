"""Open an attachment with the program of this computer: a copy that is made beside the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from archiver.model import Attachment
from ui.models.row import Row
from ui.operations.runner import Lane
from ui.words import t

if TYPE_CHECKING:
    from ui.operations.desk import Desk


class Attachments:
    """`hand_over` gives a file to the system and tells whether it took it; tests replace it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.hand_over: Callable[[Path], bool] = lambda path: QDesktopServices.openUrl(
            QUrl.fromLocalFile(str(path))
        )

    def open(self, row: Row, attachment: Attachment) -> None:
        """Copy it and open the copy; the task bar says what happened."""

        def done(path: Path) -> None:
            opened = self.hand_over(path)
            key = "bijlage.geopend" if opened else "bijlage.geen_programma"
            look = ("besloten", "ok") if opened else ("uitzondering", "warn")
            self._desk.said.emit(t(key, naam=path.name), *look)

        self._desk.runner.start(
            lambda job: self._desk.core.attachment_copy(row, attachment),
            done=done,
            failed=self._desk.fail,
            lane=Lane.READING,
        )
