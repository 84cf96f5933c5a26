"""The pictures of a sealed chat backup: the key asked, a wrong one, what came out, one in the vault."""

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
    from tests.helpers import sealed

    view, desk = window.view, window.desk
    page = view.list_page
    folder = place / "Back-up van de telefoon"
    folder.mkdir()
    backup = folder / "signal-2026-11-17-09-00-00.backup"
    backup.write_bytes(sealed.signal_backup())
    desk.add([folder])
    wait(lambda: desk.task and not desk.task.running and desk.rows)
    view.go("nieuw")
    page.list.go_to(page.list.model.place((str(backup), 0)) or 0)
    wait(lambda: page.key.card.asked)
    card = page.key.card
    card.focus()
    card.key.setText(sealed.PASSPHRASE)
    rest(400)
    save("s-sleutel")
    card.key.setText("1" * 30)
    card.open.click()
    wait(lambda: page.key.sealed.said(str(backup)))
    card.show_key.setChecked(True)
    card.key.setText(sealed.PASSPHRASE)
    save("s-sleutel-verkeerd")
    view.resize(1024, 700)
    rest(300)
    save("s-sleutel-1024x700")
    view.resize(1440, 900)
    card.open.click()
    rest(30)
    save("s-sleutel-bezig")
    wait(lambda: desk.chats.opened(str(backup)) and not desk.task.running)
    rest(500)
    save("s-sleutel-geopend")
    desk.secure()
    wait(lambda: not desk.rows)
    backup = folder / "threema-backup.zip"
    backup.write_bytes(sealed.threema())
    desk.add([backup])
    wait(lambda: desk.task and not desk.task.running and desk.rows)
    desk.secure()
    wait(lambda: not desk.rows)
    view.go("zoeken")
    page.list.search.setText("threema-backup")
    wait(lambda: page.list.model.rowCount())
    wait(lambda: page.key.card.asked)
    card.focus()
    save("s-sleutel-vastgelegd")
    card.unfold.click()
    rest(300)
    save("s-sleutel-vastgelegd-open")
