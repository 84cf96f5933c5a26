"""Invented stores for the tests of .pst, and how they are read."""

from __future__ import annotations

from pathlib import Path

from archiver.intake import pst
from archiver.intake.protocol import Limits, ParseContext
from archiver.model import EmailMessage, Record, Unreadable
from tests.helpers.pst_maker import BINARY, File, Mail, StoreMaker

INNER = Mail(
    "Binnenste",
    plain="dieper",
    sender=("Ada", "SMTP", "ada@voorbeeld.nl"),
    files=[File("diep.bin", b"\x00\x01diep" * 50)],
)
OUTER = Mail(
    "Begroting café €",
    plain="Beste Bo,\r\n\r\nzie bijlage.\r\n",
    html=b"<html><body>zie <img src='cid:plaatje'></body></html>",
    sender=("Jansen, C. (Carla)", "SMTP", "carla@voorbeeld.nl"),
    people=[
        (1, "Bo", "SMTP", "bo@voorbeeld.nl", None),
        (2, "Team Zorg", "EX", "/o=org/cn=zorg", "zorg@voorbeeld.nl"),
        (3, "Stille Lezer", "EX", "/o=org/cn=stil", None),
    ],
    sent=1_700_000_000,
    files=[
        File("rapport – definitief.pdf", b"%PDF" + bytes(range(256)) * 200, "application/pdf"),
        File("plaatje.png", b"\x89PNG", "image/png", content_id="plaatje"),
        File("Binnenste", item=INNER),
        File("blad.xls", b"\xd0\xcf\x11\xe0ole", ole=True),
        File("ver weg.docx", path="\\\\server\\map\\ver weg.docx"),
    ],
    extra={
        0x1035: (BINARY, b""),
        0x0071: (BINARY, bytes(range(22))),
        0x0E06: (0x40, (133_444_736_000_000_000).to_bytes(8, "little")),
    },
)


def store(
    folder: Path, form: str = "unicode", cipher: int = 1, packed: bool = False, **more: Mail
) -> Path:
    path = folder / "postvak.pst"
    with path.open("w+b") as stream:
        maker = StoreMaker(stream, form, cipher, packed)
        top = maker.folder(0x401, "Boven")
        inbox = maker.folder(0x402, "Postvak IN", top)
        maker.add(inbox, OUTER)
        for mail in more.values():
            maker.add(inbox, mail)
        maker.finish()
    return path


def mails(path: Path, limits: Limits | None = None) -> list[EmailMessage]:
    found = records(path, limits)
    assert all(isinstance(r, EmailMessage) for r in found), found
    return [r for r in found if isinstance(r, EmailMessage)]


def records(path: Path, limits: Limits | None = None) -> list[Record]:
    return list(pst.parse(path, ParseContext(limits or Limits())))


def codes(record: EmailMessage | Unreadable) -> list[str]:
    return [f.code for f in record.findings]
