"""Sealed chat backups, on the desk and in the vault: opened with a key that goes to the core once.

What came out of a backup is added like any file that is dropped; from then on no key is needed. Opening is
a task like any other: it is seen, and it stops when the user says so.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from archiver.errors import ArchiverError, Cancelled
from archiver.findings import Finding
from ui.models.row import Row
from ui.models.task_table import TaskLine
from ui.operations.runner import Job, Lane
from ui.words import error_text, finding_text, t

if TYPE_CHECKING:
    from archiver.services.answers import Secret
    from archiver.services.opening import Opened
    from ui.operations.desk import Desk

ASKED = "chat.sleutel_vragen"
_ANSWERED = (ASKED, "chat.niet_geduid")  # not true any more of a backup that was opened


class SealedChats(QObject):
    """`tried` comes when a key was tried and did not open; `opened` carries what came out."""

    tried = Signal(str)  # path of the backup, or its id in the register
    opened = Signal(str)  # path of what came out of it

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk
        self._later: set[str] = set()
        self._said: dict[str, str] = {}
        self._busy: dict[str, Job] = {}

    def asks(self, row: Row | None) -> Finding | None:
        """Give the question for the key of a line; None when there is none.

        A line that is stored has it in its detail only; one that was dropped again has it too.
        """
        if row is None or row.begun:
            return None
        place = place_of(row)
        if place in self._later or self._desk.chats.opened(place):
            return None
        return next((f for f in row.findings if f.code == ASKED), None)

    def is_open(self, row: Row | None) -> bool:
        """Tell whether a line is a backup that was opened: its content is on the desk already."""
        return row is not None and self._desk.chats.opened(place_of(row)) is not None

    def said(self, path: str) -> str:
        """Give why the last try did not open a backup, in words; empty when there was none."""
        return self._said.get(path, "")

    def busy(self, path: str) -> bool:
        """Tell whether a backup is being opened."""
        return path in self._busy

    def later(self, row: Row) -> None:
        """Ask something else first."""
        self._later.add(place_of(row))

    def ask_again(self, row: Row) -> None:
        """Nothing else is open any more."""
        self._later.discard(place_of(row))

    def stop(self, row: Row) -> None:
        """Stop opening a backup; nothing of it is left behind."""
        job = self._busy.get(place_of(row))
        if job is not None:
            job.cancel()

    def give(self, row: Row, key: Secret) -> None:
        """Open a backup beside the window; nothing here keeps the key after it was used."""
        place, core = place_of(row), self._desk.core
        if place in self._busy:
            return
        once = [key]
        task = self._desk.begin(t("taak.openen"), secures=False)
        line = TaskLine(place if row.preview else row.title, "bezig", kind="chat")
        task.lines = [line]

        def work(job: Job) -> Opened:
            if isinstance(row.key, str):
                return core.unseal_stored(row.key, once.pop(), job)
            return core.unseal(Path(place), once.pop(), job)

        def done(result: Opened) -> None:
            self._busy.pop(place, None)
            if result.derived is None:
                line.outcome = "opmerking"
                line.findings = (result.finding,) if result.finding else ()
                self._refuse(place, finding_text(result.finding) if result.finding else "")
                return
            line.outcome = "gelukt"
            self._said.pop(place, None)
            self._take(row, place, result.derived)

        def failed(error: ArchiverError) -> None:
            self._busy.pop(place, None)
            stopped = isinstance(error, Cancelled)
            self._desk.fail(error)
            self._refuse(place, t("sleutel.gestopt") if stopped else error_text(error))

        self._busy[place] = self._desk.start(task, work, done, failed=failed, lane=Lane.FOLDERS)

    def _refuse(self, place: str, words: str) -> None:
        self._said[place] = words
        self.tried.emit(place)

    def _take(self, row: Row, place: str, derived: Path) -> None:
        desk = self._desk
        if row.preview is not None:
            if not any(str(key[0]) == place for key in desk.rows):
                return  # taken off the desk meanwhile; closing takes away what came out
            for mine in [r for k, r in desk.rows.items() if str(k[0]) == place]:
                kept = tuple(f for f in mine.findings if f.code not in _ANSWERED)
                desk._put(replace(mine, findings=kept))
        desk.chats.open(place, str(derived))
        desk.add([derived])
        self.opened.emit(str(derived))
        desk.to_new.emit()


def place_of(row: Row) -> str:
    """Give the path of a line on the desk, or the id of one that is stored."""
    return row.key if isinstance(row.key, str) else str(row.key[0])
