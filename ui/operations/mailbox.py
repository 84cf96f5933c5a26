"""Mailboxes beside the window: the folders at once, the messages as they come, what is chosen secured.

Lives in the GUI thread and never waits. What is chosen stands in `ui.models.mailbox`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from archiver.errors import InputRefused
from archiver.model import Changes
from ui.models.task_table import TaskLine
from ui.operations.core import Secured
from ui.operations.mailbox_core import Batch, Chosen, Group, Whereabouts
from ui.operations.runner import Job, Lane
from ui.words import n, number, size, t

if TYPE_CHECKING:
    from archiver.services.selection import Choice
    from ui.operations.desk import Desk

_TELL_SECONDS = 0.08


class MailboxDesk(QObject):
    """The mailboxes that are open and the work on them."""

    opened = Signal(str)  # path of a mailbox; its folders follow
    counted = Signal(list)  # of (path, folders that go together, number so far)
    mails_came = Signal(object)  # Batch
    all_read = Signal(object)  # Task
    ended = Signal(object)  # Chosen

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk
        self.boxes: list[Path] = []
        self._counts: dict[Group, int] = {}
        self._look: Job | None = None

    @property
    def expected(self) -> int:
        """Tell how many messages the open mailboxes have, as far as they are counted."""
        return sum(self._counts.values())

    @property
    def reading(self) -> bool:
        """Tell whether messages still come."""
        return self._look is not None

    def open(self, paths: Sequence[Path]) -> None:
        """Open what is a mailbox as folders; the rest goes to the list of new messages."""
        core = self._desk.core

        def work(job: Job) -> list[Path]:
            others: list[Path] = []
            for path in paths:
                if not core.mailboxes().could_be(path) or not _tell_folders(core, path, job):
                    others.append(path)
            return others

        def told(events: list[Any]) -> None:
            for event in events:
                if isinstance(event, Path):
                    if event not in self.boxes:
                        self.boxes.append(event)
                    kept = self._counts.items()
                    self._counts = {k: v for k, v in kept if k[0] != str(event)}
                    self.opened.emit(str(event))
            counts = [event for event in events if isinstance(event, tuple)]
            self._counts.update({(path, folders): count for path, folders, count in counts})
            self.counted.emit(counts)

        def done(others: list[Path]) -> None:
            self._desk.add(others)
            if any(path not in others for path in paths):
                self.look()

        self._desk.runner.start(
            work, done=done, failed=self._desk.fail, streamed=told, lane=Lane.FOLDERS
        )

    def look(self) -> None:
        """Read the messages of all open mailboxes; they come as they are read."""
        self.stop()
        task = self._desk.begin(t("postvak.taak.lezen"), secures=False)
        task.total = self.expected or None
        boxes, expected = tuple(self.boxes), self.expected

        def work(job: Job) -> None:
            for batch in self._desk.core.mailboxes().messages(boxes, expected, job):
                job.streamed.emit([batch])

        def came(batches: list[Batch]) -> None:
            if job is self._look:
                for batch in batches:
                    task.settle(Secured(tuple(batch.troubled), ()))
                    self.mails_came.emit(batch)

        def done(_: object) -> None:
            if job is self._look:
                self._look = None
                self.all_read.emit(task)

        job = self._look = self._desk.start(task, work, done, streamed=came)

    def stop(self) -> None:
        """Stop reading messages."""
        if self._look is not None:
            self._look.cancel()
        self._look = None

    def secure(self, choices: Mapping[Path, Choice], expected: int) -> None:
        """Secure what is chosen."""
        self.stop()
        desk = self._desk
        task = desk.begin(t("taak.vastleggen"), secures=True)
        task.lines = [TaskLine(str(path)) for path in choices if path.is_file()]
        task.total = expected or None

        def done(chosen: Chosen) -> None:
            secured = chosen.secured
            task.settle(secured)
            desk.remove_sources([key for key in desk.rows if _inside(key, choices)])
            self.ended.emit(chosen)
            words = "postvak.gestopt_na" if secured.stopped else "melding.vastgelegd"
            desk.tell(task, n(words, len(secured.item_ids)))
            desk.register_changed.emit(Changes("items", secured.item_ids))
            desk.refresh()

        def work(job: Job) -> Chosen:
            said = 0.0

            def hear(at: Whereabouts) -> None:
                nonlocal said
                now = time.monotonic()
                if now - said >= _TELL_SECONDS or at.done >= at.total or at.stage == "verder":
                    said = now
                    job.streamed.emit([at])

            return desk.core.mailboxes().take_in(choices, expected, job, hear)

        def told(whereabouts: list[Whereabouts]) -> None:
            for at in whereabouts:
                task.what, task.note = at.name, (at.name, _words(at))
            desk.task_changed.emit(task)

        desk.start(task, work, done, streamed=told)

    def close(self) -> None:
        """Forget the mailboxes that are open; nothing on the disk changes."""
        self.stop()
        self.boxes, self._counts = [], {}


def _tell_folders(core: Any, path: Path, job: Job) -> bool:
    """Stream the folders of a path; gives whether it is a mailbox."""
    waiting: list[object] = []
    said = opened = 0.0
    try:
        for event in core.mailboxes().folders(path, job):
            if event is None:
                return False
            if isinstance(event, str):
                opened = time.monotonic()
                continue
            waiting.append((str(path), *event))
            if time.monotonic() - said > _TELL_SECONDS:
                job.streamed.emit([path, *waiting] if not said else waiting)
                waiting, said = [], time.monotonic()
    except InputRefused:
        if not said:  # looking at it in the usual way says what is the matter
            return False
        raise
    if waiting:
        job.streamed.emit([path, *waiting] if not said else waiting)
    return bool(opened and (said or waiting))


def _words(at: Whereabouts) -> str:
    """Say how far a mailbox is before its first message; empty when that is done."""
    if at.stage == "verder":
        return t("postvak.stand.verder", n=number(at.done + 1))
    if at.done >= at.total:
        return ""
    return t(f"postvak.stand.{at.stage}", klaar=size(at.done), totaal=size(at.total))


def _inside(key: object, choices: Mapping[Path, Choice]) -> bool:
    return isinstance(key, tuple) and Path(str(key[0])) in choices
