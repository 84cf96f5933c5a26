"""The pictures of Vergelijken: the two published phones of the ministry's group, else invented ones."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PUBLISHED = "corpus/chat/whatsapp/minvws-merger"
E2E = "Berichten en oproepen worden end-to-end versleuteld. Tik voor meer informatie."
TALK = (
    ("14:00", "Mira van Oosterhof", "De vergunning voor de kade ligt bij mij op tafel."),
    ("14:02", "Joris Blankert", "Mooi, dan kan de aannemer donderdag beginnen."),
    ("14:05", "Samira Tolhuizen", "Ik stuur vanmiddag een brief naar de bewoners."),
    ("14:11", "Mira van Oosterhof", "Let op het geluid in de nacht, daar komen vragen over."),
    ("14:20", "Samira Tolhuizen", "De raad wil voor vrijdag weten wat het kost."),
    ("14:31", "Joris Blankert", "Ongeveer twee ton, zonder het meerwerk."),
)


def phones(place: Path) -> list[tuple[Path, str]]:
    """Give two exports of one group and whose phone each is of."""
    named = os.environ.get("ARCHIEFKLAAR_SHARED")
    folder = (Path(named) if named else ROOT.parent / "shared") / PUBLISHED
    if folder.is_dir():
        found = {who: next((folder / who).glob("WhatsApp*.txt")) for who in ("Alice", "Carol")}
        return [(path, who) for who, path in found.items()]
    print("CORPUS ABSENT: the comparison is shown with invented phones")
    labels = {"Joris Blankert": "Joris Werk", "Samira Tolhuizen": "+31 6 12345678"}
    other = [(t, labels.get(who, who), text) for t, who, text in TALK]
    other[4] = (*other[4][:2], "De raad wil vóór vrijdag graag weten wat het kost.")
    del other[3]
    return [(_written(place, "een", TALK), "Mira"), (_written(place, "twee", other), "Joris")]


def _written(place: Path, name: str, talk: object) -> Path:
    path = place / name / "WhatsApp-chat met Team Kade.txt"
    path.parent.mkdir()
    lines = [f"16-11-2026 13:59 - {E2E}"]
    lines += [f"16-11-2026 {t} - {who}: {text}" for t, who, text in talk]  # type: ignore[attr-defined]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def secure(werkmap: Path, place: Path) -> list[str]:
    """Take both exports in, in a new work folder; gives their ids."""
    from archiver.bootstrap import open_archive
    from archiver.progress import Silent
    from archiver.services.intake import TakeIn, take_in

    archive = open_archive(werkmap, origin="ui")
    ids = []
    for path, who in phones(place):
        ids += take_in(archive, TakeIn((path,), owner=who), Silent()).changes.ids
    archive.close()
    return ids


def pictures(
    view: object, ids: list[str], save: Callable[[str], None], wait: Callable[..., None]
) -> None:
    """Show the comparison in a window and save it: everything, the differences, a narrow window."""
    page = view.comparison_page  # type: ignore[attr-defined]
    view.resize(1440, 900)  # type: ignore[attr-defined]
    view.go("getagd")  # type: ignore[attr-defined]
    view.conversations.compare(ids[0], ids[1])  # type: ignore[attr-defined]
    wait(lambda: page.model.compared is not None)
    save("i-vergelijken")
    page.filter(only=True)
    while page.model.row(page.view.currentIndex().row()).kind != "differs" or (
        page.model.row(page.view.currentIndex().row()).reason != "wording"
    ):
        page.go(1)
    page.side.why.setText("Dezelfde groep: telefoons van beide collega's")
    save("i-vergelijken-verschillen")
    view.resize(1024, 700)  # type: ignore[attr-defined]
    save("i-vergelijken-1024x700")
    view.resize(1440, 900)  # type: ignore[attr-defined]
    page.leave()
