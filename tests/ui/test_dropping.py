"""What can be dropped: files, virtual files of mail programs, and what is refused with a sentence."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QMimeData, QUrl
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from tests.ui.conftest import Driver
from ui.dropping.mime import (
    CONTENTS,
    DESCRIPTOR,
    MAIL_PROGRAM,
    Files,
    Unreadable,
    VirtualFiles,
    could_hold,
    held,
    unpack,
)

MAIL = b"From: joris@veldermeer.example\r\nSubject: Lot 2\r\n\r\nBeste Mira\r\n"


def descriptor(*files: tuple[str, int | None]) -> bytes:
    """FILEGROUPDESCRIPTORW as Windows writes it: a count, then 592 bytes per file."""
    made = struct.pack("<I", len(files))
    for name, size in files:
        flags = 0x40 if size is not None else 0
        head = struct.pack("<I", flags) + bytes(16 + 8 + 8 + 4 + 8 * 3)
        head += struct.pack("<II", 0, size or 0)
        made += head + name.encode("utf-16-le").ljust(520, b"\0")
    return made


def offered(files: list[tuple[str, bytes]], sizes: list[int | None] | None = None) -> QMimeData:
    mime = QMimeData()
    told = sizes or [len(content) for _, content in files]
    names = [(name, size) for (name, _), size in zip(files, told, strict=True)]
    mime.setData(DESCRIPTOR, QByteArray(descriptor(*names)))
    for number, (_, content) in enumerate(files):
        mime.setData(CONTENTS.format(number), QByteArray(content))
    return mime


def test_files_and_folders(app: QApplication) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile("/a/b.eml"), QUrl("https://voorbeeld.example/x.eml")])
    assert held(mime) == Files((Path("/a/b.eml"),)), "what is on the network is not fetched"


def test_a_message_as_a_virtual_file_keeps_its_bytes(app: QApplication, tmp_path: Path) -> None:
    found = held(offered([("Lot 2.eml", MAIL), ("Lot 2.eml", MAIL + b"PS")]))
    assert isinstance(found, VirtualFiles)
    paths = unpack(found, tmp_path)
    assert [p.name for p in paths] == ["Lot 2.eml", "Lot 2.eml"]
    assert [p.read_bytes() for p in paths] == [MAIL, MAIL + b"PS"]


@pytest.mark.parametrize(
    "name", ["..\\..\\autoexec.bat", "../../etc/cron", "C:\\a.eml", "/x", ".."]
)
def test_a_hostile_name_stays_in_its_folder(app: QApplication, tmp_path: Path, name: str) -> None:
    found = held(offered([(name, MAIL)]))
    if isinstance(found, VirtualFiles):
        for path in unpack(found, tmp_path):
            assert path.resolve().is_relative_to(tmp_path.resolve())
            assert path.read_bytes() == MAIL


def test_half_a_file_is_refused(app: QApplication) -> None:
    assert held(offered([("a.eml", MAIL)], [len(MAIL) + 1])) == Unreadable("slepen.afgebroken")


def test_a_message_without_bytes_says_how_it_can_be_done(app: QApplication) -> None:
    """Classic Outlook offers a message as IStorage, which Qt gives as nothing."""
    assert held(offered([("a.msg", b"")])) == Unreadable("slepen.outlook")
    broken = QMimeData()
    broken.setData(DESCRIPTOR, QByteArray(b"\xff\xff\xff\xff"))
    assert held(broken) == Unreadable("slepen.outlook")
    other = QMimeData()
    other.setData(MAIL_PROGRAM[-1], QByteArray(b"x"))
    assert could_hold(other)
    assert isinstance(held(other), Unreadable | VirtualFiles)


def test_a_picture_is_no_message(app: QApplication) -> None:
    mime = QMimeData()
    mime.setImageData(QImage(2, 2, QImage.Format.Format_RGB32))
    assert not could_hold(mime)
    assert held(mime) == Unreadable("slepen.nee")


def test_dropped_messages_of_outlook_come_in_the_list(real: Driver) -> None:
    real.window.take(offered([("Lot 2.eml", MAIL)]))
    real.until(lambda: real.titles() == ["Lot 2"])
    real.idle()
    folder = real.window._cleanup[0]
    assert folder.is_dir()
    assert folder.parent.name == "tijdelijk", "the next start empties it, also after a crash"
    real.window.ask_close = lambda: True  # type: ignore[method-assign]
    real.window.close()
    assert not folder.exists(), "nothing is left of what was not secured"


def test_what_cannot_be_read_is_said_and_nothing_else_happens(fake: Driver) -> None:
    fake.window.take(offered([("a.msg", b"")]))
    assert "Outlook" in fake.window.task_bar.said
    assert fake.desk.task is None
