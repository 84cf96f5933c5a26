"""The pictures of a file that no reader understands: the offer in both places, and what is asked of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.app import Window


def pictures(
    window: Window,
    place: Path,
    wait: Callable[..., None],
    rest: Callable[[int], None],
    save: Callable[[str], None],
) -> None:
    """Make them on a window that is open; everything that was dropped is secured afterwards."""
    view, desk = window.view, window.desk
    page = view.list_page
    folder = place / "Gesprekken van Anna"
    folder.mkdir()
    pasted = folder / "Appgroep Kadebrug geplakt.docx"
    pasted.write_bytes(b"PK\x05\x06" + bytes(18))
    (folder / "export-van-een-andere-app.json").write_bytes(b'{"app": "onbekend", "regels": []}')
    desk.add([folder])
    wait(lambda: desk.task and not desk.task.running and desk.unread.asked())
    view.go("nieuw")
    rest(300)
    page.unread.focus()
    save("n-niet-geduid")
    view.resize(1024, 700)
    rest(300)
    save("n-niet-geduid-1024x700")
    view.resize(1440, 900)
    view.show_tasks()
    view.tasks_page.keep.setFocus()
    save("n-niet-geduid-taken")
    desk.unread.keep(str(pasted))
    wait(lambda: desk.rows)
    rest(500)
    save("n-niet-geduid-vragen")
    row = page.list.current()
    if row is not None:
        for question, said in (
            ("reason", "De app kan niet anders exporteren"),
            ("platform", "whatsapp"),
            ("title", "Appgroep Kadebrug"),
            ("owner", "Anna de Wit"),
            ("participants", "Anna de Wit; Bram Vos"),
            ("period", "2026-03-01/2026-03-05"),
        ):
            desk.answer(row, question, said)
            wait(lambda: desk.runner.busy == 0)
    page.ask(page.list.current())
    rest(500)
    save("n-niet-geduid-ingevuld")
    desk.secure()
    wait(lambda: not desk.rows)
