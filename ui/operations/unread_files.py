"""Files of a drop that no reader took, which the user may keep whole: "niet geduid".

Nothing happens by itself: a file waits here until somebody says keep or leave. Kept means: its line comes
on the desk with the questions what it is; it is secured with the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from archiver.errors import ArchiverError
from archiver.findings import Finding
from ui.models.row import Row
from ui.models.task_table import Task, TaskLine
from ui.words import error_text, t

if TYPE_CHECKING:
    from ui.operations.desk import Desk


@dataclass(frozen=True, slots=True)
class UnreadFile:
    """One file that waits, with the line of the task in which it failed; `why` is the code of that.

    `alone` tells that the drop gave nothing else: then it is asked about beside the list too. An odd file
    among a thousand messages is found in the tasks and asks nothing.
    """

    path: str
    line: TaskLine
    why: str
    alone: bool

    @property
    def words(self) -> str:
        """Give the key of the words that say why it was not read and what can be done."""
        from archiver.services.answers import YES, answer_for

        stopped = answer_for(self.why) != YES
        return "niet_geduid.uitleg_gestopt" if stopped else "niet_geduid.uitleg"


class UnreadFiles(QObject):
    """`changed` comes when a file waits or waits no longer, `kept` when its line lies on the desk."""

    changed = Signal()
    kept = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk
        self._waiting: dict[str, UnreadFile] = {}
        self._busy: set[str] = set()
        self._seen: set[str] = set()
        desk.task_changed.connect(self._look)

    def asked(self) -> tuple[UnreadFile, ...]:
        """Give the files that are asked about beside the list, in the order of the drop."""
        return tuple(file for file in self._waiting.values() if file.alone)

    def offers(self, path: str) -> bool:
        """Tell whether a file may be kept whole."""
        return path in self._waiting

    def _look(self, task: Task) -> None:
        """Look once at what a drop left behind, when it is read."""
        if task.running:
            return
        from archiver.services.answers import why_unread  # loaded after the first drop

        failed = [line for line in task.lines if line.outcome == "mislukt"]
        reasons = ((line, why_unread(f.code for f in line.findings)) for line in failed)
        found = [(line, why) for line, why in reasons if why is not None]
        if task.secures:  # new is a mailbox whose reader fails now; the rest was asked about before
            known = self._seen | {str(key[0]) for key in self._desk.rows}
            found = [(line, why) for line, why in found if line.path not in known]
        self._seen.update(line.path for line, _ in found)
        alone = len(failed) == len(task.lines) and not self._desk.rows
        for line, why in found:
            if (line.path, 0) in self._desk.rows:  # dropped again after somebody said keep
                self._desk.removed.discard(line.path)
                line.outcome = "opmerking"
            else:
                self._waiting[line.path] = UnreadFile(line.path, line, why, alone)
        if found:
            self.changed.emit()

    def leave(self, path: str) -> None:
        """Do not keep it; the file itself stays where it is."""
        if self._waiting.pop(path, None) is not None:
            self.changed.emit()

    def keep(self, path: str) -> None:
        """Lay a file on the desk to be kept whole; it is stored when the rest is."""
        from archiver.services.answers import KEEP, answer_for

        file, desk = self._waiting.get(path), self._desk
        if file is None or path in self._busy:
            return
        self._busy.add(path)
        desk.chats.answer(path, KEEP, answer_for(file.why))
        answers = desk.chats.answers(path)

        def done(rows: list[Row]) -> None:
            self._busy.discard(path)
            if rows:
                self._lay(file, rows)
            else:  # changed or gone since it was looked at
                desk.chats.forget([path])
                desk.said.emit(t("niet_geduid.mislukt", bestand=file.line.name), "mislukt", "error")

        def failed(error: ArchiverError) -> None:
            self._busy.discard(path)
            desk.chats.forget([path])
            desk.said.emit(error_text(error), "mislukt", "error")

        desk.runner.start(
            lambda job: list(desk.core.look_again(Path(path), answers, job)),
            done=done,
            failed=failed,
        )

    def _lay(self, file: UnreadFile, rows: list[Row]) -> None:
        desk = self._desk
        self._waiting.pop(file.path, None)
        desk.removed.discard(file.path)
        if Path(file.path) not in desk.sources:
            desk.sources.append(Path(file.path))
        file.line.outcome, file.line.kind = "opmerking", "chat"
        before, file.line.findings = file.line.findings, rows[0].findings
        desk.arrive(rows)
        desk.steps.append(lambda: self._take_back(file, before))
        desk.said.emit(t("niet_geduid.klaargezet", bestand=file.line.name), "besloten", "ok")
        self.changed.emit()
        desk.to_new.emit()
        self.kept.emit(file.path)

    def _take_back(self, file: UnreadFile, findings: tuple[Finding, ...]) -> None:
        file.line.outcome, file.line.findings = "mislukt", findings
        self._desk.remove_sources([(file.path, 0)])
        self._waiting[file.path] = file
        self.changed.emit()
