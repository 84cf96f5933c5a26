"""The pictures of what is asked about a phone export: order of day and month, whose phone, time zone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.app import Window

_SAID = (
    (3, 4, "Hanna Smit", "Is de nota over de kademuur klaar voor het overleg van morgen?"),
    (3, 4, "Bram Vos", "Bijna. Ik wacht nog op de raming van de aannemer."),
    (3, 5, "Hanna Smit", "Die kwam net binnen, ik stuur hem door."),
    (3, 5, "Bram Vos", "IMG-WA0004.jpg (file attached)\nZo ziet de kade er nu uit"),
    (4, 6, "Bram Vos", "De nota is klaar. Graag je akkoord voor vrijdag."),
    (4, 7, "Hanna Smit", "Akkoord. Leg je het vast in het dossier?"),
    (4, 7, "Bram Vos", "Doe ik."),
)


def pictures(
    window: Window,
    place: Path,
    wait: Callable[..., None],
    rest: Callable[[int], None],
    save: Callable[[str], None],
) -> None:
    """Make them on a window that is open; everything that was dropped is secured afterwards."""
    from tests.archiver.intake.chat.test_screenshot import png

    view, desk = window.view, window.desk
    page = view.list_page
    folder = place / "Telefoon van Bram"
    folder.mkdir()
    export = folder / "WhatsApp Chat with Kademuur.txt"
    lines = (
        f"{month}/{day}/26, 9:0{n} AM - {who}: {words}\n"
        for n, (month, day, who, words) in enumerate(_SAID)
    )
    export.write_text("".join(lines), encoding="utf-8")
    picture = folder / "Schermafbeelding 2026-04-07.png"
    picture.write_bytes(png())
    desk.add([folder])
    wait(lambda: desk.task and not desk.task.running and desk.rows)
    view.go("nieuw")

    def go_to(path: Path) -> None:
        page.list.go_to(page.list.model.place((str(path), 0)) or 0)
        wait(lambda: page.question.asked)
        page.question.focus()
        rest(400)

    def answer(words: str) -> None:
        before = len(page.question.asked)
        next(b for b in page.question.choices if words in b.text()).click()
        wait(lambda: len(page.question.asked) < before)
        rest(400)

    go_to(export)
    save("v-datumvolgorde")
    view.resize(1024, 700)
    rest(300)
    save("v-datumvolgorde-1024x700")
    view.resize(1440, 900)
    answer("maart")
    save("v-eigenaar")
    answer("Bram Vos")
    save("v-tijdzone")
    view.resize(1024, 700)
    rest(300)
    save("v-tijdzone-1024x700")
    view.resize(1440, 900)
    next(b for b in page.question.choices if b.isVisible()).click()
    wait(lambda: not page.question.asked)
    rest(400)
    save("v-beantwoord")
    go_to(picture)
    save("v-niet-geduid")
    desk.secure()
    wait(lambda: not desk.rows)
