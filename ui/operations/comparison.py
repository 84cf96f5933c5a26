"""Comparing beside the window: candidates, the comparison, linking; and what looks alike after intake.

Lives in the GUI thread. An answer to an earlier question is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from archiver.errors import ArchiverError
from archiver.model import Changes
from ui.operations.comparison_core import Candidate, Naming
from ui.operations.runner import Job, Lane, Runner

if TYPE_CHECKING:
    from ui.operations.core import Core


class Comparisons(QObject):
    """Everything that the screen Vergelijken asks."""

    candidates_came = Signal(tuple)  # of Candidate; the first is the conversation itself
    alike_came = Signal(str, tuple)  # id of the conversation, what looks like another export of it
    compared = Signal(object)  # Compared
    failed = Signal(object)  # ArchiverError
    linked = Signal(object, bool)  # Changes, whether they are linked now
    who_came = Signal(tuple, tuple, tuple)  # ids that were asked, rows of `WhoRow`, persons
    person_linked = Signal(object)  # Changes

    def __init__(self, runner: Runner, core: Core, parent: QObject) -> None:
        super().__init__(parent)
        self._runner, self._core = runner, core
        self.alike: dict[str, tuple[Candidate, ...]] = {}
        self._job: Job | None = None
        self._asked: object = None

    def ask_candidates(self, item_id: str) -> None:
        """Ask what this conversation can be compared with, and what looks like it."""
        self.stop()
        asked = self._asked
        self._start(
            lambda job: self._core.comparing().candidates(item_id),
            lambda found: self.candidates_came.emit(found) if asked is self._asked else None,
        )
        self.look([item_id])

    def look(self, ids: Iterable[str]) -> None:
        """Look for other exports of what was secured, when nothing else is read; links nothing."""
        for item_id in ids:
            self._look(item_id)

    def _look(self, item_id: str) -> None:
        self._start(
            lambda job: self._core.comparing().alike(item_id, job),
            lambda found: self._alike(item_id, found),
        )

    def _alike(self, item_id: str, found: tuple[Candidate, ...]) -> None:
        self.alike[item_id] = found
        self.alike_came.emit(item_id, found)

    def compare(self, left: str, right: str) -> None:
        """Lay two conversations side by side."""
        self.stop()
        asked = self._asked
        self._job = self._start(
            lambda job: self._core.comparing().compare(left, right, job),
            lambda found: self.compared.emit(found) if asked is self._asked else None,
        )

    def link(self, left: str, right: str, reason: str, *, together: bool) -> None:
        """Link them or take the link away; both are a step that can be undone."""

        def work(job: Job) -> Changes:
            core = self._core.comparing()
            return (core.link if together else core.unlink)(left, right, reason, job)

        self._runner.start(
            work,
            done=lambda changes: self.linked.emit(changes, together),
            failed=self.failed.emit,
        )

    def ask_who(self, ids: tuple[str, ...]) -> None:
        """Ask who the participants of these conversations are."""
        self._runner.start(
            lambda job: self._core.comparing().who(ids),
            done=lambda found: self.who_came.emit(ids, *found),
            failed=self.failed.emit,
        )

    def link_persons(self, namings: Sequence[Naming], reason: str) -> None:
        """Record whose labels these are; each is a step that can be undone."""
        self._runner.start(
            lambda job: self._core.comparing().link_persons(namings, reason),
            done=self.person_linked.emit,
            failed=self.failed.emit,
        )

    def stop(self) -> None:
        """Stop a comparison that nobody looks at any more."""
        if self._job is not None:
            self._job.cancel()
        self._job, self._asked = None, object()

    def _start(self, work: Callable[[Job], object], done: Callable[..., None]) -> Job:
        asked = self._asked

        def failed(error: ArchiverError) -> None:
            if asked is self._asked:
                self.failed.emit(error)

        return self._runner.start(work, done=done, failed=failed, lane=Lane.READING)
