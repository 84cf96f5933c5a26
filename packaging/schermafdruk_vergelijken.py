"""The pictures of Vergelijken and Heel gesprek: two published phones of the ministry, and invented ones."""

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


LATER = (
    ("09:00", "Joris Blankert", "De aannemer is begonnen, alles loopt volgens plan."),
    ("09:03", "Mira van Oosterhof", "Fijn om te horen. Ik meld het donderdag aan de raad."),
    ("09:10", "Samira Tolhuizen", "Er kwamen twee vragen binnen over het geluid in de nacht."),
)


def phones() -> list[tuple[Path, str]]:
    """Give two published exports of one group and whose phone each is of; none without the corpus."""
    named = os.environ.get("ARCHIEFKLAAR_SHARED")
    folder = (Path(named) if named else ROOT.parent / "shared") / PUBLISHED
    if folder.is_dir():
        found = {who: next((folder / who).glob("WhatsApp*.txt")) for who in ("Alice", "Carol")}
        return [(path, who) for who, path in found.items()]
    print("CORPUS ABSENT: the comparison is shown with invented phones")
    return []


def _invented(place: Path) -> list[tuple[Path, str]]:
    """Write two phones of one group: other names, one message deleted on one, one in other words."""
    labels = {"Joris Blankert": "Joris Werk", "Samira Tolhuizen": "+31 6 12345678"}
    other = [(t, labels.get(who, who), text) for t, who, text in TALK]
    other[4] = (*other[4][:2], "De raad wil vóór vrijdag graag weten wat het kost.")
    del other[3]
    return [(_written(place, "een", TALK), "Mira"), (_written(place, "twee", other), "Joris")]


def _written(place: Path, name: str, talk: object) -> Path:
    path = place / name / "WhatsApp-chat met Team Kade.txt"
    path.parent.mkdir(parents=True)
    lines = [f"16-11-2026 13:59 - {E2E}"]
    lines += [f"16-11-2026 {t} - {who}: {text}" for t, who, text in talk]  # type: ignore[attr-defined]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _later(path: Path, name: str) -> Path:
    """Write what the same phone gives a week later: everything, and three messages more."""
    made = path.parent.parent / name / path.name
    made.parent.mkdir()
    more = "".join(f"23-11-2026 {time} - {who}: {text}\n" for time, who, text in LATER)
    made.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
    return made


def secure(werkmap: Path, place: Path) -> list[str]:
    """Take in two phones, and three exports of one group that are linked; gives their ids.

    Without the corpus the two phones are the first of the three.
    """
    from archiver.bootstrap import open_archive
    from archiver.progress import Silent
    from archiver.services.conversation_parts import LinkExports, link_exports
    from archiver.services.intake import TakeIn, take_in

    archive = open_archive(werkmap, origin="ui")
    ids = []
    three = _invented(place / "groep")
    three.append((_later(three[0][0], "drie"), "Mira"))
    for path, who in (*phones(), *three):
        ids += take_in(archive, TakeIn((path,), owner=who), Silent()).changes.ids
    first, *others = ids[-len(three) :]
    for other in others:
        link_exports(archive, LinkExports(first, other, "zelfde groep"), Silent())
    archive.close()
    return [*ids[:2], first]


def pictures(
    view: object, ids: list[str], save: Callable[[str], None], wait: Callable[..., None]
) -> None:
    """Show both pages in a window and save them: everything, the differences, a narrow window."""
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
    _search(page, "de")
    save("i-vergelijken-zoeken-1024x700")
    view.resize(1440, 900)  # type: ignore[attr-defined]
    page.filter(only=False)
    save("i-vergelijken-zoeken")
    page.leave()
    _whole(view, ids[2], save, wait)


def _whole(
    view: object, item_id: str, save: Callable[[str], None], wait: Callable[..., None]
) -> None:
    page = view.conversation_page  # type: ignore[attr-defined]
    view.conversations.show_whole(item_id)  # type: ignore[attr-defined]
    wait(lambda: page.model.whole is not None)
    save("i-heel-gesprek")
    page.go(1)
    save("i-heel-gesprek-anders")
    _search(page, "vrijdag")
    save("i-heel-gesprek-zoeken")
    view.resize(1024, 700)  # type: ignore[attr-defined]
    save("i-heel-gesprek-zoeken-1024x700")
    page.finder.close_row()
    save("i-heel-gesprek-1024x700")
    view.resize(1440, 900)  # type: ignore[attr-defined]
    page.leave()


def _search(page: object, words: str) -> None:
    """Search as a user does: Ctrl+F, words, Enter."""
    page.find_open()  # type: ignore[attr-defined]
    page.finder.words.setText(words)  # type: ignore[attr-defined]
    page.finder.next_hit(1)  # type: ignore[attr-defined]


def alike(
    window: object, place: Path, save: Callable[[str], None], wait: Callable[..., None]
) -> None:
    """Drop an export that looks like one in the vault, and compare it before it is secured."""
    view, desk = window.view, window.desk  # type: ignore[attr-defined]
    dropped = _written(place / "nieuw", "vier", TALK[:5])
    view.go("nieuw")
    desk.add([dropped])
    wait(lambda: desk.comparisons.alike and desk.runner.busy == 0)
    wait(lambda: view.conversations.card.asked)
    save("i-lijkt-op")
    page = view.comparison_page
    view.conversations.compare_here()
    wait(lambda: page.model.compared is not None)
    page.side.why.setText("Dezelfde groep, eerder geëxporteerd")
    save("i-vergelijken-bestand")
    page.leave()
