"""Comparing beside the window: candidates, the comparison, linking; and what looks alike after a drop.

Lives in the GUI thread. An answer to an earlier question is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from archiver.errors import ArchiverError
from archiver.model import Changes, Conversation
from ui.operations.comparison_core import Candidate, Naming, file_id
from ui.operations.runner import Job, Lane, Runner

if TYPE_CHECKING:
    from archiver.services.comparison import FileConversation, Subject
    from ui.models.task_table import Task
    from ui.operations.core import Core
    from ui.operations.desk import Desk


class Comparisons(QObject):
    """Everything that the screens Vergelijken and Heel gesprek ask.

    An id is that of an item, or of a conversation on the desk that is not secured (`file_id`).
    """

    candidates_came = Signal(tuple)  # of Candidate; the first is the conversation itself
    alike_came = Signal(str, tuple)  # id of the conversation, what looks like another export of it
    compared = Signal(object)  # Compared
    failed = Signal(object)  # ArchiverError
    whole_came = Signal(object)  # WholeConversation
    whole_failed = Signal(object)  # ArchiverError
    linked = Signal(object, bool)  # Changes, whether they are linked now
    who_came = Signal(tuple, tuple, tuple)  # ids that were asked, rows of `WhoRow`, persons
    person_linked = Signal(object)  # Changes

    def __init__(self, runner: Runner, core: Core, parent: Desk) -> None:
        super().__init__(parent)
        self._runner, self._core, self._desk = runner, core, parent
        self.alike: dict[str, tuple[Candidate, ...]] = {}
        self._looked: set[str] = set()
        self._job: Job | None = None
        self._asked: object = None
        self._wish: tuple[Task, FileConversation, str, str] | None = None
        parent.looked.connect(self._look_at_desk)
        parent.register_changed.connect(self._register_changed)

    # --- what is not secured -----------------------------------------------------------------------

    def files(self) -> dict[str, FileConversation]:
        """Give the conversations on the desk that are not in the vault, by their id."""
        from archiver.services.comparison import FileConversation

        found = {}
        for row in self._desk.rows.values():
            record = row.preview.record if row.preview is not None else None
            if isinstance(record, Conversation) and not (row.in_vault or row.begun):
                assert row.preview is not None
                one = FileConversation(row.preview.path, record)
                found[file_id(one.path, record.index)] = one
        return found

    def _look_at_desk(self) -> None:
        """Look for exports in the vault that a conversation on the desk looks like; it is only said."""
        if not any(row.kind != "email" for row in self._desk.rows.values()):
            return  # a drop of mail loads nothing of this
        for item_id in self.files():
            if item_id not in self._looked:
                self._looked.add(item_id)
                self._look(item_id)

    def _subject(self, item_id: str) -> Subject:
        return self.files().get(item_id, item_id) if item_id.startswith("bestand:") else item_id

    # --- questions ---------------------------------------------------------------------------------

    def ask_candidates(self, item_id: str) -> None:
        """Ask what this conversation can be compared with, and what looks like it."""
        self.stop()
        asked, subject = self._asked, self._subject(item_id)
        desk = tuple(self.files().values())
        self._start(
            lambda job: self._core.comparing().candidates(subject, desk),
            lambda found: self.candidates_came.emit(found) if asked is self._asked else None,
        )
        self._look(item_id)

    def look(self, ids: Iterable[str]) -> None:
        """Look for other exports of what was secured, and again of what still lies on the desk."""
        for item_id in ids:
            self._look(item_id)
        self._looked.clear()
        self._look_at_desk()

    def _look(self, item_id: str) -> None:
        subject = self._subject(item_id)
        self._start(
            lambda job: self._core.comparing().alike(subject, job),
            lambda found: self._alike(item_id, found),
            lane=Lane.FOLDERS,
        )

    def _alike(self, item_id: str, found: tuple[Candidate, ...]) -> None:
        self.alike[item_id] = found
        self.alike_came.emit(item_id, found)

    def compare(self, left: str, right: str) -> None:
        """Lay two conversations side by side."""
        self.stop()
        asked, one, other = self._asked, self._subject(left), self._subject(right)
        self._job = self._start(
            lambda job: self._core.comparing().compare(one, other, job),
            lambda found: self.compared.emit(found) if asked is self._asked else None,
        )

    def ask_whole(self, item_id: str) -> None:
        """Read every export of a conversation and lay them over each other."""
        self.stop()
        asked = self._asked
        self._job = self._runner.start(
            lambda job: self._core.comparing().whole(item_id, job),
            done=lambda found: self.whole_came.emit(found) if asked is self._asked else None,
            failed=lambda error: self.whole_failed.emit(error) if asked is self._asked else None,
            lane=Lane.READING,
        )

    # --- linking -----------------------------------------------------------------------------------

    def link(self, left: str, right: str, reason: str, *, together: bool) -> None:
        """Link them or take the link away; both are a step that can be undone."""

        def work(job: Job) -> Changes:
            core = self._core.comparing()
            return (core.link if together else core.unlink)(left, right, reason, job)

        self._runner.start(
            work,
            done=lambda changes: self._linked(changes, together),
            failed=self.failed.emit,
        )

    def secure_and_link(self, file: str, other: str, reason: str) -> None:
        """Secure the file of a conversation on the desk, then link it, as a person just asked."""
        one = self.files().get(file)
        if one is None:
            return
        before = self._desk.task
        self._desk.secure(str(one.path))
        task = self._desk.task
        if task is not None and task is not before:
            self._wish = (task, one, other, reason)

    def _register_changed(self, changes: Changes) -> None:
        if self._wish is None or self._wish[0].running:
            return
        task, one, other, reason = self._wish
        self._wish = None
        if task is not self._desk.task:
            return
        self._runner.start(
            lambda job: self._core.comparing().link_secured(changes.ids, one, other, reason, job),
            done=lambda linked: self._linked(linked, True) if linked is not None else None,
            failed=self.failed.emit,
        )

    def _linked(self, changes: Changes, together: bool) -> None:
        for item_id in changes.ids:
            self.alike.pop(item_id, None)
        self.linked.emit(changes, together)

    # --- persons -----------------------------------------------------------------------------------

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

    def _start(
        self,
        work: Callable[[Job], object],
        done: Callable[..., None],
        lane: Lane = Lane.READING,
    ) -> Job:
        asked = self._asked

        def failed(error: ArchiverError) -> None:
            if asked is self._asked:
                self.failed.emit(error)

        return self._runner.start(work, done=done, failed=failed, lane=lane)
