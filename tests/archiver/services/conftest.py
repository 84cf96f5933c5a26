"""A work folder, and a drop of invented messages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.services.archive import Archive
from tests.helpers.messages import WHATSAPP, mail, mbox, work_folder


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    opened = work_folder(tmp_path / "werkmap")
    yield opened
    opened.close()


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    """A folder with an eml, a message in a message, a mailbox and a WhatsApp chat with a photo."""
    folder = tmp_path / "binnen"
    chat = folder / "WhatsApp-chat met Team Brug"
    chat.mkdir(parents=True)
    plain = mail("Losse vraag", number=1)
    (folder / "1 los.eml").write_bytes(plain)
    inner = mail("Binnenste", number=2, attachments=[("plan.txt", "text/plain", b"een plan")])
    outer = mail(
        "Doorgestuurd",
        number=3,
        attachments=[("leeg.txt", "text/plain", b""), ("tabel.csv", "text/csv", b"a;b\n1;2\n")],
        inner=inner,
    )
    (folder / "2 doorgestuurd.eml").write_bytes(outer)
    answers = [
        mail(f"Bericht {n}", number=n, reply_to="<bericht-1@veldermeer.example>")
        for n in range(10, 14)
    ]
    (folder / "3 postvak.mbox").write_bytes(mbox(answers))
    (chat / "_chat.txt").write_text(WHATSAPP, encoding="utf-8")
    (chat / "00000003-PHOTO-2026-11-18-08-00-10.jpg").write_bytes(
        b"\xff\xd8\xff\xe0" + b"foto" * 40
    )
    return folder
