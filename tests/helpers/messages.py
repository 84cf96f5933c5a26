"""Invented messages and chats as bytes, and a work folder to take them in."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Sequence
from pathlib import Path

from archiver.bootstrap import open_archive
from archiver.services.archive import Archive
from archiver.services.demo import samples

OWNER = "Mira van Oosterhof"
TEXT = (
    "Beste collega,\r\n\r\nHierbij de stukken. Wil je ze voor de vergadering van donderdag lezen? "
    "Ik hoor graag of je het eens bent met de tekst over de brug.\r\n"
)
WHATSAPP = (
    "[17-11-2026 09:12:01] Mira van Oosterhof: Goedemorgen\n"
    "[17-11-2026 09:13:44] Joris Blankert: Ik bel om tien uur\n"
    "[18-11-2026 08:00:10] Joris Blankert: ‎<bijgevoegd: 00000003-PHOTO-2026-11-18-08-00-10.jpg>\n"
)


def mail(
    subject: str = "Vraag over de brug",
    *,
    number: int = 1,
    text: str = TEXT,
    attachments: Sequence[tuple[str, str, bytes]] = (),
    inner: bytes | None = None,
    reply_to: str | None = None,
    date: str | None = "Tue, 17 Nov 2026 14:52:00 +0100",
) -> bytes:
    """Make a message of CRLF lines; `inner` becomes an attached message with exactly those bytes."""
    head = [
        "From: Joris Blankert <j.blankert@veldermeer.example>",
        "To: Mira van Oosterhof <m.vanoosterhof@veldermeer.example>",
        f"Subject: {subject}",
        f"Message-ID: <bericht-{number}@veldermeer.example>",
        "MIME-Version: 1.0",
    ]
    if date is not None:
        head.append(f"Date: {date}")
    if reply_to is not None:
        head.append(f"In-Reply-To: {reply_to}")
    top = "\r\n".join(head).encode() + b"\r\n"
    body = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + text.encode()
    if not attachments and inner is None:
        return top + body
    parts = [body]
    for name, media_type, data in attachments:
        encoded = base64.encodebytes(data).replace(b"\n", b"\r\n")
        parts.append(
            f'Content-Type: {media_type}; name="{name}"\r\n'
            f'Content-Disposition: attachment; filename="{name}"\r\n'
            "Content-Transfer-Encoding: base64\r\n\r\n".encode()
            + encoded
        )
    if inner is not None:
        parts.append(b"Content-Type: message/rfc822\r\n\r\n" + inner)
    top += b'Content-Type: multipart/mixed; boundary="grens-' + str(number).encode() + b'"\r\n\r\n'
    fence = b"--grens-" + str(number).encode()
    return top + b"".join(fence + b"\r\n" + p + b"\r\n" for p in parts) + fence + b"--\r\n"


def mbox(messages: Sequence[bytes]) -> bytes:
    """Make a mailbox of messages."""
    separator = b"From joris@veldermeer.example Tue Nov 17 14:52:00 2026\n"
    return b"".join(separator + m.replace(b"\r\n", b"\n") + b"\n" for m in messages)


def work_folder(path: Path, actor: str = OWNER) -> Archive:
    """Open a new work folder with the selection lists of the samples."""
    path.mkdir(parents=True, exist_ok=True)
    if not (path / "selectie").exists():
        shutil.copytree(samples() / "selectie", path / "selectie")
    return open_archive(path, actor=actor, origin="test")
