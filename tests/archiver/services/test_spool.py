from __future__ import annotations

import errno
from pathlib import Path

import pytest

from archiver.errors import DiskFull
from archiver.model import Conversation, EmailMessage, Span
from archiver.services import spool
from archiver.services.spool import Spool
from archiver.wire import dump


def mail(index: int) -> EmailMessage:
    # A folder name that is no Unicode, as a file system may give it, must survive.
    return EmailMessage("eml", index, Span(0, 1), 1, "0" * 64, subject="é\n€", folder="map\udce9")


def test_records_come_back_in_order_and_more_than_once(tmp_path: Path) -> None:
    waiting = Spool(tmp_path)
    chat = Conversation("c", "whatsapp", "whatsapp", 3, 1, "0" * 64, title="Kade")
    given = [mail(0), mail(1), mail(2), chat]
    for record in given:
        waiting.add(dump(record))
    assert waiting.count == 4
    assert list(waiting) == given
    assert list(waiting) == given
    waiting.close()


def test_an_empty_spool_gives_nothing(tmp_path: Path) -> None:
    waiting = Spool(tmp_path)
    assert (waiting.count, list(waiting)) == (0, [])
    waiting.close()


def test_what_does_not_fit_in_memory_waits_in_the_folder_and_leaves_nothing(tmp_path: Path) -> None:
    waiting = Spool(tmp_path)
    count = spool.IN_MEMORY // len(dump(mail(0))) + 100
    for index in range(count):
        waiting.add(dump(mail(index)))
    assert [r.index for r in waiting] == list(range(count))
    waiting.close()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_room_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit in memory goes to disk, while adding or when it is read back."""
    for step in ("write", "seek"):
        waiting = Spool(tmp_path)

        def full(*_: object) -> None:
            raise OSError(errno.ENOSPC, "no room")

        waiting.add(dump(mail(0)))
        with monkeypatch.context() as patch:
            patch.setattr(waiting._lines, step, full, raising=False)
            with pytest.raises(DiskFull):
                waiting.add(dump(mail(1))) if step == "write" else list(waiting)
        waiting.close()
