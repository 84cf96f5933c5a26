"""Read the messages of one conversation beside the window; an earlier question is dropped."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from archiver.errors import ArchiverError
from archiver.model import ChatMessage
from ui.models.row import Row
from ui.operations.chat_choices import ChatChoices
from ui.operations.chat_intake import stamp_of
from ui.operations.core import Core
from ui.operations.runner import Job, Lane, Runner


class MessageReader:
    """Lives in the GUI thread; the reading itself is done by the worker for reading."""

    def __init__(self, runner: Runner, core: Core, chats: ChatChoices) -> None:
        self._runner, self._core, self._chats = runner, core, chats
        self._job: Job | None = None
        self._asked: object = None

    def ask(
        self,
        row: Row,
        came: Callable[[list[ChatMessage]], None],
        ready: Callable[[Row], None],
        failed: Callable[[ArchiverError], None],
    ) -> None:
        """Read the messages of a row: the first at once, the rest together when all are read."""
        self.stop()
        path = Path(str(row.key[0]))
        answers = self._chats.answers(str(path))
        self._asked = asked = object()

        def work(job: Job) -> tuple[int, int]:
            stamp = stamp_of(path)
            rest: list[ChatMessage] = []
            for count, batch in enumerate(self._core.messages(row, answers, job)):
                if count == 0:
                    job.streamed.emit(batch)
                else:
                    rest += batch
                    time.sleep(0.0005)  # lets the window take its turn
            job.streamed.emit(rest)
            return stamp

        def done(stamp: tuple[int, int]) -> None:
            if asked is self._asked:
                self._chats.stamp(str(path), stamp)
                ready(row)

        self._job = self._runner.start(
            work,
            done=done,
            failed=lambda error: failed(error) if asked is self._asked else None,
            streamed=lambda batch: came(batch) if asked is self._asked else None,
            lane=Lane.READING,
        )

    def stop(self) -> None:
        """Stop reading messages that nobody looks at any more."""
        if self._job is not None:
            self._job.cancel()
        self._job = self._asked = None
