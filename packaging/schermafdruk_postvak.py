"""The pictures of a mailbox: folders and choice, the outcome, an attachment, a code page, a signature."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.app import Window

PEOPLE = (
    ("Joris Blankert", "j.blankert@veldermeer.example"),
    ("Samira Tolhuizen", "s.tolhuizen@veldermeer.example"),
    ("Aannemer Kadewerk", "planning@kadewerk.example"),
    ("Nieuwsbrief Gemeenten", "nieuws@gemeentebrief.example"),
)
SUBJECTS = (
    "Voortgang van de Kadebrug",
    "Nachtwerk in week 47",
    "Verslag van het overleg",
    "Vraag van een bewoner over geluid",
    "Meerwerk van de aannemer",
    "Planning van de kade",
)
BOXES = {
    "Inbox": 420,
    "Verzonden": 310,
    "Projecten": 0,
    "Projecten.sbd/Kadebrug": 260,
    "Projecten.sbd/Sporthal": 96,
    "Nieuwsbrieven": 180,
    "Privé": 44,
}


def thunderbird(folder: Path) -> Path:
    """Write a profile of Thunderbird with invented messages."""
    (folder / "Projecten.sbd").mkdir(parents=True)
    number = 0
    for name, count in BOXES.items():
        parts = []
        for _ in range(count):
            parts.append(_mail(number, name))
            number += 1
        if parts:
            (folder / name).write_bytes(b"".join(parts))
            (folder / f"{name}.msf").write_bytes(b"// index\n")
    return folder


def _mail(number: int, box: str) -> bytes:
    who, address = PEOPLE[3 if box == "Nieuwsbrieven" else number % 3]
    made = EmailMessage()
    made["From"] = f"{who} <{address}>"
    made["To"] = "Mira van Oosterhof <m.vanoosterhof@veldermeer.example>"
    made["Subject"] = SUBJECTS[number % len(SUBJECTS)]
    made["Date"] = datetime(2023, 3, 1, 8, 0, tzinfo=UTC) + timedelta(hours=number * 19)
    made["Message-ID"] = f"<postvak-{number}@veldermeer.example>"
    made.set_content("Beste Mira,\n\nHierbij de stukken. Wil je ze voor donderdag lezen?\n")
    if number % 7 == 0:
        made.add_attachment(
            b"x" * 4_000, maintype="application", subtype="pdf", filename="plan.pdf"
        )
    line = b"From - Mon Nov 16 09:00:00 2026\n"
    return line + made.as_bytes().replace(b"\r\n", b"\n") + b"\n\n"


def pictures(
    window: Window,
    place: Path,
    wait: Callable[..., None],
    rest: Callable[[int], None],
    save: Callable[[str], None],
) -> None:
    """Make them on a window that is open; everything that was dropped is secured afterwards."""
    view, page = window.view, window.view.mailbox_page
    view.add([thunderbird(place / "Mail van Mira")])
    wait(lambda: page.mailbox.whole and not page.mailbox.counting)
    box = page.mailbox.boxes[0]
    page.mailbox.tick([(box, "Nieuwsbrieven"), (box, "Privé")], False)
    page.side.since.setText("01-01-2024")
    page.side.senders.setText("Blankert, Kadewerk")
    page.side.apply()
    page.tree.setCurrentIndex(page.folders.index(0, 0))
    rest(400)
    save("p-postvak")
    view.resize(1024, 700)
    rest(300)
    save("p-postvak-1024x700")
    view.resize(1440, 900)
    page.act()
    wait(lambda: page.mailbox.fates and not page.mailbox.counting)
    save("p-postvak-klaar")
    page.act()
    rest(300)
    _attachment_and_proof(window, place, wait, rest, save)


def _attachment_and_proof(
    window: Window,
    place: Path,
    wait: Callable[..., None],
    rest: Callable[[int], None],
    save: Callable[[str], None],
) -> None:
    """A signed message with attachments and the warning; then an old message in unknown characters."""
    from tests.archiver.intake import test_authenticity_smime as smime
    from tests.helpers import outlook

    view, desk = window.view, window.desk
    page = view.list_page
    folder = place / "Twee berichten"
    folder.mkdir()
    head = b"Date: Tue, 17 Nov 2026 14:52:00 +0100\r\n"
    inner = EmailMessage()
    inner.set_content(
        "Beste Mira,\n\nHierbij de begroting van de kade en de foto's van gisteren.\n"
    )
    for name in ("begroting kade.xlsm", "verslag.pdf"):
        inner.add_attachment(b"x" * 90_000, maintype="application", subtype="x", filename=name)
    text = inner.as_bytes().replace(b"\n", b"\r\n")
    signed = head + smime.detached_mail(smime.cms_of(text), text)
    (folder / "a.eml").write_bytes(signed)
    old = "Сообщение о мосте через реку и о сроках работ"
    (folder / "b.msg").write_bytes(
        outlook.msg({0x001A: "IPM.Note", 0x0037: old, 0x1000: old}, codec="cp1251")
    )
    desk.add([folder])
    wait(lambda: desk.task and not desk.task.running and len(desk.rows) == 2)
    for place_, name in ((0, "p-bijlage-echtheid"), (1, "p-tekenset")):
        page.list.go_to(place_)
        wait(lambda: not page.inspector.proofs.isHidden())
        row = page.inspector.reader.attachments
        if row.take_focus():
            view.focusWidget().click()
        rest(400)
        save(name)
