"""An answer to an open question about a conversation on the desk: kept, and what it holds for read again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ui.models.changes import changed
from ui.models.row import Row
from ui.operations.chat_choices import answered_with
from ui.words import t

if TYPE_CHECKING:
    from ui.operations.desk import Desk


def give_answer(desk: Desk, row: Row, question: str, value: str) -> None:
    """Keep an answer of the user and read with it every file that it holds for."""
    paths = answered_with(row, desk.rows.values(), question, value)
    for path in paths:
        desk.chats.answer(path, question, value)
    answers = {path: desk.chats.answers(path) for path in paths}

    def done(rows: list[Row]) -> None:
        for found in (r for r in rows if r.key in desk.rows):
            change = desk.changes.get(found.key)
            desk._put(changed(found, change) if change else found)
        desk.said.emit(t("vraag.beantwoord"), "besloten", "ok")

    desk.runner.start(
        lambda job: [r for p in paths for r in desk.core.look_again(Path(p), answers[p], job)],
        done=done,
        failed=desk.fail,
    )
