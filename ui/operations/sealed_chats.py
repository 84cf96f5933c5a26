"""Sealed chat backups on the desk: opened with a key that goes to the core once and stays nowhere.

What came out of a backup is added like any file that is dropped; from then on no key is needed.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from archiver.errors import ArchiverError
from archiver.findings import Finding
from ui.models.row import Row
from ui.operations.runner import Lane
from ui.words import error_text, finding_text

if TYPE_CHECKING:
    from archiver.services.answers import Secret
    from archiver.services.opening import Opened
    from ui.operations.desk import Desk

ASKED = "chat.sleutel_vragen"
_ANSWERED = (ASKED, "chat.niet_geduid")  # not true any more of a backup that was opened


class SealedChats(QObject):
    """`tried` comes when a key was tried and did not open; `opened` carries what came out."""

    tried = Signal(str)  # path of the backup
    opened = Signal(str)  # path of what came out of it

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk
        self._later: set[str] = set()
        self._said: dict[str, str] = {}
        self._busy: set[str] = set()

    def asks(self, row: Row | None) -> Finding | None:
        """Give the question for the key of a line that is not stored; None when there is none."""
        if row is None or row.preview is None or row.begun or row.in_vault:
            return None
        path = str(row.key[0])
        if path in self._later or self._desk.chats.opened(path):
            return None
        return next((f for f in row.findings if f.code == ASKED), None)

    def is_open(self, row: Row | None) -> bool:
        """Tell whether a line is a backup that was opened: its content is on the desk already."""
        return row is not None and self._desk.chats.opened(str(row.key[0])) is not None

    def said(self, path: str) -> str:
        """Give why the last key did not open a backup, in words; empty when none was tried."""
        return self._said.get(path, "")

    def busy(self, path: str) -> bool:
        """Tell whether a backup is being opened."""
        return path in self._busy

    def later(self, row: Row) -> None:
        """Ask something else first."""
        self._later.add(str(row.key[0]))

    def ask_again(self, row: Row) -> None:
        """Nothing else is open any more."""
        self._later.discard(str(row.key[0]))

    def give(self, row: Row, key: Secret) -> None:
        """Open a backup beside the window; nothing here keeps the key after it was used."""
        path = str(row.key[0])
        if path in self._busy:
            return
        self._busy.add(path)
        once = [key]

        def done(result: Opened) -> None:
            self._busy.discard(path)
            if result.derived is None:
                self._refuse(path, finding_text(result.finding) if result.finding else "")
                return
            self._said.pop(path, None)
            self._take(path, result.derived)

        def failed(error: ArchiverError) -> None:
            self._busy.discard(path)
            self._refuse(path, error_text(error))

        self._desk.runner.start(
            lambda job: self._desk.core.unseal(Path(path), once.pop(), job),
            done=done,
            failed=failed,
            lane=Lane.FOLDERS,
        )

    def _refuse(self, path: str, words: str) -> None:
        self._said[path] = words
        self.tried.emit(path)

    def _take(self, path: str, derived: Path) -> None:
        desk = self._desk
        if not any(str(key[0]) == path for key in desk.rows):
            return  # taken off the desk meanwhile; closing takes away what came out
        desk.chats.open(path, str(derived))
        for row in [r for k, r in desk.rows.items() if str(k[0]) == path]:
            kept = tuple(f for f in row.findings if f.code not in _ANSWERED)
            desk._put(replace(row, findings=kept))
        desk.add([derived])
        self.opened.emit(str(derived))
