"""Invented mailboxes of several folders: a .pst, a Thunderbird profile, a Maildir, a zip."""

from __future__ import annotations

import zipfile
from pathlib import Path

from tests.helpers.messages import mail, mbox
from tests.helpers.pst_maker import Mail, StoreMaker

DAY = 86_400
FIRST = 1_700_000_000  # 14 November 2023
PEOPLE = (("Jan de Wit", "jan@voorbeeld.nl"), ("Fatma Demir", "fatma@gemeente.example"))


def pst(path: Path, folders: dict[str, int], text: str = "Hierbij de stukken.") -> Path:
    """Write a store: folder name and number of messages; a day apart, two senders in turn."""
    number = 0
    with path.open("w+b") as stream:
        maker = StoreMaker(stream)
        top = maker.folder(0x401, "Postbus")
        for place, (name, count) in enumerate(folders.items()):
            box = maker.folder(0x402 + place, name, top)
            for _ in range(count):
                who, address = PEOPLE[number % 2]
                one = Mail(
                    f"Bericht {number}",
                    plain=text,
                    sender=(who, "SMTP", address),
                    sent=FIRST + number * DAY,
                )
                maker.add(box, one)
                number += 1
        maker.finish()
    return path


def maildir(folder: Path) -> Path:
    """Write a Maildir++: three messages in INBOX, two in Sent/2026."""
    for box, count, first in (("", 3, 0), (".Sent.2026", 2, 3)):
        for name in ("cur", "new", "tmp"):
            (folder / box / name).mkdir(parents=True, exist_ok=True)
        for number in range(first, first + count):
            place = folder / box / "cur" / f"{number}.host:2,S"
            place.write_bytes(mail(f"Los {number}", number=200 + number))
    return folder


def thunderbird(folder: Path) -> Path:
    """Write a profile: Inbox with three messages, Archief/2025 below it with two."""
    (folder / "Archief.sbd").mkdir(parents=True)
    boxes = {"Inbox": range(3), "Archief": range(3, 4), "Archief.sbd/2025": range(4, 6)}
    for name, numbers in boxes.items():
        (folder / name).write_bytes(mbox([mail(f"T {n}", number=300 + n) for n in numbers]))
        (folder / f"{name}.msf").write_bytes(b"// index\n")
    return folder


def gmail(path: Path) -> Path:
    """Write a takeout of Gmail: six messages, one without labels, one with a label that has a comma."""
    labels = (
        b'=?UTF-8?Q?Inbox,Werk/Kadebrug,"Kunst,_cultuur"?=',
        b"=?UTF-8?Q?Inbox,Priv=C3=A9?=",
        b"Inbox,Werk/Kadebrug",
        b"Werk,Inbox",
        b"Sent,\r\n =?UTF-8?Q?Priv=C3=A9?=",
        b"",
    )
    made = [
        b"X-Gmail-Labels: " + line + b"\r\n" + mail(f"G {n}", number=500 + n)
        for n, line in enumerate(labels)
    ]
    path.write_bytes(mbox(made))
    return path


def zipped(path: Path) -> Path:
    """Write a zip: two messages in a folder, one loose, a mailbox of three, and a picture."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(2):
            archive.writestr(f"map/{number}.eml", mail(f"Z {number}", number=400 + number))
        archive.writestr("los.eml", mail("Z los", number=402))
        more = [mail(f"Z {n}", number=400 + n) for n in range(3, 6)]
        archive.writestr("oud/postvak.mbox", mbox(more))
        archive.writestr("foto.png", b"\x89PNG\r\n\x1a\n" + b"x" * 200)
    return path
