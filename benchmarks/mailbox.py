"""An invented Dutch mailbox of any size, the same on every machine: as mbox and as Maildir.

Message number n depends on n alone, so a mailbox of 1,000 is the start of one of 10,000. About 12.4 kB a
message: replies in threads, text with and without HTML, encoded words, quoted-printable, three in ten with
attachments (documents, pictures, inline pictures, one in forty an attached message).
"""

from __future__ import annotations

import base64
import quopri
import random
import textwrap
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from email.header import Header
from email.utils import format_datetime
from pathlib import Path

FIRST = [
    "Sanne",
    "Ömer",
    "Jan",
    "Karin",
    "Loïs",
    "Pieter",
    "Fatima",
    "Daan",
    "Noor",
    "Björn",
    "Anouk",
    "Willem",
    "Iris",
    "Renée",
    "Joost",
    "Mirjam",
]
LAST = [
    "de Vries",
    "Bakker",
    "van den Berg",
    "Yılmaz",
    "Jansen",
    "Visser",
    "Smit",
    "Meijer",
    "de Boer",
    "Mulder",
    "El Amrani",
    "Bos",
    "Vos",
    "Peters",
    "Hendriks",
    "van Leeuwen",
    "Dekker",
    "Brouwer",
    "de Wit",
    "Dijkstra",
    "Smits",
    "de Graaf",
    "van der Meer",
    "Kok",
]
OFFICES = (
    "gemeente-kadeburg",
    "waterschap-laagland",
    "omgevingsdienst-noordrand",
    "provincie-veenland",
)
SUBJECTS = (
    "Verslag overleg Kadebrug",
    "Reactie bewonersbrief parkeren",
    "Nota grondexploitatie — versie {n}",
    "Vraag over vergunning café De Hoek",
    "Planning raadsvergadering week {n}",
    "Besluit subsidie buurthuis",
    "Coördinatie wegwerkzaamheden",
    "Factuur {n} ter goedkeuring",
)
SENTENCES = (
    "Graag ontvang ik voor vrijdag een reactie op de bijgevoegde nota.",
    "De wethouder is akkoord met het voorstel zoals het nu voorligt.",
    "In de bijlage staat het verslag van het overleg van afgelopen dinsdag.",
    "De bewoners hebben vragen over de bereikbaarheid tijdens de werkzaamheden.",
    "Wij nemen de opmerkingen mee in de volgende versie van het stuk.",
    "De begroting is nog niet rond; de provincie draagt een derde deel bij.",
    "Kun je nagaan of dit dossier al is afgesloten?",
    "Het college bespreekt dit punt in de vergadering van volgende week.",
    "Een één-op-één gesprek met de indiener lijkt mij de beste weg.",
    "De termijn voor bezwaar loopt af op de laatste dag van de maand.",
)
DOCUMENTS = (
    ("Verslag overleg {n}.pdf", "application/pdf", b"%PDF-1.7\n%"),
    (
        "Nota {n} coördinatie.docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        b"PK\x03\x04",
    ),
    ("begroting_{n}.xlsx", "application/vnd.ms-excel", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    ("foto_{n}.jpg", "image/jpeg", b"\xff\xd8\xff\xe0"),
)
PEOPLE = 400
START = datetime(2024, 3, 4, 8, 0, tzinfo=UTC)


def message(number: int) -> bytes:
    """Give message `number` with LF line ends, as a mailbox on disk has it."""
    dice = random.Random(number)
    lines = [*_header(number, dice)]
    text = _text(dice)
    draw = dice.random()
    if draw < 0.35:
        lines += [
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: quoted-printable",
            "",
            _quoted(text),
        ]
    elif draw < 0.70:
        lines += _multipart("alternative", number, [_plain(text), _html(text, None)])
    else:
        lines += _with_attachments(number, dice, text)
    return ("\n".join(lines) + "\n").encode("utf-8")


def heavy(number: int) -> bytes:
    """Give message `number` with one document of 55 kB: 76 kB, for a mailbox of gigabytes."""
    dice = random.Random(number)
    lines = [*_header(number, dice)]
    head = ["Content-Type: application/pdf", 'Content-Disposition: attachment; filename="nota.pdf"']
    document = _encoded(dice, head, b"%PDF-1.7\n", 55_000)
    lines += _multipart("mixed", number, [_plain(_text(dice)), document])
    return ("\n".join(lines) + "\n").encode("utf-8")


def mbox(path: Path, count: int, make: Callable[[int], bytes] = message) -> None:
    """Write the mailbox as one mbox file (mboxrd quoting)."""
    with path.open("wb") as out:
        for number in range(count):
            moment = START + timedelta(minutes=17 * number)
            out.write(b"From afzender@kadeburg.example %s\n" % moment.ctime().encode())
            out.write(make(number).replace(b"\nFrom ", b"\n>From "))
            out.write(b"\n")


def maildir(folder: Path, count: int) -> None:
    """Write the same mailbox as a Maildir, one file a message."""
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    for number in range(count):
        name = f"{1_709_539_200 + number}.{number}.kadeburg:2,S"
        (folder / "cur" / name).write_bytes(message(number))


def loose(folder: Path, count: int) -> None:
    """Write the same messages as loose .eml files."""
    folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"{number:07d}.eml").write_bytes(message(number))


def _person(number: int) -> tuple[str, str]:
    name = f"{FIRST[number % len(FIRST)]} {LAST[number % len(LAST)]}"
    return name, f"medewerker{number}@{OFFICES[number % len(OFFICES)]}.example"


def _address(number: int) -> str:
    name, address = _person(number)
    return f"{name if name.isascii() else Header(name, 'utf-8').encode()} <{address}>"


def _id(number: int) -> str:
    return f"<{number:08d}.{number * 2654435761 % 2**32:08x}@mail.kadeburg.example>"


def _header(number: int, dice: random.Random) -> Iterator[str]:
    moment = START + timedelta(minutes=17 * number)
    zone = timezone(timedelta(hours=2 if 3 < moment.month < 11 else 1))
    stamp = format_datetime(moment.astimezone(zone))
    reply = number % 5 if number > 4 else 0
    title = SUBJECTS[(number - reply) % len(SUBJECTS)].format(n=(number - reply) % 97)
    title = f"Re: {title}" if reply else title
    host = f"mx{dice.randrange(4)}.kadeburg.example"
    yield f"Return-Path: <{_person(number % PEOPLE)[1]}>"
    yield f"Received: from {host} (10.0.{number % 250}.7) by store.kadeburg.example\n\tid {number:x}; {stamp}"
    yield f"Received: from werkplek{number % 900} by {host} with ESMTPS\n\tid {number:x}A; {stamp}"
    yield f"DKIM-Signature: v=1; a=rsa-sha256; d=kadeburg.example; s=s1;\n\tbh={dice.getrandbits(256):064x};"
    yield f"Message-ID: {_id(number)}"
    if reply:
        yield f"In-Reply-To: {_id(number - 1)}"
        yield "References: " + "\n\t".join(_id(number - back) for back in range(reply, 0, -1))
    yield f"Date: {stamp}"
    yield f"From: {_address(dice.randrange(PEOPLE))}"
    yield "To: " + ",\n\t".join(
        _address(dice.randrange(PEOPLE)) for _ in range(dice.choice((1, 1, 2, 4)))
    )
    if dice.random() < 0.4:
        yield "Cc: " + ",\n\t".join(_address(dice.randrange(PEOPLE)) for _ in range(2))
    yield f"Subject: {title if title.isascii() else Header(title, 'utf-8').encode()}"
    yield "MIME-Version: 1.0"
    yield "X-Mailer: Kantoorpost 4.2"


def _text(dice: random.Random) -> str:
    return "\n\n".join(
        " ".join(dice.choices(SENTENCES, k=dice.randrange(2, 7)))
        for _ in range(dice.randrange(2, 9))
    )


def _quoted(text: str) -> str:
    return quopri.encodestring(text.encode("utf-8")).decode("ascii")


def _plain(text: str) -> list[str]:
    return [
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        "\n".join(textwrap.wrap(text, 76)),
    ]


def _html(text: str, picture: str | None) -> list[str]:
    shown = f'<img src="cid:{picture}">' if picture else ""
    body = "".join(f"<p class=3D=22Tekst=22>{_quoted(p)}</p>\n" for p in text.split("\n\n"))
    return [
        "Content-Type: text/html; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
        "",
        f"<html><body>{_quoted(shown)}{body}</body></html>",
    ]


def _with_attachments(number: int, dice: random.Random, text: str) -> list[str]:
    draw = dice.random()
    if draw < 0.08:
        inner = message(number + 50_000_000).decode("utf-8")
        attached = ["Content-Type: message/rfc822", "Content-Disposition: attachment", "", inner]
        return _multipart("mixed", number, [_plain(text), attached])
    if draw < 0.25:
        picture = f"beeld{number}@kadeburg.example"
        head = f'Content-Type: image/png; name="beeld{number}.png"\nContent-ID: <{picture}>'
        inline = _encoded(dice, [head, "Content-Disposition: inline"], b"\x89PNG\r\n\x1a\n", 9_000)
        return _multipart("related", number, [_html(text, picture), inline])
    parts = [_plain(text)]
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        name, kind, magic = dice.choice(DOCUMENTS)
        name = name.format(n=number)
        shown = f'filename="{name}"' if name.isascii() else f"filename*=UTF-8''{_percent(name)}"
        head = [f"Content-Type: {kind}", f"Content-Disposition: attachment;\n\t{shown}"]
        parts.append(_encoded(dice, head, magic, dice.randrange(4_000, 31_000)))
    return _multipart("mixed", number, parts)


def _percent(name: str) -> str:
    return "".join(chr(b) if chr(b).isalnum() and b < 128 else f"%{b:02X}" for b in name.encode())


def _encoded(dice: random.Random, head: list[str], magic: bytes, size: int) -> list[str]:
    data = base64.encodebytes(magic + dice.randbytes(size)).decode("ascii")
    return [*head, "Content-Transfer-Encoding: base64", "", data.rstrip("\n")]


def _multipart(kind: str, number: int, parts: list[list[str]]) -> list[str]:
    boundary = f"=_deel_{kind}_{number:09d}"
    lines = [f'Content-Type: multipart/{kind}; boundary="{boundary}"', ""]
    if number % 5 == 0:
        lines.append("Dit is een bericht in delen.")
    for part in parts:
        lines += [f"--{boundary}", *part]
    return [*lines, f"--{boundary}--"]


if __name__ == "__main__":
    import sys

    mbox(Path(sys.argv[1]), int(sys.argv[2]))
